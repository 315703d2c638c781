import Testing

/// What compose files say, seen on the engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct ComposeTests {
    @Test func `rancher-compose sets scale and what is started`() async throws {
        try await Stage.run("rancher") { stage in
            let team = try await stage.team()
            let compose = """
                version: '2'
                services:
                  web:
                    image: web:1.0
                    links: ["db:base"]
                  db:
                    image: web:1.0
                  idle:
                    image: web:1.0
                """
            func rancher(_ scale: Int) -> String {
                """
                version: '2'
                services:
                  web: {scale: \(scale), start_on_create: true}
                  idle: {scale: 1, start_on_create: false}
                """
            }
            let first = try await team.push(
                ["docker-compose.yml": compose, "rancher-compose.yml": rancher(2)]
            )
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let found = try await stage.containers()
            let names = ["db-1", "idle-1", "web-1", "web-2"].map { "\(stage.name)-\($0)" }
            #expect(found.map(\.name) == names)
            for container in found {
                let state = container.service == "idle" ? "created" : "running"
                #expect(container.state.status == state, "\(container.name)")
            }
            let page = try await stage.engine.docker(
                "exec",
                "\(stage.name)-web-1",
                "wget",
                "-q",
                "-O",
                "-",
                "http://base:8080/"
            )
            #expect(page.contains("1.0"), "the link's alias leads to db")

            let second = try await team.push(
                ["docker-compose.yml": compose, "rancher-compose.yml": rancher(3)]
            )
            try await stage.gyre.ready(at: second)
            let more = try await stage.containers()
            #expect(more.count == 5)
            #expect(Set(found.map(\.id)).isSubset(of: more.map(\.id)), "the others stay")
            let third = try await team.push(
                ["docker-compose.yml": compose, "rancher-compose.yml": rancher(1)]
            )
            try await stage.gyre.ready(at: third)
            #expect(try await stage.containers().count == 3)
        }
    }

    /// The engine takes what policy lets pass, and has it as the file says.
    @Test func `what tunes a service reaches its container`() async throws {
        try await Stage.run("tuned") { stage in
            let team = try await stage.team(grants: "{subnets: [10.213.7.0/24]}")
            let compose = """
                services:
                  web:
                    image: web:1.0
                    cpu_shares: 512
                    dns: [10.213.7.53]
                    dns_search: [example.org]
                    domainname: example.org
                    expose: ["9000-9001"]
                    extra_hosts: ["gate:10.0.0.1"]
                    group_add: ["2000"]
                    logging: {driver: local, options: {max-size: 5m}}
                    mem_limit: 64m
                    memswap_limit: 96m
                    oom_score_adj: 100
                    shm_size: 16m
                    stdin_open: true
                    sysctls: {net.ipv4.tcp_syncookies: "0"}
                    tmpfs: ["/run:size=4m,mode=755"]
                    ulimits: {nofile: {soft: 512, hard: 1024}}
                    volumes: ["data:/data:nocopy", "/scratch"]
                    deploy: {mode: replicated, restart_policy: {condition: any}}
                    networks: {inner: {ipv4_address: 10.213.7.9}}
                networks:
                  inner:
                    driver_opts: {com.docker.network.driver.mtu: 1400}
                    ipam: {config: [{subnet: 10.213.7.0/24, gateway: 10.213.7.1}]}
                volumes: {data: }
                """
            let first = try await team.push(compose)
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let format = """
                {{.HostConfig.CpuShares}} {{.HostConfig.Dns}} {{.HostConfig.DnsSearch}} \
                {{.Config.Domainname}} {{.HostConfig.ExtraHosts}} {{.HostConfig.GroupAdd}} \
                {{.HostConfig.LogConfig.Type}} {{.HostConfig.MemorySwap}} \
                {{.HostConfig.OomScoreAdj}} {{.HostConfig.ShmSize}} {{.Config.OpenStdin}} \
                {{.HostConfig.Sysctls}} {{.HostConfig.Tmpfs}} \
                {{range .HostConfig.Ulimits}}{{.Name}}={{.Soft}}:{{.Hard}}{{end}} \
                {{.HostConfig.RestartPolicy.Name}} {{len .Mounts}} \
                {{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}
                """
            let name = "\(stage.name)-web-1"
            let told = try await stage.engine.docker("inspect", "--format", format, name)
            let wanted = """
                512 [10.213.7.53] [example.org] example.org [gate:10.0.0.1] [2000] local 100663296 \
                100 16777216 true map[net.ipv4.tcp_syncookies:0] map[/run:size=4m,mode=755] \
                nofile=512:1024 always 2 10.213.7.9
                """
            #expect(told.split { $0.isWhitespace } == wanted.split { $0.isWhitespace })

            let second = try await team.push(compose.replacing("7.9}", with: "7.10}"))
            try await stage.gyre.ready(at: second)
            let moved = try await stage.engine.docker("inspect", "--format", format, name)
            #expect(moved.contains("10.213.7.10"), "a changed address makes it anew")
            _ = try await team.push(compose.replacing("1400", with: "1300"))
            #expect(
                try await stage.gyre.problem("invalid").diagnostics.map(\.code) == [
                    "network-changed"
                ]
            )
        }
    }

    @Test func `a task runs to its end once, before what depends on it`() async throws {
        try await Stage.run("task") { stage in
            let team = try await stage.team()
            func compose(_ version: String) -> String {
                """
                services:
                  migrate:
                    image: busybox:1.35
                    command: ["sh", "-c", "echo migrated >>/data/log; sleep 1"]
                    restart: "no"
                    volumes: ["data:/data"]
                  web:
                    image: web:\(version)
                    stop_grace_period: 2s
                    volumes: ["data:/data"]
                    depends_on: {migrate: {condition: service_completed_successfully}}
                volumes:
                  data: {}
                """
            }
            _ = try await stage.deploy(compose("1.0"), to: team)
            let task = try await stage.container("migrate-1")
            #expect(task.state.status == "exited" && task.state.exitCode == 0)
            func runs() async throws -> Int {
                let log = try await stage.engine.docker(
                    "exec",
                    "\(stage.name)-web-1",
                    "cat",
                    "/data/log"
                )
                return log.split(separator: "\n").count
            }
            #expect(try await runs() == 1)
            let status = try await stage.gyre.status().stack()
            #expect(status.service("migrate")?.completed == 1)

            // Somebody tidies up: that is no reason to run it again.
            try await stage.engine.docker("rm", task.name)
            let second = try await team.push(compose("2.0"))
            try await stage.gyre.ready(at: second)
            #expect(try await runs() == 1)
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: second)
            #expect(try await runs() == 1)
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    @Test func `a task that fails keeps what depends on it from starting`() async throws {
        try await Stage.run("badtask") { stage in
            let team = try await stage.team()
            try await team.push(
                """
                services:
                  migrate:
                    image: busybox:1.35
                    command: ["sh", "-c", "echo no such table; exit 7"]
                    restart: "no"
                  web:
                    image: web:1.0
                    depends_on: {migrate: {condition: service_completed_successfully}}
                """
            )
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("held")
            #expect(problem.message.contains("7") && problem.message.contains("no such table"))
            let web = try await stage.engine.container("\(stage.name)-web-1")
            #expect(web.map { $0.state.status == "created" } ?? true)
        }
    }

    @Test func `several stacks of one repository are kept apart`() async throws {
        try await Stage.run("several") { stage in
            let team = try await stage.team()
            let first = try await team.push([
                "one/compose.yaml": Compose.web("1.0"), "two/compose.yaml": Compose.web("1.0"),
                "docs/README.md": "No stack.\n",
            ])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first, "one")
            try await stage.gyre.ready(at: first, "two")
            let before = try await stage.containers()
            #expect(before.map(\.name) == ["one", "two"].map { "\(stage.name)_\($0)-web-1" })

            let second = try await team.push([
                "one/compose.yaml": Compose.web("2.0"), "two/compose.yaml": "services: [",
            ])
            try await stage.gyre.ready(at: second, "one")
            _ = try await stage.gyre.problem("invalid", "two")
            let after = try await stage.containers()
            #expect(after.count == 2)
            #expect(after[0].id != before[0].id && after[1].id == before[1].id)
        }
    }

    @Test(.withCompose) func `compose's own tools see the stack`() async throws {
        try await Stage.run("interop") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(
                """
                services:
                  web: {image: "web:1.0", stop_grace_period: 2s}
                  talk:
                    image: busybox:1.35
                    command: ["sh", "-c", "echo a word; exec sleep 1000"]
                    stop_grace_period: 0s
                """,
                to: team
            )
            func compose(_ words: String...) async throws -> Program.Output {
                try await Program.run(
                    [Environment.compose ?? "docker-compose"] + words,
                    environment: ["DOCKER_HOST": stage.engine.address]
                )
            }
            let list = try await compose("ls", "--format", "json")
            #expect(list.isSuccess && list.err.isEmpty, "\(list)")
            let entry = list.out.split(separator: "{").first { $0.contains("\"\(stage.name)\"") }
            #expect(entry?.contains("running(2)") == true, "\(list)")
            #expect(entry?.contains("compose.yaml") == true, "\(list)")

            let processes = try await compose("-p", stage.name, "ps", "--services")
            #expect(processes.out.split(separator: "\n").sorted() == ["talk", "web"])
            #expect(processes.isSuccess && processes.err.isEmpty, "\(processes)")
            let logs = try await compose("-p", stage.name, "logs", "--no-color", "talk")
            #expect(logs.out.contains("talk-1") && logs.out.contains("a word"), "\(logs)")
            #expect(logs.isSuccess && logs.err.isEmpty, "\(logs)")
        }
    }
}
