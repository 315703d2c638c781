import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What the history says of runs.
@Suite("History", .timeLimit(.minutes(10)))
struct HistoryTests {
    private static let compose = "services:\n  web:\n    image: web:1.0\n"

    @Test(
        "whatever happens to what was stable, bringing it back is a repair",
        arguments: [SimulatedNode.Mishap.paused, .stopped, .killed, .removed, .dead, .disconnected]
    )
    func repairs(_ mishap: SimulatedNode.Mishap) async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0", "web:2.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        team.engine.change { $0.befall(mishap, "shop-web-1") }
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(team.history.runs.map(\.result) == [.deployed, .repaired])
        team.repository.push(Self.compose.replacing("1.0", with: "2.0"))
        await controller.survey()
        try await team.settle(controller)
        #expect(team.history.runs.map(\.result) == [.deployed, .repaired, .deployed])
    }

    @Test("a container that is just being removed is replaced under its own name, in one run")
    func removing() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0"])
        let controller = try await team.controller()
        try await team.settle(controller)
        let old = try #require(team.engine.node.id(named: "shop-web-1"))
        team.engine.change { $0.containers[old]?.seen.state = .removing }
        team.engine.state.withLock {
            $0.onSleep = { team.engine.change { $0.containers[old] = nil } }
        }
        try await team.settle(controller)
        try await team.settle(controller)
        #expect(team.history.runs.map(\.result) == [.deployed, .repaired])
        #expect(team.engine.node.id(named: "shop-web-1") != nil)
    }

    @Test("a first run that was cut off is there, and so is the one that only waits")
    func interrupted() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0"])
        let controller = try await team.controller()
        let holder = Holder()
        let run = Task {
            _ = try await controller.settle(team.shop) { event in
                if case .began(_, let step) = event, case .wait = step.operation { holder.cancel() }
            }
        }
        holder.hold(run)
        try await run.value
        #expect(team.history.runs.map(\.result) == [.interrupted])

        try await team.settle(controller)
        #expect(team.history.runs.map(\.result) == [.interrupted, .deployed])
        let last = try #require(team.history.runs.last)
        #expect(last.steps.map(\.text) == ["wait until shop-web-1 is stable"])
        try await team.settle(controller)
        #expect(team.history.runs.count == 2, "nothing to do is no run")
    }

    @Test("what is started again while nothing can be planned is a repair")
    func startedAgain() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0"])
        try await team.settle(try await team.controller())
        team.engine.change { $0.befall(.killed, "shop-web-1") }
        try await team.settle(try await team.controller(journal: FakeJournal()))
        #expect(team.history.runs.map(\.result) == [.deployed, .repaired])
        #expect(team.history.runs.last?.commit == nil)
    }

    @Test("a failure is one sentence that begins with its cause")
    func failure() async throws {
        let compose = Self.compose + "    healthcheck: {test: [CMD, 'true'], interval: 2s}\n"
        let team = try SimulatedTeam(compose, local: ["web:1.0"])
        team.engine.change { $0.behaviours[SimulatedNode.pin("web:1.0").imageID] = .sickens }
        team.engine.state.withLock { $0.log = "one\ntwo\n" }
        let controller = try await team.controller()
        let status = try await team.settle(controller)
        let run = try #require(team.history.runs.first)
        let why = "its health check failed with status 1: no route"
        #expect(run.result == .failed)
        #expect(run.summary == "wait until shop-web-1 is stable: \(why)")
        let step = try #require(run.steps.first { $0.result == "failed" })
        #expect(step.message == "\(why); it last wrote:\none\ntwo")
        #expect(status.problems.first?.kind == .held)
        #expect(status.problems.first?.message.contains(why) == true)
    }

    @Test("a message does not say again what was being done")
    func refusal() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0"])
        team.engine.state.withLock { $0.refusals[.startContainer] = NoStart() }
        let status = try await team.settle(try await team.controller())
        #expect(status.problems.first?.message.contains("start shop-web-1: no such file") == true)
        let run = try #require(team.history.runs.first)
        #expect(run.summary == "start shop-web-1: no such file")
    }
}

/// A refusal that says itself what was being done.
private struct NoStart: ClassifiedError, CustomStringConvertible {
    var kind: StepFailure.Kind { .permanent }
    var reason: String { "no such file" }
    var description: String { "start container abc: \(reason)" }
}

/// A task that something in it can cancel.
private final class Holder: Sendable {
    private let held = Mutex<(task: Task<Void, any Error>?, isOver: Bool)>((nil, false))

    func hold(_ task: Task<Void, any Error>) {
        let isOver = held.withLock { held in
            held.task = task
            return held.isOver
        }
        if isOver { task.cancel() }
    }

    func cancel() {
        let task = held.withLock { held in
            held.isOver = true
            return held.task
        }
        task?.cancel()
    }
}
