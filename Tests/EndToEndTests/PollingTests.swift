import Foundation
import Testing

/// How often a real server is asked, by its own log.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct PollingTests {
    @Test func `stacks share their questions, and what fails is asked less and less`() async throws
    {
        try await Stage.run("polling") { stage in
            let servers = try await GitServers("https", on: stage.testbed)
            let team = try await servers.team(stage, ["\(stage.name)-many"])
            let url = "\(servers["HTTPS"])/\(stage.name)-many.git"
            let folders = (1...6).map { "{url: \"\(url)\", folder: f\($0), stack: s\($0)}" }
            let missing = "\(servers["HTTPS"])/\(stage.name)-none.git"
            func configure(backoff: String) throws {
                try stage.configure(
                    """
                      \(stage.name): {repositories: [\(folders.joined(separator: ", "))]}
                      \(stage.name)-none: {repositories: [{url: "\(missing)"}]}
                    """,
                    backoff: backoff,
                    git: "{ca: \(servers["CA"])}"
                )
            }
            try configure(backoff: "{first: 1s, longest: 1h}")
            let files = (1...6).map { ("f\($0)/compose.yaml", Compose.web("1.0")) }
            let commit = try await team.push(Dictionary(uniqueKeysWithValues: files), "First")
            let began = ContinuousClock.now
            try await stage.gyre.start()
            for number in 1...6 { try await stage.gyre.ready(at: commit, "s\(number)") }
            try await stage.gyre.until("it was asked some times") { _ in
                count(of: "\(stage.name)-none", servers) >= 4
                    && count(of: "\(stage.name)-many", servers) >= 6
            }
            let seconds = Int((ContinuousClock.now - began) / .seconds(1)) + 1
            // Once a second at most for all six; one, two, four … seconds after each failure.
            #expect(count(of: "\(stage.name)-many", servers) <= seconds + 3)
            #expect((1 << (count(of: "\(stage.name)-none", servers) - 1)) - 1 <= seconds)

            try await stage.gyre.until("the outage is told") { status in
                let outage = status.repositories.first { $0.repository == missing }?.outage
                return outage.map { ($0.nextTry ?? 0) > $0.since } ?? false
            }
            // After one failure the pause is longer than anything here waits.
            try await stage.gyre.stop()
            let asked = count(of: "\(stage.name)-none", servers)
            try configure(backoff: "{first: 1h, longest: 2h}")
            try await stage.gyre.start()
            try await stage.gyre.until("it failed once more") { status in
                count(of: "\(stage.name)-none", servers) > asked
                    && status.repositories.contains { $0.repository == missing && $0.outage != nil }
            }
            let before = count(of: "\(stage.name)-none", servers)
            try await stage.gyre.run("sync")
            try await stage.gyre.until("a person waits for no pause") { _ in
                count(of: "\(stage.name)-none", servers) > before
            }
        }
    }

    @Test func `branches and tags of one repository share one question`() async throws {
        try await Stage.run("together") { stage in
            let servers = try await GitServers("https", on: stage.testbed)
            let name = "\(stage.name)-one"
            let team = try await servers.team(stage, [name])
            let followed = ["branch: main", "branch: next", "tag: stable"]
            let entries = followed.enumerated().map { number, reference in
                "{url: \"\(servers["HTTPS"])/\(name).git\", \(reference), stack: s\(number + 1)}"
            }
            try stage.configure(
                "  \(stage.name): {repositories: [\(entries.joined(separator: ", "))]}",
                git: "{ca: \(servers["CA"])}"
            )
            let first = try await team.push(Compose.web("1.0"), "First")
            try await team.point("refs/heads/next", at: first)
            try await team.point("refs/tags/stable", at: first)
            let began = ContinuousClock.now
            try await stage.gyre.start()
            for number in 1...3 { try await stage.gyre.ready(at: first, "s\(number)") }
            let second = try await team.push(Compose.web("2.0"))
            try await stage.gyre.ready(at: second, "s1")
            try await team.point("refs/tags/stable", at: second)
            try await stage.gyre.ready(at: second, "s3")
            try await stage.gyre.until("the branch that stays is left alone") {
                let isReady = try $0.stack("s2").isReady(at: first)
                return isReady && count(of: name, servers) >= 20
            }
            // Once a second at most for all three, and once more for what else moved.
            let seconds = Int((ContinuousClock.now - began) / .seconds(1)) + 1
            #expect(count(of: name, servers) <= seconds + 8)
        }
    }

    /// How often a repository's references were asked for.
    private func count(of name: String, _ servers: GitServers) -> Int {
        Files.text(of: servers["HTTPS_LOG"]).split(separator: "\n")
            .count { $0.contains("/\(name).git/info/refs") }
    }
}
