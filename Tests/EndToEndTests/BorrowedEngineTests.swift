import Testing

/// The testbed on an engine that somebody else runs.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct BorrowedEngineTests {
    @Test func `an engine of the user's is left as it was`() async throws {
        try await Testbed.own { node in
            let before = try await everything(on: node.engine)
            let stranger = try await Testbed.own(["--engine", node.engine.address]) { borrowed in
                let engine = borrowed.engine
                try await engine.docker("image", "inspect", "web:1.0", "mysql:latest")
                let stranger = try await run(["-v", "/data"], on: engine)
                let label = "io.gyre.controller=mine"
                _ = try await run(
                    ["--label", label, "-v", "/data", "-v", "named:/more"],
                    on: engine
                )
                try await engine.docker("volume", "create", "--label", label, "own")
                try await engine.docker("network", "create", "--label", label, "own")

                try await borrowed.command("sweep", "mine")
                let left = try await everything(on: engine)
                #expect(left["ps -aq --no-trunc"] == [stranger])
                #expect(left["volume ls -q"]?.count == 2, "the stranger's, and one with a name")
                return stranger
            }
            // An image that a container of the user's needs is not taken from it.
            #expect(try await node.engine.container(stranger)?.isRunning == true)
            try await node.engine.docker("rm", "-f", "-v", stranger)
            try await node.engine.docker("volume", "rm", "named")
            try await node.engine.docker("image", "prune", "-af")
            #expect(try await everything(on: node.engine) == before)
        }
    }

    private func run(_ options: [String], on engine: Engine) async throws -> String {
        let command = ["docker", "-H", engine.address, "run", "-d"] + options + ["web:1.0"]
        return try await words(command).last ?? ""
    }

    /// What listings show, by their commands.
    private func everything(on engine: Engine) async throws -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        for listing in [
            "ps -aq --no-trunc", "images --format {{.Repository}}:{{.Tag}}", "volume ls -q",
            "network ls -q",
        ] {
            let arguments = listing.split(separator: " ").map(String.init)
            found[listing] = Set(try await words(["docker", "-H", engine.address] + arguments))
        }
        return found
    }

    private func words(_ command: [String]) async throws -> [String] {
        try await Program.check(command).split(whereSeparator: \.isWhitespace).map(String.init)
    }
}
