import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What a Swarm keeps that somebody else made: looked for before the first step.
@Suite("External objects of a Swarm", .timeLimit(.minutes(10)))
struct SwarmExternalTests {
    private static let compose = """
        services:
          web:
            image: web:1.0
            networks: [back]
            configs: [site]
            secrets: [key]
        networks: {back: {external: true, name: shop_lan}}
        configs: {site: {external: true, name: shop_site}}
        secrets: {key: {external: true, name: shop_key}}
        """

    private static func id(_ letter: Character) -> String { String(repeating: letter, count: 25) }

    private let swarm = SwarmEngine()

    /// Others make what the file names; of the secret it is said how.
    private func make(
        _ id: String = id("s"),
        _ labels: [String: String] = [:],
        driver: String? = nil,
        name: String = "shop_key"
    ) {
        var key = NamedObject(kind: .secret, id: id, name: name, labels: labels)
        key.driver = driver
        swarm.state.withLock { state in
            state.networks = [ObservedNetwork(id: Self.id("n"), name: "shop_lan")]
            state.made = [NamedObject(kind: .config, id: Self.id("c"), name: "shop_site"), key]
        }
    }

    private func findings(_ status: StackStatus) -> [Diagnostic] {
        status.problems.flatMap(\.diagnostics)
    }

    @Test("what is missing is told with its place and awaited, then named by its id")
    func missing() async throws {
        let team = try SimulatedTeam(Self.compose)
        let controller = try await team.controller(on: swarm)
        let problem = try #require(try await controller.plan(team.shop).problems.first)
        #expect(problem.kind == .missing)
        #expect(Set(problem.diagnostics.map(\.code)) == ["external-missing"])
        #expect(problem.diagnostics.map(\.location?.line) == [8, 7, 9])
        let key = try #require(problem.diagnostics.last)
        let told = "secret shop_key is external, and there is none that this project may use"
        #expect(key.message == told)
        #expect(key.fix?.hasPrefix("docker secret create shop_key FILE, or have it shared") == true)
        #expect(try await team.settle(controller).problems.map(\.kind) == [.missing])
        #expect(swarm.sent.isEmpty)

        make()
        #expect(try await team.settle(controller).state == .ready)
        #expect(swarm.sent == ["createService shop_web"])
        let task = swarm.services.first?.spec["TaskTemplate"]
        let container = task?["ContainerSpec"]
        #expect(task?["Networks"]?.arrayValue?.first?["Target"]?.stringValue == Self.id("n"))
        #expect(container?["Configs"]?.arrayValue?.first?["ConfigID"]?.stringValue == Self.id("c"))
        #expect(container?["Secrets"]?.arrayValue?.first?["SecretID"]?.stringValue == Self.id("s"))
        #expect(try await controller.plan(team.shop).plan?.isEmpty == true)
        #expect(team.journal.state().owned.values.map(\.kind) == [.service])
    }

    /// Contents of a stack, be it the project's own, and what controllers keep for themselves.
    ///
    /// By the journal, or by a label of whatever controller.
    @Test(
        "what Gyre itself keeps is told like what isn't there",
        arguments: [
            [:], [Labels.project: "other"], [Labels.project: "shop", Labels.controller: "test"],
            [Labels.record: "test"],
        ]
    )
    func kept(labels: [String: String]) async throws {
        let team = try SimulatedTeam(Self.compose)
        make(Self.id("s"), labels)
        if labels.isEmpty {
            let object = OwnedObject(
                kind: .secret,
                id: Self.id("s"),
                name: "shop_key",
                stack: try StackID(parsing: "shop/other"),
                claim: nil
            )
            try await team.journal.append([.owned(object)], at: Instant(milliseconds: 0))
        }
        let found = findings(try await team.settle(try await team.controller(on: swarm)))
        #expect(found.map(\.code) == ["external-missing"] && found.first?.location?.line == 9)
        #expect(found.first?.message.hasSuffix("there is none that this project may use") == true)
        #expect(swarm.sent.isEmpty)
    }

    @Test("what a plugin keeps is refused")
    func driver() async throws {
        let team = try SimulatedTeam(Self.compose)
        make(driver: "vault")
        let found = findings(try await team.settle(try await team.controller(on: swarm)))
        #expect(found.map(\.code) == ["external-driver"])
        #expect(found.first?.message.contains("its driver is vault") == true)
        #expect(swarm.sent.isEmpty)
    }

    @Test("what was removed and made anew is named by its new id, alone")
    func anew() async throws {
        let team = try SimulatedTeam(Self.compose)
        make()
        let controller = try await team.controller(on: swarm)
        #expect(try await team.settle(controller).state == .ready)
        // A Swarm lets go of it only when no service has it.
        let path = ["TaskTemplate", "ContainerSpec", "Secrets"]
        swarm.change("shop_web", path, [])
        make(Self.id("t"))
        #expect(try await team.settle(controller).state == .ready)
        #expect(swarm.sent == ["createService shop_web", "updateService shop_web"])
        let container = swarm.services.first?.spec["TaskTemplate"]?["ContainerSpec"]
        #expect(container?["Secrets"]?.arrayValue?.first?["SecretID"]?.stringValue == Self.id("t"))
    }

    @Test("what another project calls its own is denied by its name")
    func names() async throws {
        let team = try SimulatedTeam(Self.compose.replacing("shop_key", with: "other_key"))
        make(name: "other_key")
        let found = findings(try await team.settle(try await team.controller(on: swarm)))
        #expect(found.filter { $0.severity == .error }.map(\.code) == ["own-name"])
        #expect(swarm.sent.isEmpty)
    }
}
