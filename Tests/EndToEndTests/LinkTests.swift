import Testing

/// A team makes links in the directory that it was granted, which lead out of it.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct LinkTests {
    /// A directory that was granted, and one beside it with a file that nobody was to see.
    private struct Folders {
        let stage: Stage
        var granted: String { "/global/\(stage.name)" }
        var closed: String { "/global/closed-\(stage.name)" }

        init(_ stage: Stage) throws {
            self.stage = stage
            let node = stage.testbed.directory
            for path in [granted, closed, closed + "/sub"] { try Files.makeFolder(node + path) }
            for path in ["/canary", "/sub/canary"] {
                try Files.write("x", to: node + closed + path)
            }
        }

        var grants: String { "{mounts: [{path: \(granted), access: read-write, shared: false}]}" }

        /// A server that mounts all that was granted, so that it can make links there, and `more`.
        func compose(_ more: String...) -> String {
            let mounts = (["\(granted):/granted"] + more).map { "'\($0)'" }.joined(separator: ", ")
            return Compose.web("1.0", Compose.line("volumes: [\(mounts)]"))
        }

        /// What a tenant does in its container.
        @discardableResult
        func inside(_ command: String) async throws -> String {
            let web = "\(stage.name)-web-1"
            return try await stage.engine.docker(
                "exec",
                "-u",
                "0",
                web,
                "sh",
                "-c",
                "cd /granted; \(command)"
            )
        }
    }

    private func run(
        _ name: String,
        _ body: (Stage, Folders, Team) async throws -> Void
    ) async throws {
        try await Stage.run(name) { stage in
            let folders = try Folders(stage)
            let team = try await stage.team(grants: folders.grants)
            try await body(stage, folders, team)
            let paths = [folders.granted, folders.closed].map { stage.testbed.directory + $0 }
            try await Program.check(["rm", "-rf"] + paths)
        }
    }

    private func refused(_ stage: Stage, _ words: String) async throws {
        try await stage.gyre.until("\(words) is refused") { status in
            try status.stack().problems.contains { $0.message.contains(words) }
        }
    }

    private func hasNoCarrier(_ stage: Stage) async throws -> Bool {
        try await stage.engine.containers(labelled: "io.gyre.content=carrier")
            .allSatisfy { $0.labels["io.gyre.controller"] != stage.name }
    }

    static let ways = ["link", "link/sub", "own/link/sub", "own/file"]

    @Test(arguments: ways)
    func `a version that binds a link is refused, and the old one runs on`(
        _ way: String
    ) async throws {
        try await run("link") { stage, folders, team in
            _ = try await stage.deploy(folders.compose(), to: team)
            let closed = folders.closed
            try await folders.inside(
                "mkdir own; ln -s \(closed) link; ln -s \(closed) own/link; "
                    + "ln -s \(closed)/canary own/file"
            )
            let before = try await stage.container("web-1")
            try await team.push(folders.compose("\(folders.granted)/\(way):/seen"))
            try await refused(stage, "is a symbolic link")
            let after = try await stage.container("web-1")
            #expect(after.id == before.id && after.state.startedAt == before.state.startedAt)
            try await eventually("nothing else is left", tail: { stage.gyre.tail }) {
                try await stage.containers().map(\.id) == [before.id]
            }
            // A directory in the place of the link is what was granted.
            try await folders.inside("rm link own/link own/file; mkdir -p \(way)")
            let third = try await team.push(
                folders.compose("\(folders.granted)/\(way):/seen", "\(folders.granted)/own:/own")
            )
            try await stage.gyre.ready(at: third)
            #expect(try await folders.inside("ls /seen; touch /seen/x; ls \(way)") == "x\n")
            #expect(try await stage.gyre.plan().isEmpty)
            #expect(try await hasNoCarrier(stage))
        }
    }

    @Test func `what dies is not started again while there is a link`() async throws {
        try await run("swapped") { stage, folders, team in
            let own = "\(folders.granted)/own"
            try Files.makeFolder(stage.testbed.directory + own)
            _ = try await stage.deploy(folders.compose("\(own):/seen"), to: team)
            let before = try await stage.container("web-1")
            try await folders.inside("mv own old; ln -s \(folders.closed) own")
            try await stage.engine.docker("kill", before.name)
            try await refused(stage, "is a symbolic link")
            try await remains("it stands still", for: .seconds(3)) {
                try await !stage.container("web-1").isRunning
            }
            // Gyre's own end changes nothing about it.
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await refused(stage, "is a symbolic link")
            #expect(try await !stage.container("web-1").isRunning)
            let granted = stage.testbed.directory + folders.granted
            try await Program.check(["rm", "\(granted)/own"])
            try await Program.check(["mv", "\(granted)/old", "\(granted)/own"])
            try await stage.gyre.until("it runs again") { _ in
                try await stage.container("web-1").isRunning
            }
            #expect(try await stage.container("web-1").id == before.id)
            try await eventually("no carrier is left") { try await hasNoCarrier(stage) }
        }
    }
}
