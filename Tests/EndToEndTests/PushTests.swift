import Testing

/// What a push does to what runs: the main job.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct PushTests {
    @Test func `a push creates, the next one rolls`() async throws {
        try await Stage.run("roll") { stage in
            let team = try await stage.team()
            let first = try await stage.deploy(Compose.web("1.0"), to: team)
            let old = try await stage.container("web-1")
            #expect(old.isRunning && old.variable("VERSION") == "1.0")

            let second = try await team.push(Compose.web("2.0"))
            try await stage.gyre.ready(at: second)
            let new = try await stage.container("web-1")
            #expect(new.isRunning && new.variable("VERSION") == "2.0")
            #expect(new.id != old.id)
            #expect(try await stage.containers().count == 1, "the old one is gone")
            let history = try await stage.gyre.json("history")
            #expect(history.contains(first) && history.contains(second))

            let third = try await team.revert()
            try await stage.gyre.ready(at: third)
            #expect(try await stage.container("web-1").variable("VERSION") == "1.0")
        }
    }

    @Test func `nothing is done when nothing changed`() async throws {
        try await Stage.run("still") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            #expect(try await stage.gyre.plan().isEmpty)
            let before = try await stage.container("web-1")
            let commit = try await team.push(
                ["compose.yaml": Compose.web("1.0"), "README.md": "Not about containers.\n"]
            )
            try await stage.gyre.ready(at: commit)
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            let after = try await stage.container("web-1")
            #expect(after.id == before.id && after.state.startedAt == before.state.startedAt)
        }
    }

    /// Files that a version must not be replaced by, and what is said of each.
    static let refused: [(name: String, compose: String, kind: String, code: String)] = [
        (
            "denied", Compose.web("2.0", Compose.line("cap_add: [SYS_ADMIN]")), "denied",
            "capability-granted"
        ),
        ("broken", "services:\n  web:\n    image: \"web:2.0\n", "invalid", "yaml-syntax"),
        (
            "unknown", Compose.web("2.0", Compose.line("restrat: always")), "invalid",
            "unknown-attribute"
        ),
        (
            "unset", Compose.web("${TAG:?say which version}"), "invalid", "required-variable"
        ),
    ]

    @Test(arguments: refused.map(\.name))
    func `a push that can't be taken leaves the old version alone`(_ name: String) async throws {
        let refused = try #require(PushTests.refused.first { $0.name == name })
        try await Stage.run(name) { stage in
            let team = try await stage.team()
            let good = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")

            let bad = try await team.push(refused.compose)
            let problem = try await stage.gyre.problem(refused.kind)
            #expect(problem.diagnostics.contains { $0.code == refused.code }, "\(problem)")
            #expect(problem.diagnostics.first?.location?.file == "compose.yaml")
            #expect((problem.diagnostics.first?.location?.line ?? 0) > 1)
            #expect(!problem.remedy.isEmpty)
            let stack = try await stage.gyre.status().stack()
            #expect(stack.head?.id == bad && stack.target == good)
            try await stage.remains([before.id])

            // Repair goes on while the head is broken.
            try await stage.engine.docker("kill", before.name)
            try await stage.gyre.until("it is started again") { _ in
                try await stage.container("web-1").isRunning
            }
            #expect(try await stage.container("web-1").id == before.id)

            let mended = try await team.push(Compose.web("2.0"))
            try await stage.gyre.ready(at: mended)
        }
    }

    /// Unknown is never empty: a file that can't be read is no stack that was removed.
    @Test(arguments: ["nowhere.yaml", "/etc/hostname"])
    func `a compose file that leads astray leaves the old version alone`(
        _ target: String
    ) async throws {
        try await Stage.run("astray") { stage in
            let team = try await stage.team()
            let good = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")
            let bad = try await team.push(linkTo: target)
            let problem = try await stage.gyre.problem("invalid")
            let code = target.hasPrefix("/") ? "file-outside" : "unreadable-file"
            #expect(problem.diagnostics.map(\.code) == [code], "\(problem)")
            #expect(problem.diagnostics.first?.location?.file == "compose.yaml")
            let stack = try await stage.gyre.status().stack()
            #expect(stack.head?.id == bad && stack.target == good && !stack.has("unconfirmed"))
            try await stage.gyre.stop()
            let output = try await stage.gyre.run("apply", "--yes")
            #expect(!output.isSuccess, "\(output)")
            try await stage.remains([before.id])
        }
    }

    @Test func `a missing image is told, and the old version runs on`() async throws {
        try await Stage.run("noimage") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")
            try await team.push(Compose.web("9.9"))
            let problem = try await stage.gyre.problem("image")
            #expect(problem.message.contains("web:9.9"), "\(problem)")
            try await stage.remains([before.id])
            let back = try await team.revert()
            try await stage.gyre.ready(at: back)
            #expect(try await stage.container("web-1").id == before.id)
        }
    }

    private static func sick(_ version: String, healthy: Bool) -> String {
        """
        services:
          web:
            image: web:\(version)
            environment: {HEALTHY: "\(healthy)"}
            stop_grace_period: 2s
            healthcheck:
              test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]
              interval: 1s
              timeout: 2s
              retries: 2
              start_period: 500ms
        """
    }

    @Test func `a version that never gets healthy is held and the old one serves`() async throws {
        try await Stage.run("held") { stage in
            let team = try await stage.team()
            let good = try await stage.deploy(PushTests.sick("1.0", healthy: true), to: team)
            let before = try await stage.container("web-1")

            let bad = try await team.push(PushTests.sick("2.0", healthy: false))
            let problem = try await stage.gyre.problem("held")
            #expect(problem.remedy.contains("gyre release \(stage.name)"), "\(problem)")
            try await stage.gyre.until("the old version serves") { status in
                let stack = try status.stack()
                let web = try await stage.container("web-1")
                return stack.target == good && stack.head?.id == bad && web.isRunning
                    && web.id == before.id
            }
            try await stage.remains([before.id])
            #expect(try await stage.container("web-1").variable("VERSION") == "1.0")

            // A release is another try; it fails again, and is held again.
            let offset = Files.size(of: stage.gyre.log)
            let release = try await stage.gyre.run("release", stage.name)
            #expect(release.isSuccess, "\(release)")
            _ = try await stage.gyre.logs("create container", after: offset)
            _ = try await stage.gyre.problem("held")
            try await stage.gyre.until("the old version serves again") { status in
                let containers = try await stage.containers()
                return containers.map(\.id) == [before.id] && containers[0].isRunning
            }

            let back = try await team.revert()
            try await stage.gyre.ready(at: back)
            #expect(try await stage.container("web-1").id == before.id, "nothing was re-created")
        }
    }

    @Test func `a container that exits at once is a bad version`() async throws {
        try await Stage.run("exits") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            let before = try await stage.container("web-1")
            try await team.push(
                Compose.web("2.0", Compose.line("command: [\"/nonexistent\"]"))
            )
            _ = try await stage.gyre.problem("held")
            try await stage.gyre.until("the old version serves") { _ in
                let containers = try await stage.containers()
                return containers.map(\.id) == [before.id] && containers[0].isRunning
            }
        }
    }

    @Test func `a newer push wins over one that is waited for`() async throws {
        try await Stage.run("newer") { stage in
            let team = try await stage.team(stability: "60s")
            try await team.push(Compose.web("1.0"), "First")
            try await stage.gyre.start()
            try await stage.gyre.until("version 1 is being watched") { _ in
                try await stage.engine.container("\(stage.name)-web-1")?.isRunning ?? false
            }
            try await team.push(Compose.web("2.0"))
            try await stage.gyre.until("version 2 runs") { _ in
                let found = try await stage.containers()
                return found.count { $0.isRunning && $0.variable("VERSION") == "2.0" } == 1
            }
        }
    }
}
