import Foundation
import Testing

/// The audit log beside a real engine: who did what is there, and whoever changes it is found.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct AuditTests {
    private static let compose = """
        services:
          web:
            image: web:1.0
            scale: 6
            stop_grace_period: 1s
        """

    /// One line of `gyre audit list --json`.
    private struct Entry: Decodable {
        struct Facts: Decodable {
            struct Person: Decodable {
                var name: String
                var uid: Int?
            }
            struct Commit: Decodable {
                var id: String
                var author: String
                var committer: String?
            }
            struct Finding: Decodable {
                var rule: String
                var place: String?
            }
            struct Approval: Decodable {
                var change: String?
                var by: Person?
            }
            var by: Person?
            var demand: String?
            var verdict: String?
            var findings: [Finding]?
            var approval: Approval?
            var result: String?
            var step: String?
            var object: String?
            var configuration: String?
        }
        var number: Int
        var kind: String
        var stack: String?
        var facts: Facts
    }

    private func entries(_ stage: Stage) async throws -> [Entry] {
        let output = try await stage.gyre.run("audit", "list", "--limit", "0", "--json")
        #expect(output.isSuccess, "\(output)")
        return try output.out.split(separator: "\n").map {
            try JSONDecoder().decode(Entry.self, from: Data($0.utf8))
        }
    }

    @Test func `who pushed, what policy said, who confirmed and what was done`() async throws {
        try await Stage.run("audit") { stage in
            let team = try await stage.team()
            let good = try await stage.deploy(AuditTests.compose, to: team)
            let first = try await entries(stage)
            #expect(first.map(\.number) == Array(1...first.count))
            #expect(first.first?.kind == "began")
            let started = try #require(first.first { $0.kind == "started" })
            let sum = try await Program.check(["sha256sum", stage.gyre.configuration])
            #expect(started.facts.configuration.map(sum.hasPrefix) == true, "\(sum)")
            let created = first.filter { $0.facts.step?.contains("create container") == true }
            let running = try await stage.containers()
            #expect(Set(created.compactMap(\.facts.object)) == Set(running.map(\.id)))

            // A push that policy denies is told once, with rule and place.
            let denied = AuditTests.compose + "\n    privileged: true"
            let bad = try await team.push(denied)
            _ = try await stage.gyre.problem("denied")
            let verdict = try #require(try await entries(stage).last { $0.kind == "judged" })
            #expect(verdict.facts.verdict == "deny")
            #expect(verdict.facts.findings?.first?.rule == "privileged")
            #expect(verdict.facts.findings?.first?.place?.hasPrefix("compose.yaml:") == true)

            // A push that takes much away waits for a person.
            _ = try await team.push(AuditTests.compose.replacing("scale: 6", with: "scale: 1"))
            let problem = try await stage.gyre.problem("unconfirmed")
            let words = problem.remedy.prefix { $0 != "," }.split(separator: " ").map(String.init)
            let confirm = try await stage.gyre.run("confirm", words[2], words[3])
            #expect(confirm.isSuccess, "\(problem) \(confirm)")
            try await stage.gyre.until("it is confirmed") {
                try $0.stack(nil).isReady(at: try await team.head())
            }
            let all = try await entries(stage)
            let act = try #require(all.last { $0.kind == "acted" })
            #expect(act.facts.demand == "confirm" && act.facts.by?.uid == Int(getuid()))
            let decision = try #require(all.last { $0.facts.approval != nil })
            #expect(decision.facts.approval?.by?.uid == Int(getuid()))
            #expect(act.number < decision.number)
            #expect(all.contains { $0.facts.step?.contains("remove") == true })

            #expect(good != bad)
            let proof = try await stage.gyre.run("audit", "verify")
            #expect(proof.isSuccess, "\(proof)")
            let head = try await stage.gyre.run("audit", "head").out
            try await stage.gyre.stop()
            #expect(try await entries(stage).last?.kind == "stopped")
            try await tamper(stage, head.trimmingCharacters(in: .whitespacesAndNewlines))
        }
    }

    /// With the controller gone: each way to change the log is found, and leaves the rest as it is.
    private func tamper(_ stage: Stage, _ head: String) async throws {
        let state = stage.gyre.state
        let kept = "\(stage.folder)/kept"
        try await Program.check(["cp", "-a", state, kept])
        #expect(try await stage.gyre.run("audit", "verify", "--head", head).isSuccess)
        let drop = "DROP TRIGGER entries_stay; DROP TRIGGER entries_stay_the_same;"
        for (change, words) in [
            ("UPDATE entries SET payload = replace(payload, 'deny', 'allow')", "breaks at entry"),
            ("DELETE FROM entries WHERE seq = 5", "entry 5 is missing"),
            ("DELETE FROM entries WHERE seq > 10", "its end was cut off"),
        ] {
            try await sqlite("\(state)/audit.sqlite", drop + change)
            let found = try await stage.gyre.run("audit", "verify")
            #expect(found.status == 6 && found.out.contains(words), "\(found)")
            try await Program.check(["rm", "-rf", state])
            try await Program.check(["cp", "-a", kept, state])
        }
        try await Program.check(["rm", "\(state)/audit.sqlite"])
        let gone = try await stage.gyre.run("audit", "verify")
        #expect(gone.status == 6 && gone.out.contains("there is no audit log"), "\(gone)")
        // The next one goes on with the numbers, so that what is missing is missed.
        try await stage.gyre.start()
        try await stage.gyre.stop()
        let later = try await stage.gyre.run("audit", "verify")
        #expect(later.status == 6 && later.out.contains("are not here"), "\(later)")
        let whole = try await stage.gyre.run("audit", "verify", "\(kept)/audit.sqlite")
        #expect(whole.isSuccess, "\(whole)")
    }

    private func sqlite(_ path: String, _ statements: String) async throws {
        let script =
            "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
            + "c.executescript(sys.argv[2]); c.commit(); c.close()"
        try await Program.check(["python3", "-c", script, path, statements])
    }
}
