import Testing

/// What people do and are told while no controller runs.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct UnattendedTests {
    @Test func `what does not answer is told, and ends with 5`() async throws {
        try await Stage.run("silent") { stage in
            let team = try await stage.team()
            let other = "\(stage.name)-b"
            let gone = "  \(other): {repositories: [{url: \(stage.folder)/gone.git}]}"
            try stage.configure(gone)
            for command in ["apply", "plan", "diff", "status"] {
                let output = try await stage.gyre.run(command)
                #expect(output.status == 5, "\(command): \(output)")
                #expect(output.out.contains("gone.git"), "\(command): \(output)")
            }
            #expect(try await stage.gyre.run("plan", "\(other)/web").status == 5)

            try await team.push(Compose.web("1.0"))
            try stage.configure(stage.project(stage.name, team) + "\n" + gone)
            let applied = try await stage.gyre.run("apply")
            #expect(applied.status == 5 && applied.out.contains("gone.git"), "\(applied)")
            #expect(try await stage.container("web-1").isRunning)
            #expect(try await stage.gyre.run("status", "--exit-code").status == 5)
            #expect(try await stage.gyre.run("status", stage.name).status == 0)

            let text = Files.text(of: stage.gyre.configuration)
                .replacing("engine: \(stage.engine.address)", with: "engine: unix:///nope.sock")
            try Files.write(text, to: stage.gyre.configuration)
            for state in ["state", "fresh"] {
                try Files.write(
                    text.replacing(
                        "state: \(stage.gyre.state)",
                        with: "state: \(stage.folder)/\(state)"
                    ),
                    to: stage.gyre.configuration
                )
                for command in ["apply", "plan", "status"] {
                    let output = try await stage.gyre.run(command)
                    #expect(output.status == 5, "\(command): \(output)")
                    #expect(!output.out.contains("frozen"), "\(command): \(output)")
                    #expect(output.out.contains("nope.sock"), "\(command): \(output)")
                }
            }
        }
    }

    @Test func `a held version is released, and a removal confirmed, without a controller`()
        async throws
    {
        try await Stage.run("decide") { stage in
            let team = try await stage.team()
            try await team.push(Compose.web("1.0"))
            #expect(try await stage.gyre.run("apply").status == 0)
            try await team.push(Compose.web("1.0", Compose.line("command: ['false']")))
            let failed = try await stage.gyre.run("apply")
            #expect(failed.status == 4 && failed.out.contains("gyre release"), "\(failed)")
            #expect(try await stage.gyre.status().stack().has("held"))
            let released = try await stage.gyre.run("release", stage.name)
            #expect(released.status == 0, "\(released)")
            #expect(try await stage.gyre.run("release", stage.name).status == 1, "none is held now")
            #expect(try await stage.gyre.run("apply").status == 4)
            let failures = try await stage.gyre.results().filter { $0 == "failed" }
            #expect(failures.count == 2, "it was tried again")

            try await team.push(["README": "empty"])
            let waiting = try await stage.gyre.run("apply")
            #expect(waiting.status == 4 && waiting.out.contains("--yes"), "\(waiting)")
            let problem = try #require(try await stage.gyre.status().stack().problem("unconfirmed"))
            let change = try #require(problem.change)
            #expect(try await stage.gyre.run("confirm", stage.name, "other").status == 1)
            let confirmed = try await stage.gyre.run("confirm", stage.name, change)
            #expect(confirmed.status == 0, "\(confirmed)")
            #expect(try await stage.gyre.run("apply").status == 0)
            #expect(try await stage.containers().isEmpty)
        }
    }

    @Test func `a stack that goes is not started first`() async throws {
        try await Stage.run("goes") { stage in
            let team = try await stage.team()
            try await team.push(Compose.web("1.0"))
            #expect(try await stage.gyre.run("apply").status == 0)
            try await team.push(["README": "empty"])
            try await stage.engine.docker("stop", "\(stage.name)-web-1")
            let removed = try await stage.gyre.run("apply", "--yes")
            #expect(removed.status == 0 && !removed.out.contains("start"), "\(removed)")
            #expect(try await stage.containers().isEmpty)
            #expect(try await stage.gyre.results() == ["removed", "deployed"])
        }
    }

    @Test func `what nobody sees to is out of sync, and a cut run is in the history`() async throws
    {
        try await Stage.run("alone") { stage in
            let team = try await stage.team()
            try await team.push(Compose.web("1.0"))
            #expect(try await stage.gyre.status().stack().state == "out-of-sync")
            #expect(try await stage.gyre.run("status", "--exit-code").status == 4)
            #expect(try await stage.gyre.run("apply").status == 0)
            #expect(try await stage.gyre.status().stack().state == "ready")
            try await stage.engine.docker("pause", "\(stage.name)-web-1")
            #expect(try await stage.gyre.status().stack().state == "out-of-sync")
            #expect(try await stage.gyre.run("apply").status == 0)
            #expect(try await stage.gyre.results() == ["repaired", "deployed"])
        }
    }
}
