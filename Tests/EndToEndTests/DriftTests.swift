import Testing

/// What hands and accidents do to what runs, and how it comes back.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct DriftTests {
    private static let compose = Compose.web("1.0", Compose.line("mem_limit: 64m"))

    /// A running stack of one web server, seen right before something happens to it.
    private func deployed(
        _ name: String,
        _ body: (Stage, Container) async throws -> Void
    ) async throws {
        try await Stage.run(name) { stage in
            let team = try await stage.team()
            // Only what the engine tells can lead to a repair, no look from time to time.
            try stage.configure(stage.project(stage.name, team), polling: "1h")
            _ = try await stage.deploy(DriftTests.compose, to: team)
            try await body(stage, try await stage.container("web-1"))
        }
    }

    /// Waits for the web server to run.
    private func back(
        _ stage: Stage,
        after what: String,
        _ condition: (Container) -> Bool = { _ in true }
    ) async throws -> Container {
        let name = "\(stage.name)-web-1"
        var last: Container?
        try await eventually(
            "it runs again after \(what)",
            pause: .milliseconds(20),
            tail: { stage.gyre.tail }
        ) {
            last = try await stage.engine.container(name)
            return last.map { $0.isRunning && condition($0) } ?? false
        }
        return try #require(last)
    }

    @Test func `a killed container is started again`() async throws {
        try await deployed("killed") { stage, before in
            try await stage.engine.docker("kill", before.name)
            let after = try await back(stage, after: "docker kill") {
                $0.state.startedAt != before.state.startedAt
            }
            #expect(after.id == before.id)
        }
    }

    @Test func `a removed container is made anew`() async throws {
        try await deployed("removed") { stage, before in
            try await stage.engine.docker("rm", "-f", before.name)
            let after = try await back(stage, after: "docker rm -f")
            #expect(after.id != before.id && after.image == before.image)
            try await eventually("the history has the run") {
                let results = try await stage.gyre.results()
                guard results.count > 1 else { return false }
                #expect(results == ["repaired", "deployed"], "\(stage.gyre.tail)")
                return true
            }
        }
    }

    @Test func `a stopped container is started again`() async throws {
        try await deployed("stopped") { stage, before in
            try await stage.engine.docker("stop", before.name)
            let after = try await back(stage, after: "docker stop")
            #expect(after.id == before.id)
        }
    }

    @Test func `a paused container goes on`() async throws {
        try await deployed("paused") { stage, before in
            try await stage.engine.docker("pause", before.name)
            let after = try await back(stage, after: "docker pause")
            #expect(after.id == before.id && after.state.startedAt == before.state.startedAt)
        }
    }

    @Test func `a changed limit is put back`() async throws {
        try await deployed("limit") { stage, before in
            try await stage.engine.docker(
                "update",
                "-m",
                "96m",
                "--memory-swap",
                "96m",
                before.name
            )
            let after = try await back(stage, after: "docker update") {
                $0.memory == 64 << 20
            }
            #expect(after.id == before.id && after.state.startedAt == before.state.startedAt)
        }
    }

    @Test func `a disconnected network is joined again`() async throws {
        try await deployed("network") { stage, before in
            let network = try #require(before.networks.keys.first)
            try await stage.engine.docker("network", "disconnect", "-f", network, before.name)
            let after = try await back(stage, after: "docker network disconnect") {
                $0.networks[network]?.aliases?.contains("web") ?? false
            }
            #expect(after.isRunning)
        }
    }

    @Test func `a removed network is made anew`() async throws {
        try await deployed("netgone") { stage, before in
            let network = "\(stage.name)_default"
            try await stage.engine.docker("network", "disconnect", "-f", network, before.name)
            // Repair may come first; then there is nothing to remove, and nothing to see here.
            _ = try? await stage.engine.docker("network", "rm", network)
            try await stage.gyre.until("it is attached again") { _ in
                let now = try await stage.engine.networks(labelled: stage.label)
                let web = try await stage.container("web-1")
                return now.map(\.name) == [network] && web.isRunning
                    && web.networks[network]?.aliases?.contains("web") ?? false
            }
            let head = try await stage.gyre.status().stack()
            #expect(try await stage.gyre.plan().isEmpty, "\(head)")
        }
    }

    @Test func `a volume that had data is not silently made anew`() async throws {
        try await Stage.run("volume") { stage in
            let team = try await stage.team()
            let compose = Compose.web("1.0", Compose.line("volumes: [\"data:/data\"]"))
            let commit = try await stage.deploy(compose + "\nvolumes: {data: {}}\n", to: team)
            try await stage.gyre.stop()
            try await stage.engine.docker("rm", "-f", "\(stage.name)-web-1")
            try await stage.engine.docker("volume", "rm", "\(stage.name)_data")
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("unconfirmed")
            #expect(problem.message.contains("\(stage.name)_data"), "\(problem)")
            #expect(try await stage.containers().isEmpty)
            let words = problem.remedy.prefix { $0 != "," }.split(separator: " ").map(String.init)
            let confirm = try await stage.gyre.run("confirm", words[2], words[3])
            #expect(confirm.isSuccess, "\(confirm)")
            try await stage.gyre.ready(at: commit)
            #expect(try await stage.container("web-1").isRunning)
        }
    }

    @Test func `a renamed container keeps its slot`() async throws {
        try await deployed("renamed") { stage, before in
            try await stage.engine.docker("rename", before.name, "\(before.name)-mine")
            try await stage.gyre.until("the slot is filled once, under its name") { _ in
                let found = try await stage.containers()
                return found.map(\.name) == [before.name] && found[0].isRunning
            }
        }
    }

    @Test func `what keeps dying is started ever less often and is called stalled`() async throws {
        try await Stage.run("dying") { stage in
            let team = try await stage.team()
            let commit = try await team.push(
                """
                services:
                  web:
                    image: busybox:1.35
                    command: ["sh", "-c", "while [ ! -e /data/end ]; do sleep 0.1; done; exit 3"]
                    volumes: ["data:/data"]
                  other:
                    image: web:1.0
                volumes:
                  data: {}
                """
            )
            try await stage.gyre.start()
            try await stage.gyre.ready(at: commit)
            try await stage.engine.docker("exec", "\(stage.name)-web-1", "touch", "/data/end")
            let problem = try await stage.gyre.problem("crashing")
            #expect(problem.message.contains("web"), "\(problem)")
            let stack = try await stage.gyre.status().stack()
            #expect(stack.state == "stalled")
            #expect(stack.services.first { $0.name == "other" }?.running == 1)
            #expect(!stack.has("held"), "the version was good once")
            #expect(try await stage.container("other-1").isRunning)

            // What the old version did says nothing of the next one.
            let better = try await team.push(Compose.web("1.0"))
            try await stage.gyre.ready(at: better)
        }
    }
}
