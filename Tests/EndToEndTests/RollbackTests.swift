import Foundation
import Testing

/// `gyre rollback` over real servers.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct RollbackTests {
    private struct Answer: Decodable {
        struct Restored: Decodable {
            struct Change: Decodable {
                var path: String
                var kind: String
            }

            var commit: Status.Commit?
            var changes: [Change]
        }

        var folder: String
        var dryRun: Bool
        var restored: Restored
    }

    private func files(_ web: String, _ other: String) -> [String: String] {
        ["web/compose.yaml": web, "web/notes": web, "other/compose.yaml": other, "README": other]
    }

    /// A version that never gets healthy.
    private var bad: String {
        Compose.web(
            "1.0",
            Compose.line("healthcheck: {test: [CMD, /none], interval: 1s, retries: 2}")
        )
    }

    @Test(arguments: ["https", "ssh"])
    func `a bad version is held, and a rollback pushes the one before`(_ name: String) async throws
    {
        try await Stage.run("rollback-\(name)") { stage in
            let servers = try await GitServers("https", "ssh", on: stage.testbed)
            let way =
                name == "https"
                ? Way(name: "a", server: "\(servers["HTTPS_AUTH"])/", keys: servers.password())
                : Way(
                    name: "a",
                    server: "\(servers["SSH"])/",
                    keys: servers.key(servers["SSH_KEY"])
                )
            let project = stage.project(way)
            let team = try await servers.team(stage, [project])
            try stage.configure(
                stage.projects([way]),
                git: "{ca: \(servers["CA"]), known_hosts: \(servers["SSH_KNOWN_HOSTS"]), "
                    + "author: Bot <bot@samples.test>}"
            )
            let first = try await team.push(files(Compose.web("1.0"), Compose.web("1.0")), "First")
            try await stage.gyre.start()
            for stack in ["web", "other"] { try await stage.gyre.ready(at: first, stack) }
            let second = try await team.push(files(bad, Compose.web("2.0")), "Second")
            _ = try await stage.gyre.problem("held", "web")
            try await stage.gyre.ready(at: second, "other")

            let trial = try await rollback(stage, "\(project)/web", "--dry-run")
            #expect(trial.dryRun && trial.restored.commit == nil && trial.folder == "web")
            #expect(trial.restored.changes.map(\.path) == ["web/compose.yaml", "web/notes"])
            #expect(try await git(servers, stage, "rev-parse", "main") == second)

            let done = try await rollback(stage, "\(project)/web")
            let commit = try #require(done.restored.commit)
            for stack in ["web", "other"] { try await stage.gyre.ready(at: commit.id, stack) }
            let versions = try await stage.containers().filter(\.isRunning).reduce(into: [:]) {
                $0[$1.name] = $1.variable("VERSION")
            }
            #expect(
                versions == ["\(project)_web-web-1": "1.0", "\(project)_other-web-1": "2.0"]
            )
            #expect(try await git(servers, stage, "rev-parse", "main~1") == second)
            let changed = try await git(servers, stage, "diff", "--name-only", second, "main")
            #expect(changed == "web/compose.yaml\nweb/notes")
            #expect(
                try await git(servers, stage, "diff", "--name-only", first, "main", "--", "web")
                    == ""
            )
            let author = try await git(servers, stage, "log", "-1", "--format=%an <%ae>", "main")
            #expect(author == "Bot <bot@samples.test>")

            let again = try await stage.gyre.run("rollback", "\(project)/web")
            #expect(again.isSuccess && again.out.contains("nothing to roll back"), "\(again.out)")
            // The hold of the bad version outlives it.
            let release = try await stage.gyre.run("release", "\(project)/web")
            #expect(release.out.contains("one version"), "\(release.out)\(release.err)")
        }
    }

    @Test func `credentials that may only read are told so, and nothing is changed`() async throws {
        try await Stage.run("rollback-read") { stage in
            let servers = try await GitServers("https", on: stage.testbed)
            let way = Way(name: "a", server: "\(servers["HTTPS"])/")
            let project = stage.project(way)
            let team = try await servers.team(stage, [project])
            try stage.configure(stage.projects([way]), git: "{ca: \(servers["CA"])}")
            let first = try await team.push(Compose.web("1.0"), "First")
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let second = try await team.push(Compose.web("2.0"), "Second")
            try await stage.gyre.ready(at: second)
            let start = String(first.prefix(8))
            let output = try await stage.gyre.run("rollback", project, "--to", start)
            #expect(output.status == 1, "\(output.out)")
            #expect(output.err.contains("[push-forbidden]"), "\(output.err)")
            #expect(output.err.contains("credentials in gyre.yaml that may write"))
            #expect(try await git(servers, stage, "rev-parse", "main") == second)
        }
    }

    private func rollback(_ stage: Stage, _ arguments: String...) async throws -> Answer {
        let command =
            [Environment.gyre, "rollback"] + arguments
            + ["--json", "--config", stage.gyre.configuration]
        let text = try await Program.check(command)
        return try JSONDecoder().decode(Answer.self, from: Data(text.utf8))
    }

    /// What git says of the repository where it lies.
    private func git(
        _ servers: GitServers,
        _ stage: Stage,
        _ arguments: String...
    ) async throws -> String {
        let folder = "\(servers.folder)/\(stage.name).git"
        let command = ["git", "-c", "safe.directory=*", "-C", folder] + arguments
        return try await Program.check(command).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
