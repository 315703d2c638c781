import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What a person agreed to is done to its end, and nothing else is.
@Suite("Agreed", .timeLimit(.minutes(10)))
struct AgreedTests {
    private static func compose(_ services: Int) -> String {
        "services:\n" + (1...services).map { "  s\($0): {image: 'web:1.0'}\n" }.joined()
    }

    /// A stack of twenty services of which two are to stay, which was agreed to; the engine gave
    /// up after the first removals.
    private func halfway() async throws -> SimulatedTeam {
        let team = try SimulatedTeam(Self.compose(20), local: ["web:1.0"])
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        team.repository.push(Self.compose(2))
        await controller.survey()
        let waiting = try await team.settle(controller)
        let change = try #require(waiting.problems.compactMap(\.change).first, "\(waiting)")
        try await controller.confirm(team.shop, change: change, by: "op")
        let left = Mutex(2)
        team.engine.state.withLock { state in
            state.onSent = { [engine = team.engine] action in
                guard action == .removeContainer else { return }
                let isOver = left.withLock { left in
                    left -= 1
                    return left <= 0
                }
                if isOver { engine.state.withLock { $0.failure = NoAnswer() } }
            }
        }
        _ = try await team.settle(controller)
        team.engine.state.withLock { state in
            state.onSent = nil
            state.failure = nil
            state.sent = []
        }
        #expect((10..<20).contains(team.engine.node.containers.count))
        return team
    }

    @Test("the next controller goes on without asking again")
    func rest() async throws {
        let team = try await halfway()
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.engine.node.containers.count == 2)
        #expect(!team.engine.state.withLock(\.sent).contains(.createContainer))
        #expect(team.journal.state().agreed.isEmpty)
    }

    @Test("what more is to go waits for a person")
    func more() async throws {
        let team = try await halfway()
        team.repository.push(Self.compose(1))
        let controller = try await team.controller()
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.kind == .unconfirmed }, "\(status)")
    }
}
