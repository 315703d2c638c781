import Foundation
import Testing

/// Images that a Swarm's nodes get only with a password, and one that Docker Compose has built.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmRegistryTests {
    private func compose(_ image: String) -> String {
        """
        services:
          web:
            image: \(image)
            mem_limit: 32m
            stop_grace_period: 1s
            networks: {default: {}}
            deploy:
              replicas: 2
              endpoint_mode: dnsrr
              placement: {max_replicas_per_node: 1}
              update_config: {parallelism: 2}
        """
    }

    @Test func `each node pulls with the project's password`() async throws {
        try await Swarm.nodes([.manager, .worker]) { nodes in
            try await Stage.run("closed", on: nodes[0]) { stage in
                let registry = try await PrivateRegistry(on: nodes[0])
                try await nodes[1].command("trust", nodes[0].directory)
                let image = try await registry.publish("web:1.0", as: "\(stage.name)/web:1.0")
                try await registry.publish("web:2.0", as: "\(stage.name)/web:2.0")
                let team = try await Team(named: "team", in: stage.folder)
                let grants = registry.grants(stage.name)
                try stage.configure(
                    swarm: [nodes[0]],
                    team,
                    grants: grants,
                    registries: registry.entry()
                )
                let first = try await team.push(compose(image))
                try await stage.gyre.start()
                try await stage.gyre.ready(at: first)
                let both = nodes.map(\.network).sorted()
                #expect(try await stage.hosts(of: "web", asking: nodes[0]) == both)
                let second = try await team.push(compose(image.replacing(":1.0", with: ":2.0")))
                try await stage.gyre.ready(at: second)
                #expect(try await stage.hosts(of: "web", asking: nodes[0]) == both)
                // The password is in nothing that may be read.
                let told = try await nodes[0].engine.docker(
                    "service",
                    "inspect",
                    "\(stage.name)_web"
                )
                #expect(!told.contains(registry.password))
                #expect(!Files.text(of: stage.gyre.log).contains(registry.password))
                try await stage.gyre.stop()
            }
        }
    }
}
