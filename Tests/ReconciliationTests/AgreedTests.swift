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

    /// A stack of twenty services.
    private func good() async throws -> (SimulatedTeam, Controller) {
        let team = try SimulatedTeam(Self.compose(20), local: ["web:1.0"])
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        return (team, controller)
    }

    /// Who agrees, and how.
    enum Leave: String, CaseIterable {
        case command = "change"
        case trailers = "commit_names"
    }

    /// So many of the services are to stay, and somebody agrees to that.
    private func agree(
        to services: Int,
        by leave: Leave,
        _ team: SimulatedTeam,
        _ controller: Controller
    ) async throws {
        let names = (services + 1...20).map { "shop/s\($0)" }
        team.repository.push(Self.compose(services), naming: leave == .trailers ? names : [])
        await controller.survey()
        guard leave == .command else { return }
        let waiting = try await team.settle(controller)
        let change = try #require(waiting.problems.compactMap(\.change).first, "\(waiting)")
        try await controller.confirm(team.shop, change: change, by: "op")
    }

    /// Lets a pass go as far as the first removals, after which the engine gives up.
    private func begin(_ team: SimulatedTeam, _ controller: Controller) async throws {
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
    }

    /// A stack of twenty services of which two are to stay, which was agreed to; the engine gave
    /// up after the first removals.
    private func halfway(by leave: Leave = .command) async throws -> SimulatedTeam {
        let (team, controller) = try await good()
        try await agree(to: 2, by: leave, team, controller)
        try await begin(team, controller)
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

    /// Who agreed is found by the run that goes on.
    @Test(
        "a commit that changes nothing of the stack takes no agreement back",
        arguments: Leave.allCases
    )
    func unrelated(leave: Leave) async throws {
        let team = try await halfway(by: leave)
        let compose = Snapshot.Entry.file(Array(Self.compose(2).utf8))
        team.repository.push(["compose.yaml": compose, "README": .file([])])
        let controller = try await team.controller()
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status)")
        #expect(team.engine.node.containers.count == 2)
        #expect(!team.engine.state.withLock(\.sent).contains(.createContainer))
        let decisions = team.audit.of(.decided).map(\.facts)
        let agreed = try #require(decisions.first { $0["approval"]?[leave.rawValue] != nil })
        #expect(decisions.last?["run"] != agreed["run"])
        #expect(decisions.last?["approval"]?["run"] == agreed["run"], "\(decisions)")
    }

    @Test("nor does it of a stack that is to go")
    func whole() async throws {
        let (team, controller) = try await good()
        team.repository.push([:], naming: ["shop"])
        await controller.survey()
        try await begin(team, controller)
        team.repository.push(["README": .file([])])
        let next = try await team.controller()
        _ = try await next.pulling { try await next.settle(team.shop, listener: { _ in }) }
        #expect(team.engine.node.containers.isEmpty)
        #expect(!team.engine.state.withLock(\.sent).contains(.createContainer))
        #expect(!team.journal.state().stacks.contains(team.shop))
    }

    @Test("what more is to go waits for a person")
    func more() async throws {
        let team = try await halfway()
        team.repository.push(Self.compose(1))
        let controller = try await team.controller()
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.kind == .unconfirmed }, "\(status)")
    }

    @Test("what another version takes away waits for a person, be it the same")
    func another() async throws {
        let team = try await halfway()
        team.repository.push(Self.compose(2).replacing("s1: {", with: "s1: {hostname: other, "))
        let controller = try await team.controller()
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.kind == .unconfirmed }, "\(status)")
    }

    @Test("an agreement of which nothing was done ends when what is good is the head again")
    func takenBack() async throws {
        let (team, controller) = try await good()
        let first = try #require(team.repository.good)
        try await agree(to: 2, by: .command, team, controller)
        team.engine.state.withLock { state in
            state.refusals = [.stopContainer: NoAnswer(), .removeContainer: NoAnswer()]
        }
        _ = try await team.settle(controller)
        team.engine.state.withLock { $0.refusals = [:] }
        let known = team.journal.state()
        #expect(known.agreed[team.shop] != nil && known.begun[team.shop] != nil)
        team.repository.reset(to: first)
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        let state = team.journal.state()
        #expect(state.agreed.isEmpty && state.begun.isEmpty)
        team.repository.push(Self.compose(8))
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.kind == .unconfirmed }, "\(status)")
        #expect(team.engine.node.containers.count == 20)
    }

    /// As when something depends on what is to go, or the engine is silent.
    @Test("nor does it outlive a head that has no use for it", arguments: [0, 2])
    func takenBackAtOnce(left: Int) async throws {
        let (team, controller) = try await good()
        let first = try #require(team.repository.good)
        let next = left == 0 ? team.repository.push([:]) : team.repository.push(Self.compose(left))
        await controller.survey()
        let waiting = try await team.settle(controller)
        let change = try #require(waiting.problems.compactMap(\.change).first, "\(waiting)")
        try await controller.confirm(team.shop, change: change, by: "op")
        team.repository.reset(to: first)
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.journal.state().confirmations.isEmpty)
        team.repository.reset(to: next)
        await controller.survey()
        let again = try await team.settle(controller)
        #expect(again.problems.contains { $0.kind == .unconfirmed }, "\(again)")
        #expect(team.engine.node.containers.count == 20)
    }
}
