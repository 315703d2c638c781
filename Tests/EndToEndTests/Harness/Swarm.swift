import Foundation

/// Real engines that are one Swarm, each on a machine of its own.
///
/// This machine's kernel knows neither ESP nor IPVS: networks are not encrypted here, and services
/// that have a virtual address, or a port of the whole Swarm, run, but nobody is led there.
enum Swarm {
    enum Role { case manager, worker }

    /// Brings nodes up for `body` alone; the first, a manager, has begun the Swarm.
    static func nodes<T: Sendable>(
        _ roles: [Role],
        _ body: ([Testbed]) async throws -> T
    ) async throws -> T {
        try await add(roles[...], to: [], body)
    }

    /// One engine alone, a stage there, and a team.
    static func ofOne(
        _ name: String,
        _ body: (Stage, Team, Testbed) async throws -> Void
    ) async throws {
        try await nodes([.manager]) { nodes in
            try await Stage.run(name, on: nodes[0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(swarm: nodes, team)
                try await body(stage, team, nodes[0])
                try await stage.gyre.stop()
            }
        }
    }

    private static func add<T: Sendable>(
        _ roles: ArraySlice<Role>,
        to nodes: [Testbed],
        _ body: ([Testbed]) async throws -> T
    ) async throws -> T {
        guard let role = roles.first else { return try await body(nodes) }
        var options = nodes.first.map { ["--join", $0.directory] } ?? ["--swarm"]
        if !nodes.isEmpty, role == .manager { options.append("--manager") }
        return try await Testbed.own(options + release) { node in
            try await add(roles.dropFirst(), to: nodes + [node], body)
        }
    }

    /// As the shared engine has it.
    static var release: [String] {
        let release = Environment.all["GYRE_TEST_RELEASE"] ?? ""
        return release.isEmpty ? [] : ["--release", release]
    }

    /// What stands under `swarm:`, with managers called a, b and so on.
    static func settings(_ managers: [Testbed]) -> String {
        let named = zip("abc", managers).map { "\($0): {engine: '\($1.engine.address)'}" }
        return "{managers: {\(named.joined(separator: ", "))}, encrypted: false, "
            + "no_new_privileges: true}"
    }
}

extension Stage {
    /// Writes gyre.yaml for a Swarm of these managers.
    func configure(
        swarm managers: [Testbed],
        _ team: Team,
        grants: String = "{ports: [31400-31409]}",
        profile: String = "restricted",
        registries: String = "[]",
        networks: String? = nil
    ) throws {
        try configure(
            project(name, team, grants: grants, profile: profile, registries: registries),
            timeouts: "{engine: 6s}",
            swarm: Swarm.settings(managers),
            networks: networks
        )
    }

    /// The hosts on which a service's tasks run that are to run, as a manager tells.
    func hosts(of service: String, asking node: Testbed) async throws -> [String] {
        let text = try await node.engine.docker(
            "service",
            "ps",
            "\(name)_\(service)",
            "--filter",
            "desired-state=running",
            "--format",
            "{{.Node}} {{.CurrentState}}"
        )
        let running = text.split(separator: "\n").filter { $0.contains(" Running ") }
        return running.map { String($0.prefix { $0 != " " }) }.sorted()
    }

    /// Waits until a manager has a node as ready, or not.
    func until(_ node: Testbed, isReady: Bool, asking manager: Testbed) async throws {
        let what = "\(node.network) is \(isReady ? "ready" : "down")"
        try await eventually(what, tail: { gyre.tail }) {
            let text = try await manager.engine.docker(
                "node",
                "ls",
                "--format",
                "{{.Hostname}} {{.Status}}"
            )
            let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
            guard let line = lines.first(where: { $0.first == Substring(node.network) }) else {
                return false
            }
            return line.last == (isReady ? "Ready" : "Down")
        }
    }
}
