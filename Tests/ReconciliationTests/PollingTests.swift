import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// A whole controller that asks a repository.
@Suite("Repositories that are asked", .timeLimit(.minutes(10)))
struct PollingTests {
    private func settings(_ projects: String) throws -> Settings {
        let text = "controller: test\nprojects: {\(projects)}"
        return try Settings(parsing: Array(text.utf8), directory: "/")
    }

    @Test("many stacks of one repository cost one question, whatever branches they follow")
    func once() async throws {
        let world = FakeWorld()
        let projects = """
            a: {repositories: [{url: /srv/shop}, {url: /srv/shop, folder: x}]},
            b: {repositories: [{url: /srv/shop}, {url: /srv/shop, folders: y/*}]},
            c: {repositories: [{url: /srv/shop, branch: dev}]}
            """
        let controller = Controller(try settings(projects), world.parts())
        await controller.survey()
        #expect(world.state.withLock { $0.polls } == 1)
        #expect(await controller.status().repositories.map(\.branch) == ["dev", "main"])
        #expect(await controller.known().map(\.stack) == ["a", "b", "c"])
    }

    @Test("two folders of one pattern that would be one stack are both left alone")
    func conflict() async throws {
        let world = FakeWorld()
        world.state.withLock { $0.folders = ["a/x/deploy", "b/x/deploy", "b/y/deploy"] }
        let pattern = "p: {repositories: [{url: /srv/shop, folders: '*/*/deploy'}]}"
        let controller = Controller(try settings(pattern), world.parts())
        await controller.survey()
        #expect(await controller.known().map(\.stack) == ["x", "y"])
        for id in await controller.known() { try await controller.look(at: id) }
        let problems = await controller.status().stacks.map { $0.problems.map(\.kind) }
        #expect(problems == [[.conflict], []])
    }

    @Test("another project in a repository is looked for though its tip stays")
    func reload() async throws {
        let world = FakeWorld()
        let a = "a: {repositories: [{url: /srv/shop}]}"
        let controller = Controller(try settings(a), world.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { await controller.known().map(\.stack) == ["a"] }
        try await controller.reload(
            try settings("\(a), b: {repositories: [{url: /srv/shop}]}")
        )
        try await eventually { await controller.known().map(\.stack) == ["a", "b"] }
    }

    @Test("after a restart, a repository that hangs keeps nobody from repairing its stacks")
    func hangs() async throws {
        let team = try SimulatedTeam("services: {web: {image: web}}", local: ["web"])
        let before = try await team.controller()
        #expect(try await team.settle(before).state == .ready)
        let container = try #require(team.engine.node.containers.keys.first)
        team.engine.change { $0.containers[container]?.seen.state = .exited }
        team.repository.state.withLock { state in
            state.fetched = state.commits.last
            state.hangs = true
        }
        let controller = Controller(try SimulatedTeam.settings(), team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { team.engine.node.containers[container]?.isRunning ?? false }
        #expect(try await team.status(controller).checked == nil, "it was not asked with success")
        team.repository.state.withLock { $0.hangs = false }
        try await eventually { (try? await team.status(controller))?.checked != nil }
    }

    @Test(
        "after a restart, what ran is repaired though its repository has another URL now",
        arguments: [false, true]
    )
    func anotherURL(hangs: Bool) async throws {
        let team = try SimulatedTeam("services: {web: {image: web}}", local: ["web"])
        #expect(try await team.settle(try await team.controller()).state == .ready)
        let good = try #require(team.repository.good)
        let container = try #require(team.engine.node.containers.keys.first)
        team.engine.change { $0.containers[container] = nil }
        team.repository.state.withLock { state in
            state.hangs = hangs
            state.failure = FakeRepository.UnknownCommit()
        }
        let moved = try settings("shop: {repositories: [{url: /srv/elsewhere}]}")
        let controller = Controller(moved, team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually {
            let status = try? await team.status(controller)
            return status?.state == .unknown && team.engine.node.isServing
        }
        #expect(try await team.status(controller).target == good.id)

        // Its answer counts as ever.
        team.repository.state.withLock { state in
            state.hangs = false
            state.failure = nil
        }
        try await controller.sync(nil)
        try await eventually { try await team.status(controller).state == .ready }
        // And from now on it is known where the version is.
        team.repository.state.withLock { $0.failure = FakeRepository.UnknownCommit() }
        team.repository.push("services: [")
        let after = Controller(moved, team.parts())
        await after.survey()
        #expect(try await team.settle(after).problems.map(\.kind) == [.repository])
        #expect(team.repository.state.withLock { $0.goodAt?.text } == "/srv/elsewhere")
    }

    @Test("what a good version ships is read where it was, when its stack has another URL now")
    func shippedFromElsewhere() async throws {
        let (swarm, team) = (SwarmEngine(), try SimulatedTeam(""))
        let compose = "services: {web: {image: 'web:1', configs: [c]}}\nconfigs: {c: {file: ./c}}"
        team.repository.push(["compose.yaml": .text(compose), "c": .text("c")])
        let first = try await team.settle(try await team.controller(on: swarm))
        #expect(first.state == .ready, "\(first)")
        swarm.state.withLock { state in
            state.services = [:]
            state.files = []
        }
        team.repository.state.withLock { $0.failure = FakeRepository.UnknownCommit() }
        let moved = "repositories: [{url: /srv/elsewhere}]"
        let status = try await team.settle(
            try await team.controller(on: swarm, project: moved)
        )
        #expect(swarm.services.map(\.name) == ["shop_web"], "\(status)")
    }

    @Test("a journal that doesn't say where a version was has what stands still started")
    func olderJournal() async throws {
        let team = try SimulatedTeam("services: {web: {image: web}}", local: ["web"])
        #expect(try await team.settle(try await team.controller()).state == .ready)
        let version = try #require(team.journal.state().good[team.shop])
        try await team.journal.append([.good(team.shop, version)], at: team.engine.clock.now())
        let container = try #require(team.engine.node.containers.keys.first)
        team.engine.change { $0.containers[container]?.seen.state = .exited }
        team.repository.state.withLock { $0.failure = FakeRepository.UnknownCommit() }
        let moved = try settings("shop: {repositories: [{url: /srv/elsewhere}]}")
        let controller = Controller(moved, team.parts())
        await controller.survey()
        #expect(try await team.settle(controller).problems.map(\.kind) == [.repository])
        #expect(team.engine.node.containers[container]?.isRunning == true)
    }

    @Test("a repository that fails is told of with the age of its last good answer")
    func outage() async throws {
        let team = try SimulatedTeam("services: {web: {image: web}}", local: ["web"])
        let controller = Controller(try SimulatedTeam.settings(), team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { (try? await team.status(controller))?.checked != nil }
        team.repository.state.withLock { $0.failure = FakeRepository.UnknownCommit() }
        try await controller.sync(nil)
        try await eventually { try await team.status(controller).outage?.nextTry != nil }
        let silent = try await team.status(controller)
        let outage = try #require(silent.outage)
        #expect(try #require(silent.checked) <= outage.since)
        team.repository.state.withLock { $0.failure = nil }
        try await controller.sync(nil)
        try await eventually { try await team.status(controller).outage == nil }
    }
}
