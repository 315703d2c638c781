import Testing

/// What compose files name on an engine: objects of others, containers, and each other's mounts.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct ExternalTests {
    @Test func `networks and volumes of others are used and left as they are`() async throws {
        try await Stage.run("external") { stage in
            let team = try await stage.team()
            let shared = "\(stage.name)_shared"
            let commit = try await team.push(
                """
                services:
                  web:
                    image: web:1.0
                    stop_grace_period: 2s
                    networks: [default, back]
                    volumes: ["data:/data"]
                networks:
                  back: {external: true, name: \(shared)}
                volumes:
                  data: {external: true, name: \(shared)}
                """
            )
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("missing")
            #expect(problem.diagnostics.map(\.code) == ["external-missing", "external-missing"])
            #expect(try await stage.containers().isEmpty, "nothing is begun")
            #expect(try await stage.engine.networks(labelled: stage.label).isEmpty)

            let engine = stage.engine
            try await engine.docker("network", "create", "--label", stage.mark, shared)
            try await engine.docker("volume", "create", "--label", stage.mark, shared)
            try await stage.gyre.run("sync")
            try await stage.gyre.ready(at: commit)
            let name = "\(stage.name)-web-1"
            try await engine.docker("exec", name, "sh", "-c", "echo kept >/data/file")
            let format = "{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}"
            let networks = try await engine.docker("inspect", "--format", format, name)
            #expect(networks.split { $0.isWhitespace } == ["\(stage.name)_default", "\(shared)"])

            let second = try await team.push(Compose.web("2.0"))
            try await stage.gyre.ready(at: second)
            #expect(try await engine.networks(labelled: stage.mark).map(\.name) == [shared])
            #expect(try await engine.volumes(labelled: stage.mark).map(\.name) == [shared])
        }
    }

    @Test func `a container's own name stays with it, and mounts are taken over`() async throws {
        try await Stage.run("named") { stage in
            let team = try await stage.team()
            let portal = "\(stage.name)-portal"
            func compose(_ version: String, _ service: String) -> String {
                """
                services:
                  \(service):
                    image: web:\(version)
                    container_name: \(portal)
                    platform: linux/amd64
                    stop_grace_period: 2s
                    volumes: ["data:/data"]
                  reader:
                    image: busybox:1.35
                    command: sleep 1000
                    stop_grace_period: 0s
                    volumes_from: ["\(service):ro"]
                volumes: {data: {}}
                """
            }
            _ = try await stage.deploy(compose("1.0", "web"), to: team)
            let engine = stage.engine
            let first = try #require(try await engine.container(portal))
            try await engine.docker("exec", portal, "sh", "-c", "echo kept >/data/file")
            let reader = "\(stage.name)-reader-1"
            #expect(try await engine.docker("exec", reader, "cat", "/data/file") == "kept\n")
            let page = try await engine.docker(
                "exec",
                reader,
                "wget",
                "-q",
                "-O",
                "-",
                "http://\(portal):8080/"
            )
            #expect(page.contains("1.0"), "others find it by that name")
            await #expect(throws: (any Error).self) {
                try await engine.docker("exec", reader, "touch", "/data/file")
            }
            // The service is renamed, and its container keeps the name.
            let commit = try await team.push(compose("2.0", "front"))
            try await stage.gyre.ready(at: commit)
            let second = try #require(try await engine.container(portal))
            #expect(second.id != first.id)
            #expect(try await stage.containers().map(\.name).sorted() == [portal, reader])
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    @Test func `a quota of processors is kept`() async throws {
        try await Stage.run("quota") { stage in
            let team = try await stage.team()
            let more = ["cpu_quota: 50000", "cpu_period: 100000", "cpu_shares: 512"]
            let lines = more.map(Compose.line).joined(separator: "\n")
            _ = try await stage.deploy(Compose.web("1.0", lines), to: team)
            let name = "\(stage.name)-web-1"
            let format =
                "{{.HostConfig.CpuQuota}} {{.HostConfig.CpuPeriod}} {{.HostConfig.CpuShares}}"
            func told() async throws -> [Substring] {
                try await stage.engine.docker("inspect", "--format", format, name)
                    .split { $0.isWhitespace }
            }
            #expect(try await told() == ["50000", "100000", "512"])
            let before = try #require(try await stage.engine.container(name)).id
            try await stage.engine.docker("update", "--cpu-quota", "20000", name)
            try await stage.engine.docker("update", "--cpu-shares", "100", name)
            try await eventually("the quota is put right", tail: { stage.gyre.tail }) {
                try await told() == ["50000", "100000", "512"]
            }
            #expect(try await stage.engine.container(name)?.id == before)
        }
    }
}
