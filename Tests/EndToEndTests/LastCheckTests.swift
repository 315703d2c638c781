import Foundation
import Testing

/// The second check says no to what the first let pass, in front of a real engine.
///
/// They disagree about the date: an exception holds when the plan is made, and has expired when a
/// container of it is to be created.
@Suite(.onEngine, .timeLimit(.minutes(20)))
struct LastCheckTests {
    /// One line of `gyre audit list --json`.
    private struct Entry: Decodable {
        struct Facts: Decodable {
            var step: String?
            var result: String?
            var message: String?
        }
        var kind: String
        var facts: Facts
    }

    private func configure(_ stage: Stage, _ steady: Team, _ late: Team) throws {
        let seconds = Date.now.timeIntervalSince1970 + 2 * 86400
        let day = Date(timeIntervalSince1970: seconds).ISO8601Format().prefix(10)
        let exception =
            "{rule: privileged, owner: ann@example.org, reason: a driver, expires: \(day)}"
        let project = stage.project(stage.name + "-late", late)
        try stage.configure(
            stage.project(stage.name, steady) + "\n"
                + project.replacing(", profile:", with: ", exceptions: [\(exception)], profile:")
        )
    }

    /// The library that sets the controller's clock forward, and for what.
    private func tomorrow(_ stage: Stage, after text: String) async throws -> [String: String] {
        let testbed = URL(filePath: Environment.all["GYRE_TESTBED"] ?? "")
        let source = testbed.deletingLastPathComponent().appending(path: "tomorrow.c").path
        let library = "\(stage.folder)/tomorrow.so"
        try await Program.check(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"])
        return ["LD_PRELOAD": library, "TOMORROW_AFTER": text]
    }

    @Test func `a step that the second check refuses does not run`() async throws {
        try await Stage.run("last-check") { stage in
            let late = "\(stage.name)-late"
            let steady = try await Team(named: "steady", in: stage.folder)
            let team = try await Team(named: "late", in: stage.folder)
            try configure(stage, steady, team)
            let first = try await steady.push(Compose.web("1.0"))
            let sound = try await team.push(Compose.web("1.0"))
            try await stage.gyre.start(try await tomorrow(stage, after: "\"\(late)_more\""))
            try await stage.gyre.ready(at: first, stage.name)
            try await stage.gyre.ready(at: sound, late)
            let before = try await stage.engine.container("\(late)-web-1")

            // The network comes first, and with it the day on which the exception is over.
            let more = "    privileged: true\n    networks: [more]\nnetworks: {more: {}}"
            let asking = try await team.push(Compose.web("2.0", more))
            try await stage.gyre.until("the second check has refused a step") { _ in
                try await self.refusals(stage, late).count == 1
            }
            let refusal = try #require(try await refusals(stage, late).first)
            let words = refusal.facts.message ?? ""
            #expect(refusal.facts.step?.contains("create container") == true, "\(refusal)")
            #expect(words.contains("Gyre's own last check stopped the call"), "\(refusal)")
            #expect(words.contains("body.HostConfig.Privileged"), "\(refusal)")
            #expect(words.contains("[gate-privilege]"), "\(refusal)")

            // It waits for another version, and says why; what served serves on.
            try await stage.gyre.until("the version is denied") { status in
                let stack = try status.stack(late)
                return stack.head?.id == asking && stack.problem("denied") != nil
            }
            let after = try await stage.engine.container("\(late)-web-1")
            #expect(after?.id == before?.id && after?.isRunning == true)
            let all = try await stage.containers()
            #expect(all.count == 2, "nothing was created: \(all.map(\.name))")
            let inspect = try await stage.engine.docker(
                "inspect",
                "-f",
                "{{.HostConfig.Privileged}}",
                "\(late)-web-1"
            )
            #expect(inspect.contains("false"))

            // The others go on.
            let second = try await steady.push(Compose.web("2.0"))
            try await stage.gyre.ready(at: second, stage.name)
            let proof = try await stage.gyre.run("audit", "verify")
            #expect(proof.isSuccess, "\(proof)")
        }
    }

    private func refusals(_ stage: Stage, _ project: String) async throws -> [Entry] {
        let output = try await stage.gyre.run(
            "audit",
            "list",
            "--project",
            project,
            "--kind",
            "applied",
            "--limit",
            "0",
            "--json"
        )
        return try output.out.split(separator: "\n")
            .map { try JSONDecoder().decode(Entry.self, from: Data($0.utf8)) }
            .filter { $0.facts.result == "failed" }
    }
}
