import Foundation
import Testing

/// Whole stacks that go from real engines.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct RemovalTests {
    /// By name the database would go first, and it ends the soonest.
    private func chain(_ more: String) -> String {
        func service(_ name: String, _ grace: Int, _ needs: String) -> String {
            "  \(name): {image: 'busybox:1.35', command: [sleep, '1000'], mem_limit: 16m, "
                + "stop_grace_period: \(grace)s, depends_on: [\(needs)]\(more)}\n"
        }
        return "services:\n" + service("a-db", 1, "") + service("b-api", 2, "a-db")
            + service("c-web", 2, "b-api")
    }

    /// Takes a stack away that runs, and gives its services in the order in which they ended.
    private func removal(
        _ stage: Stage,
        _ team: Team,
        _ more: String = ""
    ) async throws -> [String] {
        try await team.push(["web/compose.yaml": chain(more)])
        try await stage.gyre.start()
        try await stage.gyre.until("it is up") { try $0.stack("web").state == "ready" }
        let began = Int(Date().timeIntervalSince1970) - 1
        try await team.push(["README": "none"], "Remove web\n\nGyre-Remove: web")
        try await stage.gyre.until("it is gone") { status in
            !status.stacks.contains { $0.stack.stack == "web" }
        }
        let text = try await stage.engine.docker(
            "events",
            "--since",
            "\(began)",
            "--until",
            "\(Int(Date().timeIntervalSince1970) + 1)",
            "--filter",
            "event=die",
            "--format",
            "{{.Actor.Attributes.name}}"
        )
        // Containers of a Swarm's tasks have other labels, and other ends of their names.
        let ended = text.split(separator: "\n").filter { $0.hasPrefix(stage.name) }
        return ended.compactMap { name in
            ["a-db", "b-api", "c-web"].first { name.contains("_\($0)") || name.contains("-\($0)-") }
        }
    }

    @Test func `what needs another stops before it`() async throws {
        try await Stage.run("removal") { stage in
            let team = try await stage.team()
            #expect(try await removal(stage, team) == ["c-web", "b-api", "a-db"])
            #expect(try await stage.containers().isEmpty)
        }
    }

    @Test func `on a Swarm, a service goes when the tasks of those that need it have ended`()
        async throws
    {
        try await Swarm.nodes([.manager]) { nodes in
            try await Stage.run("swarmgoes", on: nodes[0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(swarm: nodes, team)
                let more = ", networks: [default], deploy: {endpoint_mode: dnsrr}"
                let ended = try await removal(stage, team, more)
                #expect(ended == ["c-web", "b-api", "a-db"])
                try await stage.gyre.stop()
            }
        }
    }
}
