import Foundation

/// Real engines, each a node with a network of its own, of both versions where all are local.
struct Nodes: Decodable {
    struct Node: Decodable {
        struct Stack: Decodable { var stack: String }

        var name: String
        var version: String?
        var problem: String?
        var drainedBy: String?
        var fencedBy: String?
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
    ///
    /// `ways` are how the old and the new one are reached: unix, tcp or ssh; `failover` lists the
    /// stacks that an operator lets write twice.
    static func two(
        _ name: String,
        by ways: (old: String, new: String) = ("unix", "unix"),
        lostAfter patience: String = "5m",
        accepting failover: String = "[]",
        _ body: (Stage, Team, Testbed, Testbed) async throws -> Void
    ) async throws {
        try await Testbed.own { old in
            // One that is reached from other machines is of this machine's own release.
            let options = ways.new == "unix" ? ["--release", "trixie"] : []
            try await Testbed.own(options) { new in
                try await Stage.run(name, on: old) { stage in
                    let team = try await Team(named: "team", in: stage.folder)
                    let (there, here) = try await (way(old, ways.old), way(new, ways.new))
                    let nodes =
                        "{old: {\(there), labels: [tier=db]}, "
                        + "new: {\(here), labels: [tier=web]}}"
                    try configure(stage, team, nodes, lostAfter: patience, accepting: failover)
                    try await body(stage, team, old, new)
                    try await stage.gyre.stop()
                }
            }
        }
    }

    /// Three nodes by name, of which the one called new has the newer engine, and a stage whose
    /// project follows all folders of a team.
    static func three(
        _ name: String,
        lostAfter patience: String = "5m",
        _ body: (Stage, Team, [String: Testbed]) async throws -> Void
    ) async throws {
        try await Testbed.own { old in
            try await Testbed.own(["--release", "trixie"]) { new in
                try await Testbed.own { third in
                    try await Stage.run(name, on: old) { stage in
                        let team = try await Team(named: "team", in: stage.folder)
                        let nodes = ["old": old, "new": new, "third": third]
                        let entries = nodes.map { "\($0): {engine: '\($1.engine.address)'}" }
                        let text = "{\(entries.sorted().joined(separator: ", "))}"
                        try configure(stage, team, text, lostAfter: patience)
                        try await body(stage, team, nodes)
                        try await stage.gyre.stop()
                    }
                }
            }
        }
    }

    private static func configure(
        _ stage: Stage,
        _ team: Team,
        _ nodes: String,
        lostAfter patience: String,
        accepting failover: String = "[]"
    ) throws {
        let mount = "{path: \(shared(stage)), access: read-write, shared: false}"
        try stage.configure(
            "  \(stage.name): {repositories: [{url: \(team.url), folders: '*'}], "
                + "failover: \(failover), grants: {ports: [31300-31309], mounts: [\(mount)]}}",
            timeouts: "{engine: 6s, node: \(patience)}",
            nodes: nodes
        )
    }

    /// A folder that is the same on all nodes and granted to the project; nobody has made it yet.
    static func shared(_ stage: Stage) -> String { "\(stage.folder)/shared" }

    /// How an engine is reached, as a node of gyre.yaml says it.
    private static func way(_ testbed: Testbed, _ scheme: String) async throws -> String {
        guard scheme != "unix" else { return "engine: '\(testbed.engine.address)'" }
        let settings = try await testbed.start("remote")
        func value(_ name: String) -> String { settings["GYRE_TEST_ENGINE_\(name)"] ?? "" }
        if scheme == "ssh" {
            return "engine: '\(value("SSH"))', engine_access: {key_file: \(value("KEY")), "
                + "known_hosts: \(value("KNOWN_HOSTS"))}"
        }
        return "engine: '\(value("TCP"))', engine_access: {ca: \(value("CA")), "
            + "client_certificate: {certificate_file: \(value("CERT")).crt, "
            + "key_file: \(value("CERT")).key}}"
    }

    /// Stacks of a team, all on the old node; then the new one may have some too.
    static func onOld(
        _ stage: Stage,
        _ team: Team,
        _ files: [String: String]
    ) async throws -> String {
        try await team.push(["README": "nothing yet"])
        try await stage.gyre.start()
        try await gyre(stage, "drain", "new")
        try await team.push(files)
        let head = try await team.head()
        for path in files.keys where path.hasSuffix("compose.yaml") {
            try await stage.gyre.ready(at: head, String(path.prefix(1)))
        }
        try await gyre(stage, "undrain", "new")
        return head
    }

    /// A command that must succeed.
    static func gyre(_ stage: Stage, _ command: String, _ argument: String) async throws {
        let output = try await stage.gyre.run(command, argument)
        guard output.isSuccess else {
            throw Program.Failure(description: "gyre \(command): \(output.out)\(output.err)")
        }
    }

    /// Names of the stage's containers that run there, without its own.
    static func names(_ stage: Stage, _ testbed: Testbed) async throws -> Set<String> {
        let found = try await testbed.engine.containers(labelled: stage.label)
        let prefix = "\(stage.name)_"
        return Set(found.filter(\.isRunning).map { String($0.name.dropFirst(prefix.count)) })
    }
}
