import Testing

/// What tenants share, on a real engine: ports, and what a project's stacks take together.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct LedgerTests {
    private static func web(_ version: String, _ port: String, replicas: Int = 1) -> String {
        let lines = ["ports: [\"\(port)\"]", "scale: \(replicas)"].map(Compose.line)
        return Compose.web(version, lines.joined(separator: "\n"))
    }

    @Test func `two projects that ask for one port get it one after the other`() async throws {
        try await Stage.run("ledger") { stage in
            let other = "b-\(stage.name)"
            let one = try await Team(named: "one", in: stage.folder)
            let two = try await Team(named: "two", in: stage.folder)
            let grants = "{ports: [31300-31309]}"
            try stage.configure(
                [(stage.name, one), (other, two)].map { name, team in
                    stage.project(name, team, grants: grants)
                }.joined(separator: "\n")
            )
            let first = try await one.push(LedgerTests.web("1.0", "31300:8080"))
            try await two.push(["README": "nothing yet"])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, stage.name)

            let second = try await two.push(LedgerTests.web("1.0", "31300:8080"))
            let problem = try await stage.gyre.problem("taken", other)
            #expect(problem.message.contains("31300/tcp is taken on this node"), "\(problem)")
            #expect(!"\(problem)".contains(stage.name + "/"), "nothing of the other is told")
            #expect(problem.diagnostics.first?.location?.file == "compose.yaml")
            #expect(try await stage.containers().count == 1, "nothing was begun")

            // What is given back goes on by itself.
            let moved = try await one.push(LedgerTests.web("1.0", "31301:8080"))
            try await stage.gyre.ready(at: moved, stage.name)
            try await stage.gyre.ready(at: second, other)
        }
    }

    @Test func `a port that is chosen stays, whatever is lost`() async throws {
        try await Stage.run("chosen") { stage in
            let team = try await stage.team(grants: "{allocated_ports: 31310-31319}")
            func ports() async throws -> [Int] {
                try await stage.gyre.status().stack().ports.map(\.number)
            }
            let first = try await stage.deploy(
                LedgerTests.web("1.0", "8080", replicas: 2),
                to: team
            )
            let chosen = try await ports()
            #expect(Set(chosen).count == 2 && chosen.allSatisfy((31310...31319).contains))
            for (index, port) in chosen.enumerated() {
                let told = try await stage.engine.docker("port", "\(stage.name)-web-\(index + 1)")
                #expect(told.contains(":\(port)"), "\(told)")
            }

            await stage.gyre.end()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let next = try await team.push(LedgerTests.web("2.0", "8080", replicas: 2))
            try await stage.gyre.ready(at: next)
            #expect(try await ports() == chosen)

            // What runs tells what a lost journal knew.
            let before = try await stage.containers().map(\.id)
            await stage.gyre.end()
            for name in Files.names(in: stage.gyre.state) where name.hasPrefix("journal") {
                try await Program.check(["rm", "-f", "\(stage.gyre.state)/\(name)"])
            }
            try await stage.gyre.start()
            _ = try await stage.gyre.problem("frozen")
            #expect(try await stage.gyre.run("recover", "--confirm").isSuccess)
            try await stage.gyre.ready(at: next)
            #expect(try await stage.containers().map(\.id) == before, "nothing was re-created")
            let last = try await team.push(LedgerTests.web("1.0", "8080", replicas: 2))
            try await stage.gyre.ready(at: last)
            #expect(try await ports() == chosen)
        }
    }

    @Test func `a quota that is full is free again when a stack is removed`() async throws {
        try await Stage.run("quota") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            try stage.configure(
                "  \(stage.name): {repositories: [{url: \(team.url)}], quotas: {memory: 96m}}"
            )
            let compose = Compose.web("1.0", Compose.line("mem_limit: 64m"))
            let first = try await team.push(["a/compose.yaml": compose])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, "a")
            try await team.push(["a/compose.yaml": compose, "b/compose.yaml": compose])
            let problem = try await stage.gyre.problem("quota", "b")
            let message = problem.diagnostics.first?.message ?? ""
            #expect(
                message.contains("quotas.memory of the project is 96 MiB")
                    && message.contains("\(stage.name)/a 64 MiB")
            )
            let usage = try await stage.gyre.run("usage", stage.name)
            #expect(usage.isSuccess && usage.out.contains("32 MiB"), "\(usage)")
            #expect(try await stage.containers().count == 1)

            let last = try await team.push(
                ["b/compose.yaml": compose],
                "Remove a\n\nGyre-Remove: a"
            )
            try await stage.gyre.ready(at: last, "b")
        }
    }
}
