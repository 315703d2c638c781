import Model
import Planning
import Testing

/// How a Swarm's service is judged.
@Suite struct ServiceJudgementTests {
    private let window = Judgement.Window(
        running: .seconds(10),
        healthy: .seconds(5),
        deadline: .seconds(60)
    )

    private func judgement(isTask: Bool = false, known: Set<String> = []) -> ServiceJudgement {
        let wanted = ServiceRef(
            name: "s_web",
            id: "s",
            spec: "1:a",
            image: "i",
            isTask: isTask,
            isChecked: false,
            known: known
        )
        return ServiceJudgement(wanted, image: "i", window: window, began: at(0))
    }

    private func at(_ seconds: Int64) -> Instant { Instant(milliseconds: seconds * 1000) }

    private func task(_ id: String, _ state: String, spec: String = "1:a") -> ObservedTask {
        ObservedTask(
            id: id,
            state: state,
            isWanted: ["running", "starting", "pending"].contains(state),
            image: "i",
            labels: [Labels.spec: spec],
            exitCode: state == "failed" ? 3 : nil,
            error: state == "failed" ? "task: non-zero exit (3)" : ""
        )
    }

    private func service(_ tasks: [ObservedTask], update: String? = nil) -> ObservedService {
        ObservedService(
            id: "s",
            version: 1,
            name: "s_web",
            spec: ["Mode": ["Replicated": ["Replicas": 2]]],
            update: update,
            message: "no",
            tasks: tasks
        )
    }

    @Test func itIsGoodWhenTheSameTasksRunThroughTheWindow() {
        var judgement = judgement()
        let one = service([task("a", "running"), task("b", "running")])
        #expect(judgement.see(one, at: at(0)) == .waiting)
        #expect(judgement.see(one, at: at(9)) == .waiting)
        let other = service([task("a", "running"), task("c", "running")])
        #expect(judgement.see(other, at: at(10)) == .waiting)
        #expect(judgement.see(other, at: at(19)) == .waiting)
        #expect(judgement.see(other, at: at(20)) == .met)
    }

    @Test func tasksOfAnotherVersionDoNotCount() {
        var judgement = judgement()
        let old = service([
            task("a", "running"), task("b", "running"), task("o", "running", spec: "1:b"),
        ])
        _ = judgement.see(old, at: at(0))
        #expect(judgement.see(old, at: at(30)) == .waiting)
        let failed = service([task("o", "failed", spec: "1:b"), task("a", "running")])
        #expect(judgement.see(failed, at: at(31)) == .waiting)
    }

    @Test func oneThatFailsSaysEnoughUnlessItFailedBefore() {
        var judgement = judgement()
        let words = "a task ended with status 3 (task: non-zero exit (3))"
        #expect(
            judgement.see(service([task("a", "failed")]), at: at(0)) == .failed(words)
        )
        var later = self.judgement(known: ["a"])
        #expect(later.see(service([task("a", "failed")]), at: at(0)) == .waiting)
    }

    @Test func whatTheSwarmGaveUpHasFailed() {
        var judgement = judgement()
        let verdict = judgement.see(service([], update: "paused"), at: at(0))
        #expect(verdict == .failed("the Swarm gave the update up: no"))
        var gone = self.judgement()
        #expect(gone.see(nil, at: at(0)) == .failed("it was removed"))
    }

    @Test func itDoesNotWaitForEver() {
        var judgement = judgement()
        var waiting = task("a", "pending")
        waiting.error = "no suitable node"
        #expect(judgement.see(service([waiting]), at: at(60)) == .waiting)
        #expect(
            judgement.see(service([waiting]), at: at(61))
                == .failed("it was not stable within 60 s: no suitable node")
        )
    }

    @Test func tasksMayEnd() {
        var judgement = judgement(isTask: true)
        let done = service([task("a", "complete"), task("b", "complete")])
        #expect(judgement.see(done, at: at(0)) == .met)
        var ended = self.judgement()
        #expect(ended.see(done, at: at(30)) == .waiting)
    }
}
