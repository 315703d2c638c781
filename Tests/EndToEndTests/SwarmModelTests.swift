import Foundation
import Testing

/// What of Compose `docker stack` drops or does at once, on a real Swarm of one engine.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmModelTests {
    private func files(
        _ version: String,
        work: String,
        labels: String = "{}"
    ) -> [String: String] {
        [
            "compose.yaml": """
            include: [parts/jobs.yaml]
            services:
              web:
                image: web:\(version)
                mem_limit: 32m
                stop_grace_period: 1s
                depends_on: {migrate: {condition: service_completed_successfully}}
                networks: {default: {}}
                deploy: {endpoint_mode: dnsrr}
              debug:
                profiles: [debug]
                image: web:\(version)
            """,
            "parts/jobs.yaml": """
            services:
              migrate:
                image: busybox:1.35
                command: [sh, -c, "sleep 8; echo \(work)"]
                mem_limit: 16m
                networks: {default: {}}
                deploy: {mode: replicated-job, endpoint_mode: dnsrr, labels: \(labels)}
            """,
        ]
    }

    /// A service that may have any mode, and one that it depends on.
    private func tool(
        _ mode: String,
        _ script: String = "exec sleep 600",
        endpoint: String = "dnsrr",
        ports: [String] = []
    ) -> [String: String] {
        [
            "compose.yaml": """
            services:
              web:
                image: web:1.0
                mem_limit: 32m
                stop_grace_period: 1s
                networks: {default: {}}
                deploy: {endpoint_mode: dnsrr}
              tool:
                image: busybox:1.35
                command: [sh, -c, "\(script)"]
                mem_limit: 16m
                stop_grace_period: 1s
                depends_on: [web]
                networks: {default: {}}
                ports: \(ports)
                deploy: {mode: \(mode), endpoint_mode: \(endpoint)}
            """
        ]
    }

    /// A Swarm changes no mode in place.
    @Test func `another mode is a removal and a creation, and so is the way back`() async throws {
        try await Swarm.ofOne("modes") { stage, team, testbed in
            try stage.configure(swarm: [testbed], team, profile: "baseline")
            func listed() async throws -> String {
                let format = "{{.Name}} {{.Mode}} {{.Replicas}};"
                return try await testbed.engine.docker("service", "ls", "--format", format)
            }
            func web() async throws -> String {
                let name = "\(stage.name)_web"
                return try await testbed.engine.docker("service", "ps", "-q", "--no-trunc", name)
            }
            var first = try await team.push(tool("replicated"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let before = try await web()
            for mode in ["global", "replicated-job", "global-job", "replicated"] {
                first = try await team.push(tool(mode))
                try await stage.gyre.ready(at: first)
                let words = mode.replacing("-", with: " ")
                let all = try await listed()
                #expect(all.contains("\(stage.name)_tool \(words) 1/1"), "\(all)")
                #expect(try await stage.gyre.plan().isEmpty)
            }
            try await team.push(tool("global", "exit 3"))
            let held = try await stage.gyre.problem("held")
            #expect(held.message.contains("status 3"), "\(held)")
            try await eventually("the good one is back", tail: { stage.gyre.tail }) {
                try await listed().contains("\(stage.name)_tool replicated 1/1;")
            }
            #expect(try await web() == before)
        }
    }

    /// A Swarm starts a task that it has given up for a new template alone.
    @Test func `a task on each node that failed is run once more by a release`() async throws {
        try await Swarm.ofOne("once") { stage, team, testbed in
            try stage.configure(swarm: [testbed], team, profile: "baseline")
            let first = try await team.push([
                "compose.yaml": """
                services:
                  once:
                    image: busybox:1.35
                    command: [sh, -c, "[ -e /data/seen ] || { touch /data/seen; exit 3; }"]
                    restart: "no"
                    mem_limit: 16m
                    volumes: ["data:/data"]
                    networks: {default: {}}
                    deploy: {mode: global, endpoint_mode: dnsrr}
                volumes: {data: {}}
                """
            ])
            func states() async throws -> [String] {
                let ps = ["service", "ps", "\(stage.name)_once", "--format", "{{.CurrentState}}"]
                let command = ["docker", "-H", testbed.engine.address] + ps
                let text = try await Program.check(command)
                return text.split(separator: "\n").map { String($0.prefix { $0 != " " }) }.sorted()
            }
            try await stage.gyre.start()
            let held = try await stage.gyre.problem("held")
            #expect(held.message.contains("status 3"), "\(held)")
            #expect(try await states() == ["Failed"])
            _ = try await stage.gyre.run("release", stage.name)
            try await stage.gyre.ready(at: first)
            #expect(try await states() == ["Complete", "Failed"])
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    /// That a port is another's a Swarm says when the service of before has gone.
    @Test func `a mode that can't be had is held, and the service made as it was`() async throws {
        try await Swarm.ofOne("taken") { stage, team, testbed in
            try stage.configure(swarm: [testbed], team, profile: "baseline")
            let first = try await team.push(tool("replicated"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            // It has the port whether it runs or not.
            let other = ["--name", "other", "--publish", "31400:80", "--replicas", "0"]
            let create = ["service", "create", "--detach", "--no-resolve-image"]
            try await Program.check(
                ["docker", "-H", testbed.engine.address] + create + other + ["busybox:1.35"]
            )
            try await team.push(tool("global", endpoint: "vip", ports: ["31400:80"]))
            let held = try await stage.gyre.problem("held")
            #expect(held.message.contains("is already in use by service"), "\(held)")
            try await eventually("the good one is back", tail: { stage.gyre.tail }) {
                let format = "{{.Name}} {{.Mode}} {{.Replicas}};"
                return try await testbed.engine.docker("service", "ls", "--format", format)
                    .contains("\(stage.name)_tool replicated 1/1;")
            }
        }
    }

    @Test func `a job ends before what waits for it begins, and is run once for each version`()
        async throws
    {
        try await Swarm.ofOne("jobs") { stage, team, testbed in
            func tasks(_ service: String) async throws -> [String] {
                let name = "\(stage.name)_\(service)"
                return try await testbed.engine.docker("service", "ps", "-q", "--no-trunc", name)
                    .split(separator: "\n").map(String.init)
            }
            func tell(_ id: String, _ format: String) async throws -> String {
                try await testbed.engine.docker("inspect", "--type", "task", "--format", format, id)
                    .filter { !$0.isWhitespace }
            }
            let first = try await team.push(files("1.0", work: "one"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let listed = try await testbed.engine.docker(
                "service",
                "ls",
                "--format",
                "{{.Name}} {{.Mode}} {{.Replicas}}"
            )
            #expect(listed.contains("\(stage.name)_migrate replicated job"), "\(listed)")
            #expect(listed.contains("1/1 completed") && !listed.contains("debug"), "\(listed)")
            let done = try await tasks("migrate")
            let web = try await tasks("web")
            #expect(done.count == 1 && web.count == 1)
            let ended = try await tell(done[0], "{{json .Status.Timestamp}}")
            let began = try await tell(web[0], "{{json .CreatedAt}}")
            #expect(ended < began)

            // Another version of what waited for it doesn't run it again; one of its own does.
            let second = try await team.push(files("2.0", work: "one"))
            try await stage.gyre.ready(at: second)
            #expect(try await tasks("migrate") == done)
            #expect(try await stage.gyre.plan().isEmpty)
            let third = try await team.push(files("2.0", work: "two"))
            try await stage.gyre.ready(at: third)
            let again = try await tasks("migrate")
            #expect(again.count == 2 && Set(again).isSuperset(of: done))
            #expect(try await stage.gyre.plan().isEmpty)

            // A Swarm runs a job again whatever is written of it, and that run is waited for.
            let serving = try await tasks("web")
            let fourth = try await team.push(files("2.0", work: "two", labels: "{a: b}"))
            try await stage.gyre.ready(at: fourth)
            let last = try await tasks("migrate")
            #expect(last.count == 3 && Set(last).isSuperset(of: again))
            for task in last { #expect(try await tell(task, "{{.Status.State}}") == "complete") }
            #expect(try await tasks("web") == serving)
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }
}
