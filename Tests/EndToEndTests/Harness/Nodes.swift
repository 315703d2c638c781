import Foundation

/// Two real engines, of both versions, each a node with a network of its own.
struct Nodes: Decodable {
    struct Node: Decodable {
        struct Stack: Decodable { var stack: String }

        var name: String
        var version: String?
        var problem: String?
        var drainedBy: String?
        var labels: [String: String]
        var memory: Int64?
        var stacks: [Stack]
    }

    var nodes: [Node]

    /// What `gyre nodes --json` says, as a program outside would read it.
    static func seen(by stage: Stage) async throws -> [Node] {
        let text = try await stage.gyre.json("nodes")
        return try JSONDecoder().decode(Nodes.self, from: Data(text.utf8)).nodes
    }

    /// A compose file of one web server.
    static func web(
        _ version: String,
        tier: String? = nil,
        port: Int? = nil,
        _ more: String = ""
    ) -> String {
        var lines = [Compose.line("mem_limit: 32m")]
        if let tier {
            let constraint = "node.labels.tier == \(tier)"
            lines.append(
                Compose.line("deploy: {placement: {constraints: ['\(constraint)']}}")
            )
        }
        if let port { lines.append(Compose.line("ports: ['\(port):8080']")) }
        return Compose.web(version, (lines + [more]).joined(separator: "\n"))
    }

    /// Two nodes, and a stage whose project follows all folders of a team.
    static func two(
        _ name: String,
        _ body: (Stage, Team, Testbed, Testbed) async throws -> Void
    ) async throws {
        try await Testbed.own { old in
            try await Testbed.own(["--release", "trixie"]) { new in
                try await Stage.run(name, on: old) { stage in
                    let team = try await Team(named: "team", in: stage.folder)
                    try stage.configure(
                        "  \(stage.name): {repositories: [{url: \(team.url), folders: '*'}], "
                            + "grants: {ports: [31300-31309]}}",
                        timeouts: "{engine: 6s}",
                        nodes: "{old: {engine: '\(old.engine.address)', labels: [tier=db]}, "
                            + "new: {engine: '\(new.engine.address)', labels: [tier=web]}}"
                    )
                    try await body(stage, team, old, new)
                    try await stage.gyre.stop()
                }
            }
        }
    }

    /// Names of the stage's containers that run there, without its own.
    static func names(_ stage: Stage, _ testbed: Testbed) async throws -> Set<String> {
        let found = try await testbed.engine.containers(labelled: stage.label)
        let prefix = "\(stage.name)_"
        return Set(found.filter(\.isRunning).map { String($0.name.dropFirst(prefix.count)) })
    }
}
