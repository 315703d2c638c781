import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Who may use an image that the node has, or may have it pulled.
@Suite("Closed registries", .timeLimit(.minutes(10)))
struct ClosedRegistryTests {
    private let world = FakeWorld()
    private let shop: StackID
    private static let image = "r.example.org/shop/web:1"
    private static let own = "\(image) by projects.shop.registries[0]"

    init() throws {
        shop = try StackID(parsing: "shop")
        use(ClosedRegistryTests.image)
    }

    private func use(_ image: String, _ commit: String = "1") {
        world.state.withLock { state in
            state.commit = FakeWorld.commit(commit)
            state.compose = "services: {web: {image: '\(image)', deploy: {replicas: 0}}}"
        }
    }

    /// A controller whose project `shop` has credentials, or another has.
    private func controller(whose project: String = "shop") async throws -> Controller {
        let registries = "[{host: r.example.org, username: a, password_file: b}]"
        let grants = "{registries: [r.example.org/shop, docker.io/library]}"
        func entry(_ name: String) -> String {
            let own = name == project ? registries : "[]"
            let repositories = name == "shop" ? "[{url: /srv/shop}]" : "[]"
            return "\(name): {repositories: \(repositories), registries: \(own), grants: \(grants)}"
        }
        let text = "controller: test\nprojects: {\(entry("shop")), \(entry("blog"))}"
        let settings = try Settings(parsing: Array(text.utf8), directory: "/")
        let controller = Controller(settings, world.parts())
        await controller.survey()
        return controller
    }

    private func pass(_ controller: Controller) async throws -> StackStatus {
        _ = try await controller.pulling { try await controller.settle(shop) { _ in } }
        return try #require(await controller.status().stacks.first)
    }

    @Test("what the node has counts only after the registry has let the project in, once")
    func asks() async throws {
        let controller = try await controller()
        #expect(try await pass(controller).problems == [])
        #expect(world.state.withLock { $0.asked } == [Self.own])
        #expect(try await pass(controller).problems == [])
        #expect(world.state.withLock { $0.asked } == [Self.own])
    }

    @Test("another's credentials are not shown")
    func another() async throws {
        let controller = try await controller(whose: "blog")
        world.state.withLock { $0.refusal = ImageTrouble(.transient, "who are you", remedy: "x") }
        let status = try await pass(controller)
        #expect(world.state.withLock { $0.asked.first } == "\(Self.image) by nobody")
        #expect(status.problems.map(\.kind) == [.image])
        #expect(status.problems.first?.message.contains("who are you") == true)
        #expect(status.problems.first?.remedy.hasPrefix("x; gyre apply tries again") == true)
        // Nobody tries again by himself: the controller's loop does not run.
        #expect(status.state == .outOfSync)
    }

    @Test("a registry that nobody names is not asked")
    func open() async throws {
        use("httpd")
        let controller = try await controller()
        #expect(try await pass(controller).problems == [])
        #expect(world.state.withLock { $0.asked }.isEmpty)
    }

    @Test("an image that can't be had leaves the good version the target")
    func fallsBack() async throws {
        use("httpd")
        let controller = try await controller()
        #expect(try await pass(controller).problems == [])
        world.state.withLock { state in
            state.good = FakeWorld.commit("1")
            state.refusal = ImageTrouble(.transient, "down")
        }
        use(Self.image, "2")
        await controller.survey()
        let status = try await pass(controller)
        #expect(status.problems.map(\.kind) == [.image])
        #expect(status.target == FakeWorld.commit("1").id)
        #expect(world.state.withLock { $0.asked } == [Self.own])
    }

    @Test("what the node lacks is pulled with the project's own credentials")
    func pulls() async throws {
        world.state.withLock { $0.hasImages = false }
        let controller = try await controller()
        #expect(try await pass(controller).problems == [])
        let pulled = world.state.withLock { $0.pulled }
        #expect(pulled == ["r.example.org/shop/web:1 by projects.shop.registries[0]"])
    }

    @Test("a pull is told while it lasts, and a newer commit doesn't wait for it")
    func tells() async throws {
        world.state.withLock { state in
            state.hasImages = false
            state.holdsPulls = true
        }
        let controller = try await controller()
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually {
            await controller.status().stacks.first?.run?.step
                == "pull image r.example.org/shop/web:1, 43 %"
        }
        use("httpd", "2")
        world.state.withLock { $0.hasImages = true }
        try await controller.sync(nil)
        try await eventually {
            let status = await controller.status().stacks.first
            return status?.state == .ready && status?.head == FakeWorld.commit("2")
        }
        #expect(await controller.status().stacks.first?.run == nil)
        #expect(world.state.withLock { $0.pulled }.isEmpty)
    }

    @Test("while a registry says nothing, what runs is repaired and what is newer is taken up")
    func silent() async throws {
        let team = try SimulatedTeam("services: {web: {image: web}}", local: ["web"])
        let registries = "registries: [{host: r.example.org}]"
        let grants = "grants: {registries: [r.example.org/shop, docker.io/library]}"
        let settings = try SimulatedTeam.settings(
            "controller: test\n\(registries)\n"
                + "projects: {shop: {repositories: [{url: /srv/shop}], \(grants)}}"
        )
        let controller = Controller(settings, team.parts())
        let loop = Task { await controller.run() }
        defer { loop.cancel() }
        try await eventually { (try? await team.status(controller))?.state == .ready }
        let good = try #require(team.repository.good)

        team.engine.state.withLock { $0.isRegistrySilent = true }
        let one = "services: {web: {image: 'r.example.org/shop/web:1'}}"
        let waiting = team.repository.push(one)
        try await controller.sync(nil)
        func waits(_ status: StackStatus) -> Bool {
            status.problems.map(\.kind) == [.waiting] && status.state == .reconciling
        }
        try await eventually { waits(try await team.status(controller)) }
        #expect(try await team.status(controller).head == waiting)
        for number in 1...2 {
            let container = try #require(team.engine.node.containers.keys.first)
            team.engine.change { node in
                if number == 1 { node.containers[container]?.seen.state = .exited }
                if number == 2 { node.containers[container] = nil }
            }
            try await controller.sync(nil)
            try await eventually {
                let status = try await team.status(controller)
                return waits(status) && team.engine.node.isServing
            }
        }
        #expect(try await team.status(controller).target == good.id)

        let newer = team.repository.push("services: {web: {image: web, environment: {A: b}}}")
        try await controller.sync(nil)
        try await eventually {
            let status = try await team.status(controller)
            return status.state == .ready && status.head == newer
        }

        team.repository.push(one)
        try await controller.sync(nil)
        try await eventually { waits(try await team.status(controller)) }
        team.engine.state.withLock { $0.isRegistrySilent = false }
        try await eventually { try await team.status(controller).state == .ready }
        #expect(try await team.status(controller).problems == [])
    }
}
