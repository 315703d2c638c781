import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What a status says while things go on, and when they don't.
@Suite("Status", .timeLimit(.minutes(10)))
struct StatusTests {
    private static let compose = """
        services:
          db:
            image: web:1.0
          web:
            image: web:1.0
            scale: 2
            depends_on: [db]
        """

    private func team(_ compose: String = compose) throws -> SimulatedTeam {
        try SimulatedTeam(compose, local: ["web:1.0", "web:2.0", "bad:1"])
    }

    /// The statuses that somebody sees who asks all the time while `body` goes on.
    private func seen(
        _ team: SimulatedTeam,
        _ controller: Controller,
        _ body: () async throws -> Void
    ) async throws -> [StackStatus] {
        let statuses = Box()
        team.engine.state.withLock {
            $0.onSleep = {
                if let status = try? await team.status(controller) { statuses.add(status) }
            }
        }
        try await body()
        team.engine.state.withLock { $0.onSleep = nil }
        return statuses.all
    }

    @Test("a first run is shown as it goes on")
    func firstRun() async throws {
        let team = try team()
        let controller = try await team.controller()
        let seen = try await seen(team, controller) { try await team.settle(controller) }
        let last = try #require(seen.last)
        #expect(last.services.map(\.running) == [1, 2])
        #expect(last.services.map(\.wanted) == [1, 2])
        #expect(last.target == last.head?.id && last.observed != nil)
        let run = try #require(last.run)
        #expect(run.step?.hasPrefix("wait until shop-") == true)
        #expect(run.steps > run.done && run.done > 0)
        #expect(try await team.status(controller).run == nil)
    }

    @Test("an engine that doesn't answer is told of once")
    func neverAnswered() async throws {
        let team = try team()
        team.engine.state.withLock { $0.failure = NoAnswer() }
        let status = try await team.settle(try await team.controller())
        #expect(status.problems.map(\.kind) == [.engine], "\(status.problems)")
    }

    @Test("a push of another version ends what was said of the one before")
    func anotherVersion() async throws {
        let team = try team()
        let controller = try await team.controller()
        try await team.settle(controller)
        team.engine.change { $0.behaviours[SimulatedNode.pin("bad:1").imageID] = .exits(1) }
        team.repository.push(Self.compose.replacing("web:1.0", with: "bad:1"))
        await controller.survey()
        let held = try await team.settle(controller)
        #expect(held.problems.map(\.kind) == [.held])
        #expect(held.services.map(\.running) == [1, 2], "what was good serves")

        let fix = team.repository.push(Self.compose.replacing("web:1.0", with: "web:2.0"))
        await controller.survey()
        let seen = try await seen(team, controller) { try await team.settle(controller) }
        #expect(seen.allSatisfy { $0.head == fix && $0.problems.isEmpty })
        #expect(try await team.status(controller).state == .ready)
    }

    @Test("a first version that failed is counted by what it wanted")
    func firstFailure() async throws {
        let team = try team(Self.compose + "\n    healthcheck: {test: [CMD, 'true']}\n")
        team.engine.change { $0.behaviours[SimulatedNode.pin("web:1.0").imageID] = .sickens }
        let controller = try await team.controller()
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.held])
        #expect(status.services.map(\.wanted) == [1, 2])
    }

    @Test("what was seen last stands while the engine does not answer")
    func silentEngine() async throws {
        let team = try team()
        let controller = try await team.controller()
        let before = try await team.settle(controller)
        team.engine.state.withLock { $0.failure = NoAnswer() }
        let after = try await team.settle(controller)
        #expect(after.state == .unknown)
        #expect(after.services == before.services)
        #expect(after.observed == before.observed)
        #expect(after.target == before.target)
    }

    @Test("without a journal nobody knows how many there should be")
    func frozen() async throws {
        let team = try team()
        try await team.settle(try await team.controller())
        let controller = try await team.controller(journal: FakeJournal())
        let status = try await team.settle(controller)
        #expect(status.services.map(\.wanted) == [nil, nil])
        #expect(status.services.map(\.running) == [1, 2])
        #expect(status.target == nil)
    }

    @Test("what differs is out of sync while nobody sees to it")
    func unattended() async throws {
        let team = try team()
        let controller = try await team.controller()
        try await controller.look(at: team.shop)
        #expect(try await team.status(controller).state == .outOfSync)
        #expect(try await team.settle(controller).state == .ready)
        team.engine.change { $0.befall(.killed, "shop-db-1") }
        try await controller.look(at: team.shop)
        let status = try await team.status(controller)
        #expect(status.state == .outOfSync && status.services.map(\.running) == [0, 2])
    }

    @Test("a silent engine is told of though no pass is due")
    func heartbeat() async throws {
        let team = try team()
        let controller = Controller(try SimulatedTeam.settings(), team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { (try? await team.status(controller))?.state == .ready }
        team.engine.state.withLock { $0.silence = NoAnswer() }
        try await eventually { await controller.status().engineProblem != nil }
        let status = try await team.status(controller)
        #expect(status.state == .unknown)
        #expect(status.problems.first?.kind == .engine)
        team.engine.state.withLock { $0.silence = nil }
        try await eventually { (try? await team.status(controller))?.state == .ready }
        #expect(await controller.status().engineProblem == nil)
    }

    private func eventually(_ isSo: () async throws -> Bool) async throws {
        for _ in 0..<2000 {
            if try await isSo() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it never came true")
    }
}

/// What was seen, in order.
private final class Box: Sendable {
    private let kept = Mutex<[StackStatus]>([])

    var all: [StackStatus] { kept.withLock { $0 } }
    func add(_ status: StackStatus) { kept.withLock { $0.append(status) } }
}
