import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What a controller does when it can't build on its journal.
@Suite("Trust", .timeLimit(.minutes(10)))
struct TrustTests {
    private static let compose = "services:\n  web:\n    image: web:1.0\n"

    @Test("a journal that is taken away freezes change, and recover begins a new one")
    func lost() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0", "web:2.0"])
        let journal = LosableJournal()
        let controller = try await team.controller(journal: journal)
        #expect(try await team.settle(controller).state == .ready)

        #expect(try await controller.findings() == RecoveryFindings())
        #expect(try await controller.recover(by: "op").reason == nil)
        await #expect(throws: NotPossible.self) {
            try await controller.recover(by: "op", taking: ["shop-web-1"])
        }
        #expect(try await team.settle(controller).state == .ready)

        journal.lose("journal.sqlite was removed")
        #expect(await controller.status().frozen == "journal.sqlite was removed")
        team.repository.push(Self.compose.replacing("web:1.0", with: "web:2.0"))
        await controller.survey()
        let before = team.engine.node
        let frozen = try await team.settle(controller)
        #expect(frozen.problems.map(\.kind) == [.frozen], "\(frozen)")
        #expect(team.engine.node.containers == before.containers)
        await #expect(throws: NotPossible.self) {
            try await controller.release(team.shop, by: "op")
        }

        #expect(try await controller.findings().objects.count == 2)
        _ = try await controller.recover(by: "op")
        #expect(journal.loss() == nil)
        #expect(await controller.status().frozen == nil)
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.engine.node.containers.keys != before.containers.keys)
    }

    /// A stack of two services whose journal's disk is full.
    ///
    /// Only what is new can't be written. Of its containers one was removed and one killed;
    /// `change` is made before that, and `body` gets what a pass comes to, and the one killed.
    private func onFullDisk(
        after change: (SimulatedTeam, Controller) async throws -> Void,
        then body: (StackStatus, SimulatedNode.Container?) throws -> Void
    ) async throws {
        let team = try SimulatedTeam(
            Self.compose + "  side:\n    image: web:1.0\n",
            local: ["web:1.0"]
        )
        let journal = LosableJournal()
        let controller = try await team.controller(journal: journal)
        #expect(try await team.settle(controller).state == .ready)
        try await change(team, controller)
        journal.fill(true)
        let removed = try #require(team.engine.node.id(named: "shop-web-1"))
        let killed = try #require(team.engine.node.id(named: "shop-side-1"))
        team.engine.change { node in
            node.containers[removed] = nil
            node.containers[killed]?.seen.state = .exited
        }
        try body(try await team.settle(controller), team.engine.node.containers[killed])

        journal.fill(false)
        team.repository.push(Self.compose)
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
    }

    @Test("a journal on a full disk stops change, tells so once, and lets repair go on")
    func full() async throws {
        try await onFullDisk { _, _ in
        } then: { status, killed in
            #expect(status.problems.map(\.message) == ["the disk is full"], "\(status)")
            #expect(status.services.map(\.running) == [1, 0], "side and web, as they are now")
            #expect(killed?.seen.state == .running)
        }
    }

    @Test("what keeps a repair from being written down is told, and keeps nothing from running")
    func unwritten() async throws {
        // Neither the head nor a good version leads to a plan, so repair is all there is.
        try await onFullDisk { team, controller in
            team.repository.push("services: {web: {image: 1, oops: 2}}")
            team.repository.state.withLock { $0.good = nil }
            await controller.survey()
        } then: { status, killed in
            #expect(status.problems.map(\.kind) == [.invalid, .failing], "\(status)")
            #expect(status.problems.last?.message == "the disk is full")
            #expect(killed?.seen.state == .running)
        }
    }

    @Test("an engine that does not answer is no lost journal")
    func silentEngine() async throws {
        let team = try SimulatedTeam(Self.compose, local: ["web:1.0"])
        team.engine.state.withLock { $0.failure = NoAnswer() }
        let controller = try await team.controller()
        let status = await controller.status()
        #expect(status.frozen == nil)
        #expect(status.engineProblem == "the engine does not answer")
        let stack = try await team.settle(controller)
        #expect(stack.state == .unknown)
        #expect(Set(stack.problems.map(\.kind)) == [.engine], "\(stack.problems)")
        let preview = try await controller.plan(team.shop)
        #expect(preview.problems.map(\.kind) == [.engine])
        // One that only says nothing to the question whether it answers is asked no more either.
        team.engine.state.withLock { state in
            state.failure = nil
            state.silence = NoAnswer()
        }
        #expect(try await controller.plan(team.shop).plan == nil)
        #expect(try await controller.compare(team.shop).preview.problems == preview.problems)
        team.engine.state.withLock { $0.failure = NoAnswer() }
        await #expect(throws: NoAnswer.self) { try await controller.findings() }

        team.engine.state.withLock { state in
            state.failure = nil
            state.silence = nil
        }
        await controller.survey()
        #expect(await controller.status().engineProblem == nil)
        #expect(try await team.settle(controller).state == .ready)

        // And one that has fallen silent since.
        team.engine.state.withLock { $0.silence = NoAnswer() }
        #expect(try await controller.plan(team.shop).problems.map(\.kind) == [.engine])
    }
}

/// A journal that somebody can take away.
final class LosableJournal: JournalKeeping {
    private let kept = Mutex<(state: JournalState, loss: String?)>((JournalState(), nil))
    private let isFull = Mutex(false)

    func state() -> JournalState { kept.withLock { $0.state } }
    func loss() -> String? { kept.withLock { $0.loss } }
    func lose(_ reason: String) { kept.withLock { $0.loss = reason } }
    func fill(_ isFull: Bool) { self.isFull.withLock { $0 = isFull } }
    func beginAnew() { kept.withLock { $0 = (JournalState(), nil) } }

    func append(_ entries: [JournalEntry], at time: Instant) async throws {
        try kept.withLock { kept in
            if let loss = kept.loss { throw NotPossible(loss) }
            if isFull.withLock({ $0 }) { throw NotPossible("the disk is full") }
            for entry in entries { kept.state.apply(entry) }
        }
    }
}
