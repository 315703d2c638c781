import Testing

/// What becomes of volumes: no push ends one, a person does in two steps.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct VolumeTests {
    private static let mounting =
        Compose.web("1.0", Compose.line("volumes: ['data:/data']")) + "\nvolumes: {data: {}}\n"

    /// The id behind `--confirm` in what a first call prints.
    private func change(_ output: Program.Output) throws -> String {
        let words = output.out.split(whereSeparator: \.isWhitespace).map(String.init)
        let place = try #require(words.firstIndex(of: "--confirm"), "\(output)")
        return try #require(words.dropFirst(place + 1).first)
    }

    /// What is in the file `a` of the copy that the printed command makes of a volume.
    private func copy(
        of volume: String,
        by output: Program.Output,
        _ stage: Stage
    ) async throws -> String {
        let lines = output.out.split(separator: "\n")
        let line = try #require(lines.first { $0.contains("volumes export") }, "\(output)")
        let said = try #require(line.split(separator: ": gyre ").last)
        let command = "\(Environment.gyre) \(said) --config \(stage.gyre.configuration)"
        _ = try await Program.check(["env", "-C", stage.folder, "sh", "-c", command])
        return try await Program.check(["tar", "-xOf", "\(stage.folder)/\(volume).tar", "./a"])
    }

    private func exists(_ volume: String, _ stage: Stage) async throws -> Bool {
        try await stage.engine.docker("volume", "ls", "-q").split(separator: "\n")
            .contains { $0 == volume }
    }

    @Test func `a volume goes when nothing mounts it and a person confirms it`() async throws {
        try await Stage.run("volume") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(VolumeTests.mounting, to: team)
            let volume = "\(stage.name)_data"
            let used = try await stage.gyre.run("volumes", "rm", stage.name, volume)
            #expect(used.status == 1 && used.err.contains("\(stage.name)-web-1"), "\(used)")
            let listed = try await stage.gyre.run("volumes", stage.name)
            #expect(listed.out.contains("used") && listed.out.contains(volume), "\(listed)")

            let web = "\(stage.name)-web-1"
            try await stage.engine.docker("exec", web, "sh", "-c", "echo kept >/data/a")
            let without = try await team.push(Compose.web("1.0"), "Without")
            try await stage.gyre.ready(at: without)
            #expect(try await exists(volume, stage), "a push ends no volume")
            let first = try await stage.gyre.run("volumes", "rm", stage.name, volume)
            #expect(first.status == 3, "\(first)")
            let id = try change(first)
            #expect(try await copy(of: volume, by: first, stage).contains("kept"))
            let wrong = try await stage.gyre.run(
                "volumes",
                "rm",
                stage.name,
                volume,
                "--confirm",
                "000000000000"
            )
            #expect(wrong.status == 1 && wrong.err.contains("another change"), "\(wrong)")
            #expect(try await exists(volume, stage))

            // Somebody else mounts it: the engine refuses, and nothing is forgotten.
            let stranger = try await stage.engine.docker(
                "create",
                "--label",
                stage.mark,
                "-v",
                "\(volume):/x",
                "web:1.0"
            )
            let taken = try await stage.gyre.run(
                "volumes",
                "rm",
                stage.name,
                volume,
                "--confirm",
                id
            )
            #expect(taken.status == 1 && taken.err.contains("in use"), "\(taken)")
            try await stage.engine.docker("rm", String(stranger.prefix(64)))
            let removed = try await stage.gyre.run(
                "volumes",
                "rm",
                stage.name,
                volume,
                "--confirm",
                id
            )
            #expect(removed.isSuccess, "\(removed)")
            #expect(try await !exists(volume, stage))
            let audit = try await stage.gyre.run("audit", "list", "--kind", "acted")
            #expect(audit.out.contains("volumes rm"), "\(audit)")

            // It is no loss: files that name it again get a new one, and nobody is asked.
            let again = try await team.push(VolumeTests.mounting, "Again")
            try await stage.gyre.ready(at: again)
            #expect(try await exists(volume, stage))
        }
    }

    /// Only a profile that lets drivers pass comes as far as the engine.
    @Test func `a driver that the node lacks is told with its place`() async throws {
        try await Stage.run("driver") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            // The engine looks for a plugin for fifteen seconds before it says that there is none.
            try stage.configure(
                stage.project(stage.name, team, profile: "privileged"),
                timeouts: "{engine: 40s}"
            )
            func compose(_ driver: String) -> String {
                let mount = Compose.line("volumes: [data:/data]")
                return Compose.web("1.0", mount) + "\nvolumes:\n  data:\n    driver: \(driver)\n"
            }
            try await team.push(compose("nosuch"))
            try await stage.gyre.start()
            try await stage.gyre.until("it says what is missing, and where") { status in
                try status.stack().problems.contains {
                    $0.message.contains("compose.yaml:8:13") && $0.message.contains("nosuch")
                        && $0.message.contains("the node has no such driver")
                }
            }
            #expect(try await stage.containers().isEmpty)
            let commit = try await team.push(compose("local"))
            try await stage.gyre.ready(at: commit)
        }
    }

    @Test func `a volume that is lost waits for a person, who may let it go`() async throws {
        try await Stage.run("lostvolume") { stage in
            let team = try await stage.team()
            let commit = try await stage.deploy(VolumeTests.mounting, to: team)
            let volume = "\(stage.name)_data"
            try await stage.gyre.stop()
            try await stage.engine.docker("rm", "-f", "\(stage.name)-web-1")
            try await stage.engine.docker("volume", "rm", volume)
            try await stage.gyre.start()
            _ = try await stage.gyre.problem("unconfirmed")
            let first = try await stage.gyre.run("volumes", "rm", stage.name, volume)
            #expect(first.status == 3 && first.out.contains("is gone"), "\(first)")
            let id = try change(first)
            let removed = try await stage.gyre.run(
                "volumes",
                "rm",
                stage.name,
                volume,
                "--confirm",
                id
            )
            #expect(removed.isSuccess, "\(removed)")
            try await stage.gyre.ready(at: commit)
        }
    }

    /// The stack is gone from git and from the engine; its volume is not.
    @Test func `a stack that is removed leaves its volumes to a person`() async throws {
        try await Stage.run("endvolume") { stage in
            let team = try await stage.team()
            let both = ["go", "keep"].map { ("\($0)/compose.yaml", VolumeTests.mounting) }
            let commit = try await team.push(Dictionary(uniqueKeysWithValues: both))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit, "go")
            let (stack, volume) = ("\(stage.name)/go", "\(stage.name)_go_data")
            let keep = ["keep/compose.yaml": VolumeTests.mounting]
            try await team.push(keep, "Remove go\n\nGyre-Remove: go")
            try await stage.gyre.until("the stack is gone") { status in
                let container = try await stage.engine.container("\(stage.name)_go-web-1")
                return container == nil && !status.stacks.contains { $0.stack.stack == "go" }
            }
            let listed = try await stage.gyre.run("volumes")
            #expect(listed.out.contains(volume) && listed.out.contains("unused"), "\(listed)")
            let id = try self.change(
                try await stage.gyre.run("volumes", "rm", stack, volume)
            )
            let removed = try await stage.gyre.run(
                "volumes",
                "rm",
                stack,
                volume,
                "--confirm",
                id
            )
            #expect(removed.isSuccess, "\(removed)")
            #expect(try await !exists(volume, stage))
            let left = try await stage.gyre.run("volumes", "--json")
            #expect(left.isSuccess && !left.out.contains(volume), "\(left)")
        }
    }
}
