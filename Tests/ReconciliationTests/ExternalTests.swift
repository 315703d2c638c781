import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What a stack needs and doesn't make: looked for before the first step.
@Suite("External objects", .timeLimit(.minutes(10)))
struct ExternalTests {
    private static let compose = """
        services:
          web:
            image: web:1.0
            networks: [back]
            volumes: ["data:/data"]
        networks: {back: {external: true, name: shop_shared}}
        volumes: {data: {external: true, name: shop_store}}
        """

    private static func provide(_ node: inout SimulatedNode, _ labels: [String: String] = [:]) {
        let id = SHA256Hex.of("shop_shared")
        node.networks[id] = ObservedNetwork(id: id, name: "shop_shared", labels: labels)
        node.volumes["shop_store"] = ObservedVolume(name: "shop_store")
    }

    @Test("what is missing is told with its place, and nothing is begun")
    func missing() async throws {
        let team = try SimulatedTeam(Self.compose, images: ["web:1.0"])
        let controller = try await team.controller()
        let preview = try await controller.plan(team.shop)
        let problem = try #require(preview.problems.first)
        #expect(preview.plan == nil && problem.kind == .missing)
        #expect(problem.diagnostics.map(\.code) == ["external-missing", "external-missing"])
        #expect(problem.diagnostics.map(\.location?.line) == [6, 7])
        let fix = try #require(problem.diagnostics.first?.fix)
        #expect(fix.contains("docker network create shop_shared"))
        #expect(try await team.settle(controller).problems.map(\.kind) == [.missing])
        #expect(team.engine.state.withLock { $0.sent.isEmpty })

        team.engine.change { Self.provide(&$0) }
        #expect(try await team.settle(controller).state == .ready)
        let node = team.engine.node
        #expect(node.networks.count == 1 && node.volumes.count == 1)
        // A look at what is as it should be asks for nothing more.
        #expect(try await controller.plan(team.shop).plan?.isEmpty == true)
    }

    /// The beginning of a name is granted to two projects, and the other one made it.
    @Test("what another project has is refused", arguments: [true, false])
    func another(isInJournal: Bool) async throws {
        let team = try SimulatedTeam(Self.compose, images: ["web:1.0"])
        let other = try StackID(parsing: "other")
        let labels = isInJournal ? [Labels.controller: "test"] : [Labels.project: "other"]
        team.engine.change { Self.provide(&$0, labels) }
        if isInJournal {
            let object = OwnedObject(
                kind: .network,
                id: SHA256Hex.of("shop_shared"),
                name: "shop_shared",
                stack: other,
                claim: nil
            )
            try await team.journal.append([.owned(object)], at: Instant(milliseconds: 0))
        }
        let status = try await team.settle(try await team.controller())
        #expect(status.problems.flatMap(\.diagnostics).map(\.code) == ["external-missing"])
        #expect(status.problems.flatMap(\.diagnostics).map(\.location?.line) == [6])
        #expect(team.engine.state.withLock { $0.sent.isEmpty })
    }

    @Test("what reaches more than the stack's own could is refused")
    func drivers() async throws {
        let team = try SimulatedTeam(Self.compose, images: ["web:1.0"])
        team.engine.change { Self.provide(&$0) }
        team.engine.state.withLock {
            $0.drivers = [
                "shop_shared": ("macvlan", ["parent": "eth0"]),
                "shop_store": ("local", ["type": "none", "o": "bind", "device": "/etc"]),
            ]
        }
        let controller = try await team.controller()
        let status = try await team.settle(controller)
        let findings = status.problems.flatMap(\.diagnostics)
        #expect(findings.map(\.code) == ["external-driver", "external-driver"])
        #expect(findings.map(\.location?.line) == [6, 7])
        #expect(team.engine.state.withLock { $0.sent.isEmpty })
    }

    @Test("what serves is started again while something is missing")
    func repair() async throws {
        let team = try SimulatedTeam(Self.compose, images: ["web:1.0"])
        team.engine.change { Self.provide(&$0) }
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        team.engine.change { node in
            node.befall(.killed, "shop-web-1")
            node.volumes = [:]
        }
        _ = try await team.settle(controller)
        let web = try #require(team.engine.node.id(named: "shop-web-1"))
        #expect(team.engine.node.containers[web]?.isRunning == true)
        #expect(team.engine.node.volumes.isEmpty)
    }

    @Test(
        "a node that is not what a service asks for is told",
        arguments: [
            ("platform: linux/arm64", "the node is linux/amd64"),
            (
                "deploy: {placement: {constraints: [node.labels.tier==web]}}",
                "it has no node.labels"
            ),
            ("secrets: [key]", "a Swarm keeps such"),
        ]
    )
    func unfit(line: String, message: String) async throws {
        let compose = """
            services:
              web:
                image: web:1.0
                \(line)
            secrets: {key: {external: true, name: shop_key}}
            """
        let team = try SimulatedTeam(compose, images: ["web:1.0"])
        let controller = try await team.controller()
        let finding = try #require(
            try await team.settle(controller).problems.first?.diagnostics.first
        )
        #expect(finding.code == "node-unfit" && finding.message.contains(message), "\(finding)")
        #expect(finding.location != nil)
        #expect(team.engine.state.withLock { $0.sent.isEmpty })
    }

    @Test("a node that is what a service asks for runs it")
    func fit() async throws {
        let compose = """
            services:
              web:
                image: web:1.0
                platform: linux/amd64
                deploy: {placement: {constraints: [node.labels.tier==web]}}
            """
        let team = try SimulatedTeam(compose, images: ["web:1.0"])
        team.engine.state.withLock { $0.facts.labels = ["tier": "web"] }
        #expect(try await team.settle(try await team.controller()).state == .ready)
    }

    /// Each container would have a volume of its own there.
    @Test("a volume that an image brings isn't taken over in silence")
    func imageVolumes() async throws {
        func compose(_ volumes: String) -> String {
            """
            services:
              store: {image: "store:1", volumes: [\(volumes)]}
              web: {image: "web:1.0", volumes_from: [store]}
            volumes: {data: {}}
            """
        }
        let team = try SimulatedTeam(compose(""), images: ["web:1.0"])
        team.engine.add("store:1", volumes: ["/var/lib/store/"])
        let controller = try await team.controller()
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.message.contains("at /var/lib/store") })
        #expect(team.engine.node.id(named: "shop-web-1") == nil)

        team.repository.push(compose("\"data:/var/lib/store\""))
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
    }
}
