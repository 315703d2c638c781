import Foundation
import Testing

/// What is wrong with a Swarm, or with what is said of it, and what Gyre says of that.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmInputTests {
    private func compose(_ image: String) -> String {
        """
        services:
          web:
            image: \(image)
            mem_limit: 32m
            stop_grace_period: 1s
            networks: {default: {}}
            deploy: {endpoint_mode: dnsrr}
        """
    }

    @Test func `an engine in no Swarm is told so`() async throws {
        try await Testbed.own(Swarm.release) { testbed in
            try await Stage.run("none", on: testbed) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(swarm: [testbed], team)
                let commit = try await team.push(compose("web:1.0"))
                try await stage.gyre.start()
                let problem = try await stage.gyre.problem("engine")
                #expect(problem.message.contains("a: this engine is in no Swarm; begin one with"))
                #expect(try await stage.gyre.status().stack().state == "unknown")
                // That is all it takes.
                try await testbed.engine.docker("swarm", "init", "--advertise-addr", testbed.host)
                try await stage.gyre.ready(at: commit)
                try await stage.gyre.stop()
            }
        }
    }

    @Test func `a worker that is called a manager is passed over, or told`() async throws {
        try await Swarm.nodes([.manager, .worker]) { nodes in
            try await Stage.run("worker", on: nodes[0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(swarm: [nodes[1]], team)
                let commit = try await team.push(compose("web:1.0"))
                try await stage.gyre.start()
                let problem = try await stage.gyre.problem("engine")
                #expect(problem.message.contains("a: this is a worker"), "\(problem.message)")
                #expect(problem.message.contains("docker node promote"))
                try await stage.gyre.stop()

                try stage.configure(swarm: [nodes[1], nodes[0]], team)
                try await stage.gyre.start()
                try await stage.gyre.ready(at: commit)
                let log = Files.text(of: stage.gyre.log)
                #expect(log.contains("another manager of the Swarm") && log.contains("a worker"))

                // An image for other machines is no node's to run.
                let name = "foreign-\(stage.name)"
                _ = try await nodes[0].start("registry")
                let publish = ["publish", "web:2.0", "library/\(name):1", "--arch", "s390x"]
                try await nodes[0].command(publish)
                try await team.push(compose("\(name):1"))
                let image = try await stage.gyre.problem("image")
                #expect(image.message.contains("it is made for linux/s390x"), "\(image.message)")
                #expect(try await stage.hosts(of: "web", asking: nodes[0]).count == 1)
                try await stage.gyre.stop()
            }
        }
    }
}
