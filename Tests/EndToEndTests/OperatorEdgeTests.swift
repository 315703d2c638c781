import Testing

/// What goes wrong around a controller is said, with what to do about it.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct OperatorEdgeTests {
    private func run(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) async throws -> Program.Output {
        try await Program.run([Environment.gyre] + arguments, environment: environment)
    }

    @Test func `what needs a restart is refused by name and place, and the way stays open`()
        async throws
    {
        try await Stage.run("fixed") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: team)
            let right = Files.text(of: stage.gyre.configuration)
            let socket = "\(stage.folder)/gyre.sock"
            try Files.write(
                right.replacing("state: \(stage.folder)", with: "state: \(stage.folder)/other")
                    .replacing("socket: \(stage.folder)", with: "socket: \(stage.folder)/other"),
                to: stage.gyre.configuration
            )
            let offset = Files.size(of: stage.gyre.log)
            await stage.gyre.reload()
            try await stage.gyre.logs("it is \(socket) there", after: offset)
            try await stage.gyre.logs("gyre.yaml:2:", and: "\\\"state\\\"", after: offset)

            // The file leads elsewhere now: that is no disaster, and is not shown as one.
            let lost = try await stage.gyre.run("status")
            #expect(lost.status == 5 && lost.err.contains("--socket"), "\(lost)")
            #expect(lost.err.contains("works on"), "\(lost)")
            let found = try await run(["status", "--socket", socket])
            #expect(found.status == 0 && found.out.contains("ready"), "\(found)")
            #expect(found.out.contains("gyre.yaml refused"), "\(found)")
            #expect(found.out.contains("gyre.yaml:2:") && found.out.contains("gyre.yaml:4:"))

            try Files.write(right, to: stage.gyre.configuration)
            await stage.gyre.reload()
            try await stage.gyre.logs("was read anew", after: offset)
            let clear = try await stage.gyre.run("status")
            #expect(!clear.out.contains("refused"), "\(clear)")
            try await stage.gyre.ready(at: commit)
        }
    }

    @Test(arguments: ["\n    grnats: {}", "\n  - ["])
    func `a wrong gyre.yaml blinds nobody`(slip: String) async throws {
        try await Stage.run("blind") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: team)
            let right = Files.text(of: stage.gyre.configuration)
            try Files.write(right + slip, to: stage.gyre.configuration)
            await stage.gyre.reload()
            try await stage.gyre.until("the file is refused") { _ in
                try await stage.gyre.run("status").out.contains("gyre.yaml refused")
            }
            for command in ["status", "plan", "history", "version"] {
                let output = try await stage.gyre.run(command)
                #expect(output.status == 0 && output.err.contains("warning: "), "\(output)")
                #expect(output.err.contains("gyre.yaml:"), "\(output)")
            }
            #expect(try await stage.gyre.run("sync", stage.name).status == 0)
            let json = try await stage.gyre.run("status", "--json")
            #expect(json.out.hasPrefix("{") && json.out.contains("\"refused\""), "\(json)")

            let socket = "\(stage.folder)/gyre.sock"
            let named = try await run(["status"], ["GYRE_SOCKET": socket])
            #expect(named.status == 0 && named.out.contains(String(commit.prefix(8))), "\(named)")
            let nobody = try await run(["status", "--socket", "\(stage.folder)/none.sock"])
            #expect(nobody.status == 5, "\(nobody)")
            // Without a controller the file is all there is.
            try await stage.gyre.stop()
            let wrong = try await stage.gyre.run("status")
            #expect(wrong.status == 2 && wrong.err.contains("gyre.yaml:"), "\(wrong)")
        }
    }

    @Test func `a project taken out is listed as orphaned until it is back`() async throws {
        try await Stage.run("orphan") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(Compose.web("1.0"), to: team)
            let right = Files.text(of: stage.gyre.configuration)
            try stage.configure("  {}")
            await stage.gyre.reload()
            try await stage.gyre.until("it is orphaned") { _ in
                let text = try await stage.gyre.run("status").out
                return text.contains("orphaned: ") && text.contains("container \(stage.name)-web-1")
                    && text.contains("network \(stage.name)_default")
            }
            #expect(try await stage.container("web-1").isRunning)
            let one = try await stage.gyre.run("status", stage.name)
            #expect(one.status == 0 && one.out.contains("put project"), "\(one)")
            // Also by who only looks.
            try await stage.gyre.stop()
            let alone = try await stage.gyre.run("status")
            #expect(alone.out.contains("container \(stage.name)-web-1"), "\(alone)")

            try Files.write(right, to: stage.gyre.configuration)
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            #expect(!(try await stage.gyre.run("status").out.contains("orphaned")))
        }
    }

    @Test func `small slips are told`() async throws {
        try await Stage.run("slips") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            #expect(try await stage.gyre.run("history", "nobody/nothing").status == 2)
            #expect(try await stage.gyre.run("history", stage.name).status == 0)
            let misspelt = try await run(["stauts"])
            #expect(misspelt.status == 2 && misspelt.err.contains("did you mean \"status\"?"))
            #expect(try await run(["help", "stauts"]).status == 2)
            #expect(try await run(["render", "/nowhere/at/all"]).status == 2)
            let strange = [
                "policy", "check", "-c", stage.gyre.configuration, "--project", "x", "/",
            ]
            let stranger = try await run(strange)
            #expect(stranger.status == 2 && stranger.err.contains("it has \(stage.name)"))
            let folder = "\(stage.folder)/asks"
            try Files.makeFolder(folder)
            try Files.write(
                "services: {web: {image: 'a:1', privileged: true}}\n",
                to: "\(folder)/compose.yaml"
            )
            let refused = try await run([
                "render", folder, "-c", stage.gyre.configuration, "--project", stage.name,
            ])
            let link = "see Docs/Policy.md#"
            #expect(refused.status == 3 && refused.err.contains(link), "\(refused)")
            func shell(_ script: String) async throws -> Program.Output {
                try await Program.run(
                    ["bash", "-c", script, Environment.gyre, stage.gyre.configuration]
                )
            }
            let full = try await shell("\"$0\" status -c \"$1\" >/dev/full")
            #expect(full.status == 1 && full.err.contains("No space left"), "\(full)")
            let watch = try await shell("\"$0\" status --watch -c \"$1\" | head -1")
            #expect(watch.status == 0 && watch.out.contains("STACK"), "\(watch)")

            let locks = Files.names(in: "/run/lock/gyre").filter { $0.hasPrefix(stage.name) }
            #expect(!locks.isEmpty)
            try await stage.gyre.stop()
            let left = Files.names(in: "/run/lock/gyre").filter { $0.hasPrefix(stage.name) }
            #expect(left.isEmpty, "\(left)")
        }
    }
}
