import Model
import Synchronization
import TestSupport
import Testing

@testable import Reconciliation

/// Controllers of several machines that lead in turn: each has mirrors of its own, and one that
/// leads again has what it fetched when it led last.
@Suite("A lead that comes back", .timeLimit(.minutes(10)))
struct LeadReturnsTests {
    private func compose(_ version: String) -> String {
        "services: {web: {image: 'web:\(version)'}}"
    }

    private static let shared = """
        controller: test
        swarm: {managers: {a: {engine: unix:///run/a.sock}}, shared: true}
        projects: {shop: {repositories: [{url: /srv/shop}]}}
        """

    private func team() throws -> SimulatedTeam {
        try SimulatedTeam(compose("1.0"), local: ["web:1.0", "web:2.0"])
    }

    /// What a machine has that led at the first commit, and now nobody answers to.
    private func forget(_ team: SimulatedTeam) {
        team.repository.state.withLock { state in
            state.fetched = state.commits[0]
            state.good = state.commits[0]
            state.goods[team.shop] = state.commits[0]
            state.hangs = true
        }
    }

    @Test("what it fetched when it led before is not gone back to")
    func older() async throws {
        let team = try team()
        #expect(try await team.settle(try await team.controller()).state == .ready)
        let next = team.repository.push(compose("2.0"))
        #expect(try await team.settle(try await team.controller()).state == .ready)
        let serving = Set(team.engine.node.containers.keys)
        forget(team)

        let controller = Controller(try SimulatedTeam.settings(Self.shared), team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { (try? await team.status(controller))?.observed != nil }
        let before = try await team.status(controller)
        #expect(before.head == nil && before.target == nil && before.state == .unknown)
        team.repository.state.withLock { $0.hangs = false }
        try await eventually { try await team.status(controller).state == .ready }
        #expect(try await team.status(controller).target == next.id)
        #expect(Set(team.engine.node.containers.keys) == serving)
    }

    @Test("what is good by the journal is not an older version that was good here")
    func good() async throws {
        let team = try team()
        #expect(try await team.settle(try await team.controller()).state == .ready)
        team.repository.push(compose("2.0"))
        #expect(try await team.settle(try await team.controller()).state == .ready)
        let serving = Set(team.engine.node.containers.keys)
        forget(team)
        team.repository.state.withLock { state in
            state.hangs = false
            state.failure = FakeRepository.UnknownCommit()
        }
        let controller = Controller(try SimulatedTeam.settings(Self.shared), team.parts())
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.repository] && status.target == nil)
        #expect(Set(team.engine.node.containers.keys) == serving)
    }

    @Test("a version that has begun is not taken back before the repository has answered")
    func begun() async throws {
        let team = try team()
        #expect(try await team.settle(try await team.controller()).state == .ready)
        let first = try #require(team.repository.good)
        team.repository.push(compose("2.0"))
        // The leader dies with half of it done.
        team.engine.state.withLock { $0.refusals[.stopContainer] = NoAnswer() }
        let dying = try await team.controller()
        _ = try await team.settle(dying)
        team.engine.state.withLock { $0.refusals = [:] }
        #expect(team.journal.state().begun[team.shop] != nil)
        #expect(team.engine.node.containers.count == 2)
        let made = Set(team.engine.node.containers.keys)
        team.repository.state.withLock { $0.hangs = true }

        let controller = Controller(try SimulatedTeam.settings(Self.shared), team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { (try? await team.status(controller))?.observed != nil }
        #expect(try await team.status(controller).target != first.id)
        #expect(Set(team.engine.node.containers.keys) == made)
        team.repository.state.withLock { $0.hangs = false }
        try await eventually { try await team.status(controller).state == .ready }
        #expect(team.repository.good?.message == "2")
    }
}
