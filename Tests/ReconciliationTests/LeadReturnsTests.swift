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

    /// How a repository doesn't say what it is at.
    enum Silence: CaseIterable {
        case hangs, fails

        func begin(_ team: SimulatedTeam) {
            team.repository.state.withLock { state in
                state.hangs = self == .hangs
                state.failure = self == .fails ? FakeRepository.UnknownCommit() : nil
            }
        }

        func end(_ team: SimulatedTeam) {
            team.repository.state.withLock { state in
                state.hangs = false
                state.failure = nil
            }
        }

        /// Whether a pass has been made since then.
        func isSeen(_ status: StackStatus) -> Bool {
            let isTold = status.problems.contains { $0.kind == .repository }
            return status.observed != nil && isTold == (self == .fails)
        }
    }

    /// A controller that leads from here on, and has made a pass in that silence.
    private func lead(
        _ team: SimulatedTeam,
        _ silence: Silence,
        _ body: (Controller) async throws -> Void
    ) async throws {
        silence.begin(team)
        let controller = Controller(try SimulatedTeam.settings(Self.shared), team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { (try? await team.status(controller)).map(silence.isSeen) ?? false }
        try await body(controller)
    }

    @Test(
        "a version that has begun is not taken back before the repository has answered",
        arguments: Silence.allCases
    )
    func begun(silence: Silence) async throws {
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

        try await lead(team, silence) { controller in
            #expect(try await team.status(controller).target != first.id)
            let running = team.engine.node.containers.filter { $0.value.isRunning }.keys
            #expect(!running.isEmpty)
            team.engine.change { node in
                for id in running { node.containers[id]?.seen.state = .exited }
            }
            try await eventually { team.engine.node.isServing }
            #expect(Set(team.engine.node.containers.keys) == made)
            silence.end(team)
            try await eventually { try await team.status(controller).state == .ready }
            #expect(team.repository.good?.message == "2")
        }
    }

    @Test("nor is made again what a person agreed to lose", arguments: Silence.allCases)
    func agreed(silence: Silence) async throws {
        let image = "{image: 'web:1.0'}"
        let team = try SimulatedTeam("services: {a: \(image), b: \(image)}", local: ["web:1.0"])
        let dying = try await team.controller()
        #expect(try await team.settle(dying).state == .ready)
        team.repository.push([:])
        await dying.survey()
        let waiting = try await team.settle(dying)
        let change = try #require(waiting.problems.compactMap(\.change).first, "\(waiting)")
        try await dying.confirm(team.shop, change: change, by: "op")
        // The leader dies with half of it done.
        let gone = try #require(team.engine.node.containers.keys.min())
        team.engine.state.withLock { state in
            state.refusals[.removeContainer] = NoAnswer()
            state.spared = gone
        }
        _ = try await team.settle(dying)
        team.engine.state.withLock { state in
            state.refusals = [:]
            state.sent = []
        }
        #expect(team.engine.node.containers.count == 1)
        let state = team.journal.state()
        #expect(state.agreed[team.shop] != nil && state.begun[team.shop] == nil)

        try await lead(team, silence) { _ in
            #expect(team.engine.node.containers.count == 1)
            silence.end(team)
            try await eventually { !team.journal.state().stacks.contains(team.shop) }
        }
        #expect(team.engine.node.containers.isEmpty)
        #expect(!team.engine.state.withLock(\.sent).contains(.createContainer))
    }

    @Test("what is good is repaired meanwhile", arguments: Silence.allCases)
    func repaired(silence: Silence) async throws {
        let team = try team()
        #expect(try await team.settle(try await team.controller()).state == .ready)
        team.engine.change { $0.containers = [:] }
        try await lead(team, silence) { _ in
            try await eventually { team.engine.node.isServing }
        }
    }

    @Test("a stack whose repository has not answered is not read in another of its project")
    func another() async throws {
        let team = try SimulatedTeam("", local: ["web:1.0", "web:2.0"])
        team.repository.push(["one/compose.yaml": .web("1.0"), "two/compose.yaml": .web("2.0")])
        let repositories = "[{url: /srv/one, folder: one}, {url: /srv/two, folder: two, stack: db}]"
        let settings = try SimulatedTeam.settings(
            Self.shared.replacing("[{url: /srv/shop}]", with: repositories)
        )
        let before = Controller(settings, team.parts())
        await before.survey()
        #expect(try await before.settled("shop").state == .ready)
        #expect(try await before.settled("shop/db").state == .ready)
        let made = Set(team.engine.node.containers.keys)
        let two = try RepositoryURL(parsing: "/srv/two")
        team.repository.state.withLock { $0.mute = two }

        let db = try StackID(parsing: "shop/db")
        let controller = Controller(settings, team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { (try? await team.status(controller))?.state == .ready }
        let begun = try #require(await controller.stacks[db]?.begun)
        try await eventually { await controller.stacks[db]?.begun ?? 0 > begun + 1 }
        #expect(await controller.stacks[db]?.status.head == nil)
        #expect(Set(team.engine.node.containers.keys) == made)
        team.repository.state.withLock { $0.mute = nil }
        try await eventually { await controller.stacks[db]?.status.state == .ready }
        #expect(Set(team.engine.node.containers.keys) == made)
    }
}
