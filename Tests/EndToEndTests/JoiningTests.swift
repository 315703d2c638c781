import Testing

/// Services in the namespaces of another one, on the engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct JoiningTests {
    private static func compose(_ version: String, _ more: String = "") -> String {
        """
        services:
          web:
            image: web:\(version)
            restart: unless-stopped
            stop_grace_period: 2s
            ipc: shareable
          side:
            image: busybox:1.35
            command: [sh, -c, "trap exit TERM; while sleep 1; do :; done"]
            restart: unless-stopped
            stop_grace_period: 2s
            network_mode: service:web
        \(more)
          peer:
            image: busybox:1.35
            command: [sh, -c, "trap exit TERM; while sleep 1; do :; done"]
            restart: unless-stopped
            stop_grace_period: 2s
            pid: service:web
            ipc: service:web
        """
    }

    /// What the web server answers where `side` is at home.
    private func page(_ stage: Stage) async throws -> String {
        let side = "\(stage.name)-side-1"
        let wget = ["exec", side, "wget", "-qO-", "http://127.0.0.1:8080/"]
        let command = ["docker", "-H", stage.engine.address] + wget
        return try await Program.run(command).out
    }

    private func modes(_ stage: Stage) async throws -> [String] {
        let names = ["side", "peer"].map { "\(stage.name)-\($0)-1" }
        let format = "{{.HostConfig.NetworkMode}} {{.HostConfig.PidMode}} {{.HostConfig.IpcMode}}"
        let side = try await stage.engine.docker("inspect", "-f", format, names[0])
        let peer = try await stage.engine.docker("inspect", "-f", format, names[1])
        return (side + " " + peer).split(whereSeparator: \.isWhitespace).map(String.init)
            .filter { $0.hasPrefix("container:") }
    }

    private func serves(_ stage: Stage, _ version: String) async throws {
        try await eventually("side sees web \(version)", tail: { stage.gyre.tail }) {
            try await page(stage).contains(version)
        }
    }

    @Test func `they live in it, follow it, and are put right with it`() async throws {
        try await Stage.run("joining") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(Self.compose("1.0"), to: team)
            let first = try await stage.container("web-1")
            #expect(try await modes(stage) == Array(repeating: "container:\(first.id)", count: 3))
            try await serves(stage, "1.0")
            let peer = "\(stage.name)-peer-1"
            let process = try await stage.engine.docker("exec", peer, "cat", "/proc/1/comm")
            #expect(process.hasPrefix("web"))

            // Restarted past Gyre: side is left in a network where nobody is.
            try await stage.engine.docker("restart", first.name)
            try await serves(stage, "1.0")
            try await eventually("peer sees web again", tail: { stage.gyre.tail }) {
                let command = ["docker", "-H", stage.engine.address, "exec", peer]
                return try await Program.run(command + ["cat", "/proc/1/comm"]).out
                    .hasPrefix("web")
            }

            try await stage.engine.docker("rm", "-f", first.name)
            try await serves(stage, "1.0")
            let second = try await stage.container("web-1")
            #expect(second.id != first.id)
            try await eventually("all live in the new one", tail: { stage.gyre.tail }) {
                try await modes(stage) == Array(repeating: "container:\(second.id)", count: 3)
            }

            let changed = try await team.push(Self.compose("2.0"))
            try await stage.gyre.ready(at: changed)
            try await serves(stage, "2.0")
            let third = try await stage.container("web-1")
            #expect(try await modes(stage) == Array(repeating: "container:\(third.id)", count: 3))

            try await team.push(Self.compose("2.0", "    ports: [\"30080:8080\"]"))
            let problem = try await stage.gyre.problem("denied")
            #expect(problem.diagnostics.contains { $0.code == "namespace" })
            #expect(try await stage.container("web-1").id == third.id)
        }
    }
}
