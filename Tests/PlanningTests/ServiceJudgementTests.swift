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

    private func judgement(
        isTask: Bool = false,
        mustEnd: Bool = false,
        known: Set<String> = [],
        isAnew: Bool = false,
        bearsFailures: Bool = false,
        delay: Nanoseconds = .seconds(0),
        monitor: Nanoseconds = .seconds(0)
    ) -> ServiceJudgement {
        let wanted = ServiceRef(
            name: "s_web",
            id: "s",
            spec: "1:a",
            image: "i",
            isTask: isTask,
            mustEnd: mustEnd,
            isChecked: false,
            known: known,
            isAnew: isAnew,
            bearsFailures: bearsFailures,
            delay: delay,
            monitor: monitor
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

    @Test func whatEndedBeforeAllAreMadeAnewDoesNotCount() {
        var each = service([task("a", "complete"), task("b", "failed")])
        each.spec = ["Mode": ["Global": [:]]]
        var judgement = judgement(isTask: true, known: ["a", "b"], isAnew: true)
        #expect(judgement.see(each, at: at(0)) == .waiting)
        each.tasks += [task("c", "complete"), task("d", "running")]
        #expect(judgement.see(each, at: at(1)) == .waiting)
        each.tasks[3] = task("d", "complete")
        each.update = "updating"
        #expect(judgement.see(each, at: at(2)) == .waiting, "a node may be to come")
        each.update = "completed"
        #expect(judgement.see(each, at: at(3)) == .met)
    }

    /// Of a service on each node, what failed on one is none of another's, whoever saw it fail.
    @Test(arguments: [true, false])
    func whatFailedOnANodeBeforeIsStillToCome(mustEnd: Bool) {
        typealias Seen = (node: String, state: String)
        func each(_ tasks: [Seen]) -> ObservedService {
            var service = service(
                tasks.enumerated().map { number, seen in
                    var task = task("t\(number)", seen.state)
                    task.node = seen.node
                    return task
                }
            )
            service.spec = ["Mode": ["Global": [:]]]
            return service
        }
        let failed: [Seen] = [("a", "complete"), ("b", "failed"), ("c", "complete")]
        var judgement = judgement(isTask: true, mustEnd: mustEnd, known: ["t0", "t1", "t2"])
        #expect(judgement.see(each(failed), at: at(0)) == .waiting)
        #expect(judgement.see(each(failed + [("b", "complete")]), at: at(1)) == .met)
        guard case .failed = judgement.see(each(failed), at: at(62)) else {
            Issue.record("it came up")
            return
        }
    }

    @Test func tasksMayEnd() {
        var judgement = judgement(isTask: true)
        let done = service([task("a", "complete"), task("b", "complete")])
        #expect(judgement.see(done, at: at(0)) == .met)
        var ended = self.judgement()
        #expect(ended.see(done, at: at(30)) == .waiting)
    }

    /// What another service waits for isn't done because it runs.
    @Test func whatIsAwaitedHasToEnd() {
        var judgement = judgement(isTask: true, mustEnd: true)
        let going = service([task("a", "complete"), task("b", "running")])
        #expect(judgement.see(going, at: at(0)) == .waiting)
        #expect(judgement.see(going, at: at(30)) == .waiting)
        #expect(judgement.see(service([task("a", "complete")]), at: at(31)) == .waiting)
        let done = service([task("a", "complete"), task("b", "complete")])
        #expect(judgement.see(done, at: at(32)) == .met)
        var never = self.judgement(isTask: true, mustEnd: true)
        _ = never.see(going, at: at(0))
        #expect(never.see(going, at: at(61)) == .failed("it did not complete within 60 s"))
    }

    /// Where some may fail, the Swarm counts, and what comes up in the end is good.
    @Test func howManyMayFailIsTheSwarmsToSay() {
        let failing = [task("x", "failed"), task("a", "running"), task("b", "running")]
        var judgement = judgement(bearsFailures: true)
        #expect(judgement.see(service(failing), at: at(0)) == .waiting)
        #expect(judgement.see(service(failing), at: at(10)) == .met)
        var given = self.judgement(bearsFailures: true)
        let words =
            "the Swarm gave the update up: no; a task ended with status 3 "
            + "(task: non-zero exit (3))"
        #expect(given.see(service(failing, update: "paused"), at: at(0)) == .failed(words))
    }

    /// An update of many batches may take longer than any of them may.
    @Test func whatGoesOnHasTime() {
        let old = task("o", "running", spec: "1:b")
        var judgement = judgement(delay: .seconds(100))
        #expect(judgement.see(service([old]), at: at(0)) == .waiting)
        #expect(judgement.see(service([old, task("a", "running")]), at: at(150)) == .waiting)
        let both = service([old, task("a", "running"), task("b", "running")])
        #expect(judgement.see(both, at: at(300)) == .waiting)
        // One that comes and goes is no progress.
        #expect(judgement.see(service([old, task("c", "running")]), at: at(400)) == .waiting)
        #expect(judgement.see(both, at: at(460)) == .waiting)
        #expect(
            judgement.see(both, at: at(461)) == .failed("it was not stable within 160 s")
        )
    }

    /// A node that went took its tasks along, which says nothing of the version; a second time it
    /// does, and so does an end of its own.
    @Test func whatBefellANodeIsNoVerdict() {
        func killed(_ id: String, _ code: Int, moved: Bool = true) -> ObservedTask {
            var task = task(id, "failed")
            task.exitCode = code
            task.nodeChanged = moved
            return task
        }
        var judgement = judgement()
        let lost = [killed("x", 137), killed("w", 128), task("a", "running")]
        #expect(judgement.see(service(lost), at: at(0)) == .waiting)
        guard case .failed = judgement.see(service(lost, update: "paused"), at: at(1)) else {
            Issue.record("an update that the Swarm gave up does not go on by itself")
            return
        }
        #expect(judgement.blamesNodes)
        // Its node is away, and it runs there for all that is known.
        var away = task("z", "running")
        away.isWanted = false
        away.nodeChanged = true
        var third = self.judgement()
        _ = third.see(service([away, task("a", "running")], update: "paused"), at: at(0))
        #expect(third.blamesNodes)
        // Whoever looks since may have found it ended already; what ends since is another matter.
        var late = self.judgement(known: ["x"])
        let known = [killed("x", 137), task("a", "running")]
        _ = late.see(service(known, update: "paused"), at: at(0))
        #expect(late.blamesNodes)
        _ = late.see(service(known + [killed("v", 3)], update: "paused"), at: at(1))
        #expect(!late.blamesNodes)
        var ended = self.judgement()
        let done = [task("a", "complete")].map { task in
            var task = task
            task.nodeChanged = true
            return task
        }
        _ = ended.see(service(done, update: "paused"), at: at(0))
        #expect(!ended.blamesNodes)
        let bads = [
            killed("y", 137, moved: false), killed("y", 128, moved: false), killed("y", 3),
        ]
        for bad in bads {
            var other = self.judgement()
            guard case .failed = other.see(service(lost + [bad]), at: at(0)) else {
                Issue.record("\(bad)")
                continue
            }
            #expect(!other.blamesNodes)
        }
    }

    @Test func itIsWatchedForAsLongAsItsFileSays() {
        var judgement = judgement(monitor: .seconds(30))
        let up = service([task("a", "running"), task("b", "running")])
        _ = judgement.see(up, at: at(0))
        #expect(judgement.see(up, at: at(29)) == .waiting)
        #expect(judgement.see(up, at: at(30)) == .met)
    }
}
