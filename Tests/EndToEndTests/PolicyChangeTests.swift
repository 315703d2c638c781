import Foundation
import Testing

/// A policy that changes, against a real engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct PolicyChangeTests {
    private static let compose = """
        services:
          web:
            image: web:1.0
            cap_add: [CHOWN]
            stop_grace_period: 1s
        """

    /// What `gyre policy report --json` tells, as far as it is looked at.
    struct Report: Decodable {
        struct Stack: Decodable {
            struct Finding: Decodable {
                var rule: String
                var line: Int?
                var fix: String?
            }
            struct Change: Decodable {
                var field: String
                var from: String?
                var to: String?
            }
            var verdict: String
            var before: String?
            var findings: [Finding]
            var changes: [Change]
        }
        var users: String?
        var stacks: [Stack]
    }

    /// Judged by `file`, or by what the controller has in force.
    private func report(_ stage: Stage, by file: String? = nil) async throws -> Report.Stack {
        let by = file.map { ["--config", $0] } ?? ["--socket", "\(stage.folder)/gyre.sock"]
        let command = [Environment.gyre, "policy", "report", stage.name, "--json"]
        let output = try await Program.run(command + by)
        let report = try JSONDecoder().decode(Report.self, from: Data(output.out.utf8))
        let stack = try #require(report.stacks.first, "\(output)")
        #expect(output.status == (stack.verdict == "against" ? 3 : 0), "\(output)")
        return stack
    }

    /// Writes the policy to a file beside the one in force; gives its path.
    private func draft(
        _ stage: Stage,
        _ team: Team,
        named name: String,
        grants: String
    ) async throws -> String {
        let path = "\(stage.folder)/\(name).yaml"
        let old = Files.text(of: stage.gyre.configuration)
        try stage.configure(stage.project(stage.name, team, grants: grants))
        try Files.write(Files.text(of: stage.gyre.configuration), to: path)
        try Files.write(old, to: stage.gyre.configuration)
        return path
    }

    private func takeUp(_ file: String, _ stage: Stage) async throws {
        try Files.write(Files.text(of: file), to: stage.gyre.configuration)
        await stage.gyre.reload()
    }

    @Test func `what a new policy denies is told before, runs on and is started again`()
        async throws
    {
        try await Stage.run("policy") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(PolicyChangeTests.compose, to: team)
            let web = try await stage.container("web-1").id
            #expect(try await report(stage).verdict == "ok")

            // New defaults are told, and wait.
            let more = try await draft(
                stage,
                team,
                named: "more",
                grants: "{memory: {default: 300m}}"
            )
            var stack = try await report(stage, by: more)
            #expect(stack.verdict == "changes" && stack.before == "ok")
            #expect(stack.changes.map(\.field) == ["memory"])
            #expect(stack.changes.first?.to == "\(300 << 20)")
            try await takeUp(more, stage)
            try await eventually("it is in force") {
                try await report(stage).verdict == "changes"
            }
            try await stage.remains([web])

            // What is denied is told with its place and runs on.
            let less = try await draft(stage, team, named: "less", grants: "{capabilities: [KILL]}")
            stack = try await report(stage, by: less)
            #expect(stack.verdict == "against" && stack.before == "changes")
            #expect(stack.findings.map(\.rule) == ["capability-granted"])
            #expect(stack.findings.first?.line == 4 && stack.findings.first?.fix != nil)
            try await stage.remains([web])
            try await takeUp(less, stage)
            let problem = try await stage.gyre.problem("against-policy")
            #expect(problem.message.hasPrefix("runs against policy: commit"))
            #expect(try await report(stage).verdict == "against")
            try await stage.remains([web])
            let started = try await stage.container("web-1").state.startedAt
            try await stage.engine.docker("kill", web)
            try await eventually("it was started again") {
                let found = try await stage.container("web-1")
                return found.isRunning && found.state.startedAt != started
            }
            try await stage.remains([web], for: .seconds(1))

            // Removed, it is not made anew until the operator allows it.
            try await stage.engine.docker("rm", "-f", web)
            try await stage.remains([])
            try await takeUp(more, stage)
            try await stage.gyre.until("it is back") {
                try $0.stack(nil).isReady(at: try await team.head())
            }
            #expect(try await report(stage).verdict == "ok")
            let kinds = try await stage.gyre.run("audit", "list", "--limit", "0").out
            #expect(kinds.contains("changed: grants.capabilities"), "\(kinds)")
            #expect(kinds.contains("rejudged  deny: commit"), "\(kinds)")
            #expect(try await stage.gyre.run("audit", "verify").isSuccess)
        }
    }

    /// What `gyre policy enforce --json` tells.
    private struct Enforcement: Decodable {
        var verdict: String
        var stops: [String]
        var change: String
        var docs: [String: String]
    }

    /// Looks, and demands just what was shown; looks again where a pass was at it meanwhile.
    private func enforce(_ stage: Stage, exit: Int32) async throws -> Enforcement {
        while true {
            let shown = try await stage.gyre.run("policy", "enforce", stage.name, "--json")
            #expect(shown.status == exit, "\(shown)")
            let found = try JSONDecoder().decode(Enforcement.self, from: Data(shown.out.utf8))
            let done = try await stage.gyre.run(
                "policy",
                "enforce",
                stage.name,
                "--confirm",
                found.change
            )
            if done.err.contains("is not \(found.change) any more") { continue }
            #expect(done.isSuccess, "\(done)")
            return found
        }
    }

    @Test func `policy is enforced on what runs when somebody asks for it`() async throws {
        try await Stage.run("enforce") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(PolicyChangeTests.compose, to: team)
            let web = try await stage.container("web-1").id
            let none = try await stage.gyre.run("policy", "enforce", stage.name)
            #expect(!none.isSuccess && none.err.contains("is as policy wants it"), "\(none)")

            let more = try await draft(
                stage,
                team,
                named: "more",
                grants: "{memory: {default: 300m}, capabilities: [CHOWN, KILL]}"
            )
            try await takeUp(more, stage)
            try await eventually("it is in force") {
                try await report(stage).verdict == "changes"
            }
            let wrong = try await stage.gyre.run(
                "policy",
                "enforce",
                stage.name,
                "--confirm",
                "0123456789ab"
            )
            #expect(!wrong.isSuccess && wrong.err.contains("not 0123456789ab any more"), "\(wrong)")
            #expect(try await enforce(stage, exit: 0).stops.isEmpty)
            try await eventually("it was re-created") {
                try await report(stage).verdict == "ok"
            }
            let new = try await stage.container("web-1").id
            #expect(new != web)

            let less = try await draft(stage, team, named: "less", grants: "{capabilities: [KILL]}")
            try await takeUp(less, stage)
            _ = try await stage.gyre.problem("against-policy")
            try await stage.remains([new], for: .seconds(1))
            let denied = try await enforce(stage, exit: 3)
            #expect(denied.stops == ["web"])
            #expect(denied.docs["capability-granted"]?.hasSuffix("#capability-granted") == true)
            try await stage.gyre.until("it is stopped") {
                try $0.stack(nil).problem("against-policy")?.message
                    .hasPrefix("stopped by policy") == true
            }
            try await eventually("the container stands still") {
                try await !stage.container("web-1").isRunning
            }
            #expect(try await stage.container("web-1").id == new, "it is kept")
            try await takeUp(more, stage)
            try await stage.gyre.until("it is back") {
                try $0.stack(nil).isReady(at: try await team.head())
            }
            #expect(try await stage.container("web-1").id == new)
            let log = try await stage.gyre.run("audit", "list", "--limit", "0").out
            #expect(log.contains("acted  policy enforce by "), "\(log)")
        }
    }
}

/// An engine that remaps users, brought up for this.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct RemappedUsersTests {
    @Test func `beside a shared file system nothing runs where users are remapped`() async throws {
        try await Testbed.own(["--remap-users"]) { testbed in
            try await Stage.run("remap", on: testbed) { stage in
                let mount = "\(testbed.directory)/global"
                let team = try await stage.team(
                    grants: "{identities: {uids: 41000, gids: 5000}, "
                        + "mounts: [{path: \(mount), access: read-write}]}"
                )
                let compose = """
                    services:
                      web:
                        image: web:1.0
                        user: "41000:5000"
                        volumes: ["\(mount):/data"]
                        stop_grace_period: 1s
                    """
                _ = try await team.push(compose)
                try await stage.gyre.start()
                let problem = try await stage.gyre.problem("denied")
                #expect(problem.diagnostics.contains { $0.code == "identity" }, "\(problem)")
                #expect(try await stage.containers().isEmpty)
                let status = try await stage.gyre.run("status").out
                #expect(status.contains("the engine remaps users (userns-remap)"), "\(status)")

                // What rests on no uid runs there as anywhere.
                let plain = "services:\n  web:\n    image: web:1.0\n    stop_grace_period: 1s\n"
                try await stage.gyre.ready(at: try await team.push(plain))
                #expect(try await stage.containers().allSatisfy(\.isRunning))
            }
        }
    }
}
