import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Another Swarm where one was: what isn't there is not gone.
@Suite("Another Swarm", .timeLimit(.minutes(10)))
struct SwarmStrangerTests {
    private let first = SwarmEngine()
    private let second = SwarmEngine()

    /// A stack that is good on the first Swarm.
    private func good() async throws -> SimulatedTeam {
        first.state.withLock { $0.id = "first" }
        second.state.withLock { $0.id = "second" }
        let team = try SimulatedTeam("services: {web: {image: 'web:1.0'}}")
        // Written before a Swarm's id was, and by a controller of an engine.
        let before = JournalEntry.engineKnown(node: "main", id: "engine")
        try await team.journal.append([before], at: Instant(milliseconds: 0))
        let status = try await team.settle(try await team.controller(on: first))
        #expect(status.state == .ready, "\(status.problems)")
        #expect(team.journal.state().engines == ["main": "engine", "main/": "first"])
        return team
    }

    @Test("says nothing of what the first one has, and is sent nothing")
    func refused() async throws {
        let team = try await good()
        let before = team.journal.state()
        let later = try await team.controller(on: second)
        let status = try await team.settle(later)
        #expect(status.state == .unknown, "\(status)")
        let problem = try #require(status.problems.first { $0.kind == .engine })
        #expect(problem.message.contains("gyre nodes accept"), "\(problem)")
        #expect(second.sent.isEmpty && team.journal.state() == before)

        let services = first.services.map(\.version)
        let again = try await team.settle(try await team.controller(on: first))
        #expect(again.state == .ready, "\(again.problems)")
        #expect(first.services.map(\.version) == services)
    }

    @Test("has all made anew when a person says that the first one is gone")
    func accepted() async throws {
        let team = try await good()
        let later = try await team.controller(on: second)
        try await later.accept("main", by: "ann")
        #expect(team.journal.state().engines == ["main": "engine", "main/": "second"])
        #expect(team.audit.of(.acted).contains { $0.facts["demand"] == "nodes accept" })
        await later.survey()
        let status = try await team.settle(later)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(second.services.map(\.name) == ["shop_web"])
    }
}
