import Foundation
import Testing

/// A service of a real Swarm that gets another name, and takes its data and its port along.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmHandoverTests {
    /// A service that ends at once where another has the volume.
    private func compose(_ name: String, _ command: String = SwarmHandoverTests.locked) -> String {
        """
        services:
          \(name):
            image: busybox:1.35
            command: [sh, -c, "\(command)"]
            mem_limit: 16m
            stop_grace_period: 10s
            volumes: ["data:/data"]
            ports: [{target: 80, published: 31400, mode: host}]
            networks: {default: {}}
            deploy: {endpoint_mode: dnsrr}
        volumes: {data: {}}
        """
    }

    private static let locked =
        "mkdir /data/lock || exit 7; trap 'sleep 2; rmdir /data/lock; exit 0' TERM; "
        + "while :; do sleep 1 & wait; done"

    private func services(_ stage: Stage, _ node: Testbed) async throws -> Set<String> {
        let label = "label=\(stage.label)"
        let format = "{{.Name}} {{.Replicas}}"
        let text = try await node.engine.docker(
            "service",
            "ls",
            "--filter",
            label,
            "--format",
            format
        )
        return Set(text.split(separator: "\n").map(String.init))
    }

    @Test func `no two tasks of a service and its successor run at once`() async throws {
        try await Swarm.ofOne("renamed") { stage, team, node in
            let first = try await team.push(compose("db"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)

            let second = try await team.push(compose("database"))
            try await stage.gyre.ready(at: second)
            #expect(try await services(stage, node) == ["\(stage.name)_database 1/1"])
            #expect(try await stage.gyre.plan().isEmpty)

            // The way back is the same.
            try await team.push(compose("store", "exit 3"))
            let problem = try await stage.gyre.problem("held")
            #expect(problem.message.contains("a task ended with status 3"), "\(problem.message)")
            try await stage.gyre.until("the good one serves") { _ in
                try await services(stage, node) == ["\(stage.name)_database 1/1"]
            }
            let words = "non-zero exit (7)"
            let tasks = try await node.engine.docker(
                "service",
                "ps",
                "--no-trunc",
                "\(stage.name)_database"
            )
            #expect(!tasks.contains(words), "\(tasks)")
        }
    }
}
