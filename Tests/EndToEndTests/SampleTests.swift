import Foundation
import Testing

/// Every version of every sample repository does what the sample's README says.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct SampleTests {
    /// What becomes of one version: `ready`, or the kind of the problem.
    struct Version: Sendable {
        var outcome = "ready"
        /// Containers of each service that run then.
        var runs: [String: Int]
        /// How many of them ran before, and keep their ids; nil where that is open.
        var keeps: [String: Int]? = [:]
    }

    static let samples: [String: [Version]] = [
        "gateway": [
            Version(runs: ["apache": 1, "mysql": 1]),
            Version(runs: ["apache": 1, "mysql": 1], keeps: ["apache": 1]),
            Version(runs: ["apache": 1, "mysql": 1], keeps: ["apache": 1]),
            Version(runs: ["apache": 1, "mysql": 1], keeps: ["mysql": 1]),
        ],
        "webdb": [
            Version(runs: ["web": 2, "db": 1]),
            Version(runs: ["web": 3, "db": 1], keeps: ["web": 2, "db": 1]),
        ],
        "scaled-web": [
            Version(runs: ["web": 3, "front": 1]),
            Version(runs: ["web": 3, "front": 1], keeps: ["front": 1]),
        ],
        "denied": [
            Version(runs: ["web": 1]),
            Version(outcome: "denied", runs: ["web": 1], keeps: ["web": 1]),
        ],
        "broken-yaml": [
            Version(runs: ["web": 1]),
            Version(outcome: "invalid", runs: ["web": 1], keeps: ["web": 1]),
            Version(runs: ["web": 1, "worker": 1]),
        ],
        "never-healthy": [
            Version(runs: ["web": 1]),
            Version(outcome: "held", runs: ["web": 1], keeps: nil),
            Version(runs: ["web": 1]),
        ],
    ]

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL.path

    @Test func `all samples and versions are here`() {
        let folders = Files.names(in: "\(Self.root)/SampleRepos").filter { $0 != "README.md" }
        #expect(folders.sorted() == Self.samples.keys.sorted())
        for (name, versions) in Self.samples {
            let there = Files.names(in: "\(Self.root)/SampleRepos/\(name)/versions")
            #expect(there.sorted() == (1...versions.count).map(String.init), "\(name)")
        }
    }

    @Test(arguments: samples.keys.sorted())
    func `each version does what it should`(_ name: String) async throws {
        let versions = try #require(Self.samples[name])
        // A testbed has a /home/fred of its own; another engine's machine keeps its own.
        let home = Environment.hasOwnTestbed ? nil : Environment.all["GYRE_TEST_HOMEDIR"]
        try await Stage.run(name) { stage in
            let git = "\(stage.folder)/git"
            try configure(stage, "\(git)/\(name).git", home: home ?? "/home/fred")
            var before: [Container] = []
            for (index, version) in versions.enumerated() {
                let command =
                    index == 0
                    ? ["repos", git, "--only-first", "--home", home ?? "/home/fred", name]
                    : ["push", git, name, String(index + 1)]
                let said = try await stage.testbed.command(command)
                if index == 0 { try await stage.gyre.start() }
                let commit = said.split(whereSeparator: \.isWhitespace).first { $0.count == 40 }
                before = try await follow(stage, version, String(try #require(commit)), before)
            }
        }
    }

    private func configure(_ stage: Stage, _ url: String, home: String) throws {
        try stage.configure(
            """
              \(stage.name):
                repositories: [{url: \(url)}]
                grants:
                  mounts: [{path: \(home), access: read-only, shared: false}]
                  ports: [30000-32767]
            """
        )
    }

    /// Waits for what becomes of a version, and gives the containers that run then.
    private func follow(
        _ stage: Stage,
        _ version: Version,
        _ commit: String,
        _ before: [Container]
    ) async throws -> [Container] {
        if version.outcome == "ready" {
            try await stage.gyre.ready(at: commit)
        } else {
            try await stage.gyre.until("it is \(version.outcome), and the good version runs") {
                let stack = try $0.stack()
                return stack.has(version.outcome) && stack.head?.id == commit
                    && stack.target == stack.good && stack.run == nil
                    && stack.services.allSatisfy { $0.running == $0.wanted }
            }
        }
        let after = try await stage.containers()
        #expect(counts(after) == version.runs)
        #expect(after.allSatisfy { $0.isRunning })
        let old = Set(before.map(\.id))
        if let keeps = version.keeps {
            #expect(counts(after.filter { old.contains($0.id) }) == keeps)
        }
        if version.outcome != "ready" {
            #expect(Set(after.map(\.image)) == Set(before.map(\.image)), "the old version")
        }
        if version.outcome == "denied" { try await compareWithReadme(stage) }
        return after
    }

    private func counts(_ containers: [Container]) -> [String: Int] {
        Dictionary(grouping: containers, by: \.service).mapValues(\.count)
    }

    /// The first screen of the project's README is what `gyre status` says, shortened with `…`.
    private func compareWithReadme(_ stage: Stage) async throws {
        let readme = Files.text(of: "\(Self.root)/README.md")
        let start = try #require(readme.range(of: "$ gyre status denied\n"))
        let end = try #require(readme.range(of: "```", range: start.upperBound..<readme.endIndex))
        let shown = plain(String(readme[start.upperBound..<end.lowerBound]))

        let said = try await stage.gyre.run("status", stage.name).out
        var rest = plain(said.replacing(stage.name, with: "denied"))[...]
        for part in shown.split(separator: "…") {
            let range = try #require(rest.range(of: part), "\(part) is not in:\n\(said)")
            rest = rest[range.upperBound...]
        }
    }

    /// Without what differs from run to run: the width of columns, and ages.
    private func plain(_ text: String) -> String {
        text.replacing(#/ +/#, with: " ").replacing(#/[0-9]+ s ago/#, with: "1 s ago")
    }
}
