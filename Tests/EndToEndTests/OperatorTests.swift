import Testing

/// What an operator does to a controller: new configuration, an end, a second one.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct OperatorTests {
    @Test func `a wrong gyre.yaml is refused whole and a right one taken up`() async throws {
        try await Stage.run("reload") { stage in
            let one = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: one)
            let two = try await Team(named: "two", in: stage.folder)
            let other = "\(stage.name)-b"
            let second = try await two.push(Compose.web("2.0"))

            let right =
                stage.project(stage.name, one) + "\n" + stage.project(other, two)
            try stage.configure(right + "\n    grnats: {}")
            let offset = Files.size(of: stage.gyre.log)
            await stage.gyre.reload()
            try await stage.gyre.logs("refused", after: offset)
            let next = try await one.push(Compose.web("2.0"))
            try await stage.gyre.ready(at: next, stage.name)
            #expect(try await stage.gyre.status().stacks.count == 1)

            try stage.configure(right)
            await stage.gyre.reload()
            try await stage.gyre.ready(at: second, other)
            #expect(commit != next)
            #expect(try await stage.engine.container("\(other)-web-1")?.isRunning == true)

            // A project taken out of the file: its stack is not removed unasked.
            try stage.configure(stage.project(stage.name, one))
            await stage.gyre.reload()
            try await EndToEndTests.remains("\(other) runs", for: .seconds(3)) {
                try await stage.engine.container("\(other)-web-1")?.isRunning ?? false
            }
        }
    }

    @Test func `SIGTERM ends it at once and containers run on`() async throws {
        try await Stage.run("term") { stage in
            let team = try await stage.team(stability: "1h")
            try await team.push(Compose.web("1.0"))
            try await stage.gyre.start()
            try await stage.gyre.until("it waits for stability, and says so") { status in
                let stack = try status.stack()
                return stack.run?.step == "wait until \(stage.name)-web-1 is stable"
                    && stack.service("web")?.running == 1 && stack.service("web")?.wanted == 1
            }
            #expect(try await stage.gyre.stop() == 0)
            #expect(try await stage.container("web-1").isRunning)
            // And once more when nothing goes on.
            try stage.configure(stage.project(stage.name, team))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: team.head())
            #expect(try await stage.gyre.stop() == 0)
        }
    }

    @Test func `a second controller of the same name refuses to start`() async throws {
        try await Stage.run("second") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: team)
            let elsewhere = "\(stage.folder)/second"
            try Files.makeFolder(elsewhere)
            let text = Files.text(of: stage.gyre.configuration)
                .replacing("socket: \(stage.folder)", with: "socket: \(elsewhere)")
                .replacing("state: \(stage.folder)", with: "state: \(elsewhere)")
            try Files.write(text, to: "\(elsewhere)/gyre.yaml")
            let second = try Gyre(in: elsewhere)
            try await second.serve()
            let status = try await second.ended()
            await second.end()
            #expect(status == 1, "\(second.tail)")
            #expect(second.tail.contains(stage.name), "\(second.tail)")
            try await stage.gyre.ready(at: commit)
        }
    }

    @Test func `the commands say what they should`() async throws {
        try await Stage.run("commands") { stage in
            let team = try await stage.team()
            let plain = try await stage.gyre.run("validate")
            #expect(plain.status == 0, "\(plain)")
            #expect(try await stage.gyre.run("sync").status == 5, "no controller runs")
            let commit = try await team.push(Compose.web("1.0"), "The first of all")
            let applied = try await stage.gyre.run("apply")
            #expect(applied.status == 0, "\(applied)")
            #expect(try await stage.container("web-1").isRunning)
            let quiet = try await stage.gyre.status()
            #expect(try quiet.stack().target == commit, "also without a controller")

            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            #expect(try await stage.gyre.run("apply").status == 1, "one at a time")
            #expect(try await stage.gyre.run("sync", stage.name).status == 0)
            #expect(try await stage.gyre.run("sync", "nobody/nothing").status == 2)
            #expect(try await stage.gyre.run("diff", stage.name).status == 0)
            let history = try await stage.gyre.run("history", "--limit", "1")
            #expect(history.out.contains(commit.prefix(8)), "\(history)")
            let text = try await stage.gyre.run("status", "--exit-code")
            #expect(text.status == 0 && text.out.contains("ready"), "\(text)")
            try await team.push(Compose.web("1.0", Compose.line("privileged: true")))
            _ = try await stage.gyre.problem("denied")
            #expect(try await stage.gyre.run("status", "--exit-code").status == 4)
            let plan = try await stage.gyre.run("plan")
            #expect(plan.status == 3 && plan.out.contains("compose.yaml:"), "\(plan)")
        }
    }
}
