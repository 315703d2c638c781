import Testing

/// An Open Policy Agent that judges what is pushed: OPA's own engine, asked by the real program.
@Suite(.onEngine, .withAgent, .timeLimit(.minutes(15)))
struct AgentTests {
    private static let policy = """
        package gyre

        import rego.v1

        verdict := {"allow": count(deny) == 0, "deny": deny, "warn": warn, "mutate": mutate}

        deny contains {
        \t"rule": "labels", "message": "say who owns it",
        \t"field": ["services", name, "image"], "fix": "write labels: {org.example.owner: …}",
        } if {
        \tsome name, service in input.services
        \tnot service.labels["org.example.owner"]
        }

        warn contains {"rule": "old", "message": "1.0 is old", "field": "services.web.image"} if {
        \tinput.services.web.image == "web:1.0"
        }

        mutate contains {
        \t"rule": "site", "message": "the site's mark",
        \t"field": ["services", name, "labels", "org.example.site"], "value": input.project.name,
        } if {
        \tsome name, _ in input.services
        }
        """

    private static func compose(_ version: String, owner: Bool = true) -> String {
        let label = owner ? Compose.line("labels: {org.example.owner: ann}") : ""
        let secret = Compose.line("environment: {DB_PASSWORD: hunter2-canary}")
        return Compose.web(version, "\(label)\n\(secret)")
    }

    private func configure(_ stage: Stage, _ team: Team, _ entry: String) throws {
        try stage.configure(stage.project(stage.name, team))
        let written = Files.text(of: stage.gyre.configuration)
        try Files.write(written + entry + "\n", to: stage.gyre.configuration)
    }

    @Test func `it denies, warns and fills in, and nothing is changed without it`() async throws {
        try await Stage.run("agent") { stage in
            let agent = try await PolicyServer(in: stage.folder)
            try agent.write(Self.policy)
            let process = try await agent.start()
            let team = try await stage.team()
            try configure(stage, team, agent.entry())
            _ = try await stage.deploy(Self.compose("1.0"), to: team)
            let first = try await stage.container("web-1")
            #expect(first.labels["org.example.site"] == stage.name)
            let plan = try await stage.gyre.run("plan", stage.name)
            #expect(plan.isSuccess, "\(plan)")

            try await team.push(Self.compose("2.0", owner: false))
            let denied = try await stage.gyre.problem("denied")
            #expect(denied.diagnostics.map(\.code).contains("opa/labels"))
            let text = try await stage.gyre.run("status", stage.name).out
            #expect(
                text.contains("compose.yaml:3:12") && text.contains("say who owns it"),
                "\(text)"
            )

            try await agent.stop(process)
            let third = try await team.push(Self.compose("2.0"))
            _ = try await stage.gyre.problem("failing")
            #expect(try await stage.gyre.run("status").out.contains("Open Policy Agent"))
            // What runs is started again all the same.
            try await stage.engine.docker("kill", first.name)
            try await eventually("it runs again", tail: { stage.gyre.tail }) {
                try await stage.container("web-1").isRunning
            }
            #expect(try await stage.container("web-1").id == first.id)

            let again = try await agent.start()
            // It listens elsewhere now: the operator says so, without a restart.
            try configure(stage, team, agent.entry())
            await stage.gyre.reload()
            try await stage.gyre.ready(at: third)
            try await agent.stop(again)
            #expect(!agent.log.contains("hunter2-canary"), "a value of a variable was sent")
            #expect(agent.log.contains("DB_PASSWORD"))
            let audit = try await stage.gyre.run("audit", "--json").out
            #expect(audit.contains("decision") && audit.contains("opa/labels"), "\(audit)")
        }
    }

    @Test func `it is asked over TLS, by a certificate and a token`() async throws {
        try await Stage.run("agent-tls") { stage in
            let agent = try await PolicyServer(in: stage.folder, secured: true)
            try agent.write(Self.policy)
            let process = try await agent.start()
            let team = try await stage.team()
            try configure(stage, team, agent.entry(authorities: "other-ca"))
            let commit = try await team.push(Self.compose("1.0"), "First")
            try await stage.gyre.start()
            _ = try await stage.gyre.problem("failing")
            #expect(try await stage.containers().isEmpty)

            try configure(stage, team, agent.entry())
            await stage.gyre.reload()
            try await stage.gyre.ready(at: commit)
            let said = stage.gyre.tail + (try await stage.gyre.run("audit", "--json").out)
            #expect(!said.contains(agent.token))
            try await agent.stop(process)
        }
    }
}
