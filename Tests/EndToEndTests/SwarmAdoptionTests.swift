import Foundation
import Testing

/// What `docker stack` brought up on a real Swarm of one engine becomes a stack, and runs on.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmAdoptionTests {
    /// A service as the Swarm's API tells it, and its tasks that are to run.
    private struct Seen: Equatable {
        var id: String
        var version: String
        var image: String
        var tasks: [String]
    }

    private func onSwarm(
        _ name: String,
        _ body: (Stage, Team, Testbed) async throws -> Void
    ) async throws {
        try await Swarm.nodes([.manager]) { nodes in
            try await Stage.run(name, on: nodes[0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(
                    "  \(stage.name): {repositories: [{url: \(team.url)}], "
                        + "grants: {ports: [31400-31409]}, "
                        + "adopt: {\(stage.name): {stack: \(old(stage))}}}",
                    timeouts: "{engine: 6s}",
                    swarm: Swarm.settings(nodes)
                )
                try await body(stage, team, nodes[0])
                try await stage.gyre.stop()
            }
        }
    }

    /// What `docker stack` calls it: nothing of the stack's own name.
    private func old(_ stage: Stage) -> String { "old-\(stage.name)" }

    private static let web = """
          web:
            image: web:1.0
            stop_grace_period: 1s
            ports: [{target: 8080, published: 31400, mode: host}]
            deploy: {endpoint_mode: dnsrr}
        """
    /// It writes down who came first.
    private static let keep = """
          keep:
            image: busybox:1.35
            command: ["sh", "-c", "[ -e /data/a ] || hostname >/data/a; exec sleep 10000"]
            stop_grace_period: 1s
            environment: {LEVEL: "${LEVEL}"}
            volumes: ["data:/data"]
            healthcheck: {test: ["CMD", "test", "-e", "/data/a"], interval: 1s}
            deploy:
              endpoint_mode: dnsrr
              restart_policy: {condition: any, delay: 1s}
              update_config: {parallelism: 1, order: stop-first}
        """
    private static let cron = """
          cron:
            image: busybox:1.35
            command: sleep 10000
            configs: [site]
            deploy: {endpoint_mode: dnsrr}
        """

    private static func file(_ services: String..., configs: String = "{}") -> String {
        "version: \"3.9\"\nservices:\n" + services.joined(separator: "\n")
            + "\nvolumes: {data: {}}\nconfigs: \(configs)\n"
    }

    /// Brings it up, and waits until every task runs.
    private func deploy(_ text: String, _ stage: Stage, _ node: Testbed) async throws {
        let file = "\(stage.folder)/stack.yaml"
        try Files.write(text, to: file)
        try Files.write("one", to: "\(stage.folder)/site")
        let deploy = ["stack", "deploy", "-c", file, old(stage)]
        let output = try await Program.run(
            ["docker", "-H", node.engine.address] + deploy,
            environment: ["LEVEL": "high"]
        )
        try #require(output.isSuccess, "\(output)")
        try await eventually("the docker stack runs", tail: { "" }) {
            let format = ["--format", "{{.Replicas}}"]
            let text = try await docker(node, ["stack", "services", old(stage)] + format)
            return text.split(separator: "\n").allSatisfy { $0.hasPrefix("1/1") }
        }
    }

    private func docker(_ node: Testbed, _ words: [String]) async throws -> String {
        try await Program.check(["docker", "-H", node.engine.address] + words)
    }

    private func seen(_ stage: Stage, _ node: Testbed) async throws -> [String: Seen] {
        var found: [String: Seen] = [:]
        let names = try await docker(node, ["service", "ls", "--format", "{{.Name}}"])
        for name in names.split(separator: "\n").map(String.init) {
            let format = "{{.ID}} {{.Version.Index}} {{.Spec.TaskTemplate.ContainerSpec.Image}}"
            let line = try await docker(node, ["service", "inspect", "--format", format, name])
            let parts = line.split(whereSeparator: \.isWhitespace).map(String.init)
            let tasks = try await docker(
                node,
                ["service", "ps", "-q", "--no-trunc", "-f", "desired-state=running", name]
            )
            found[String(name.dropFirst(old(stage).count + 1))] = Seen(
                id: parts[0],
                version: parts[1],
                image: parts[2],
                tasks: tasks.split(separator: "\n").map(String.init).sorted()
            )
        }
        return found
    }

    private func data(_ stage: Stage, _ node: Testbed) async throws -> String {
        let path = try await docker(
            node,
            ["volume", "inspect", "--format", "{{.Mountpoint}}", "\(old(stage))_data"]
        )
        #expect(path.contains("\(old(stage))_data"))
        let words = [
            "run", "--rm", "-v", "\(old(stage))_data:/d:ro", "busybox:1.35", "cat", "/d/a",
        ]
        return try await docker(node, words)
    }

    @Test func `a docker stack is taken over as it runs, and kept`() async throws {
        try await onSwarm("adoptstack") { stage, team, node in
            let text = Self.file(Self.web, Self.keep)
            try await deploy(text, stage, node)
            let before = try await seen(stage, node)
            let kept = try await data(stage, node)
            #expect(before.keys.sorted() == ["keep", "web"])
            let first = try await team.push(["compose.yaml": text, ".env": "LEVEL=high"])

            let plan = try await stage.gyre.run("plan")
            #expect(plan.isSuccess, "\(plan)")
            for service in ["web", "keep"] {
                let line = "takes over service \(old(stage))_\(service), unchanged"
                #expect(plan.out.contains(line), "\(plan)")
            }
            #expect(plan.out.contains("takes over network \(old(stage))_default"), "\(plan)")
            #expect(plan.out.contains("keeps volume \(old(stage))_data"), "\(plan)")
            #expect(!plan.out.contains("update ") && !plan.out.contains("create "), "\(plan)")

            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            #expect(try await stage.gyre.status().stack().service("web")?.running == 1)
            #expect(try await seen(stage, node) == before, "neither a task nor a version is new")
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            try await Task.sleep(for: .seconds(3))
            #expect(try await seen(stage, node) == before, "a restart changes nothing")

            let second = try await team.push([
                "compose.yaml": text.replacing("web:1.0", with: "web:2.0"), ".env": "LEVEL=high",
            ])
            try await stage.gyre.ready(at: second)
            var after = try await seen(stage, node)
            #expect(after["keep"] == before["keep"])
            #expect(after["web"]?.id == before["web"]?.id && after["web"] != before["web"])
            #expect(try await stage.gyre.plan().isEmpty)

            let third = try await team.push([
                "compose.yaml": text.replacing("web:1.0", with: "web:2.0"), ".env": "LEVEL=low",
            ])
            try await stage.gyre.ready(at: third)
            after = try await seen(stage, node)
            #expect(after["keep"]?.id == before["keep"]?.id && after["keep"] != before["keep"])
            #expect(try await data(stage, node) == kept)
            let listed = try await docker(node, ["stack", "services", "-q", old(stage)])
            #expect(listed.split(separator: "\n").count == 2, "\(listed)")

            try await team.push(Self.file(Self.web.replacing("web:1.0", with: "web:2.0")))
            try await stage.gyre.until("keep is gone") { _ in
                try await seen(stage, node).keys.sorted() == ["web"]
            }
            #expect(try await data(stage, node) == kept)
        }
    }

    @Test func `one that runs from other files is shown and waits for a person`() async throws {
        try await onSwarm("adoptchanged") { stage, team, node in
            let deployed = Self.file(
                Self.web,
                Self.keep,
                Self.cron,
                Self.cron.replacing("cron:", with: "extra:"),
                configs: "{site: {file: ./site}}"
            )
            try await deploy(deployed, stage, node)
            let before = try await seen(stage, node)
            let files = [
                "compose.yaml": Self.file(
                    Self.web.replacing("web:1.0", with: "web:2.0"),
                    Self.keep,
                    Self.cron,
                    configs: "{site: {file: ./site}}"
                ), ".env": "LEVEL=high", "site": "one",
            ]
            let commit = try await team.push(files)
            let plan = try await stage.gyre.run("plan")
            let name = old(stage)
            for line in [
                "takes over service \(name)_web, which isn't what the file says: "
                    + "TaskTemplate.ContainerSpec.Image",
                "takes over service \(name)_keep, unchanged",
                "takes over service \(name)_cron, which uses configs, secrets or files",
                "leaves service \(name)_extra alone: the file has no service extra",
                "leaves config \(name)_site alone",
                "updates 2 of its 3 services: \(name)_cron, \(name)_web",
            ] {
                #expect(plan.out.contains(line), "\(line): \(plan)")
            }
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("unconfirmed")
            #expect(try await seen(stage, node) == before)
            try await stage.gyre.run("confirm", stage.name, try #require(problem.change))
            try await stage.gyre.ready(at: commit)
            let after = try await seen(stage, node)
            #expect(after["keep"] == before["keep"] && after["extra"] == before["extra"])
            #expect(after.mapValues(\.id) == before.mapValues(\.id), "all in place")
            #expect(after["web"]?.tasks != before["web"]?.tasks)
            let configs = try await docker(node, ["config", "ls", "--format", "{{.Name}}"])
            #expect(configs.split(separator: "\n").contains("\(name)_site"), "\(configs)")

            // Somebody goes on driving it with `docker stack`: it is put right.
            try await deploy(deployed, stage, node)
            try await stage.gyre.until("it is as the commit has it again") { _ in
                try await seen(stage, node)["web"]?.image == after["web"]?.image
            }
            #expect(try await seen(stage, node)["extra"]?.id == before["extra"]?.id)
        }
    }

    @Test func `one that is not there changes nothing`() async throws {
        try await onSwarm("adoptnothing") { stage, team, node in
            _ = try await team.push(Self.file(Self.web))
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("foreign")
            #expect(problem.message.contains("of which nothing is on the Swarm"), "\(problem)")
            #expect(try await seen(stage, node).isEmpty)
        }
    }
}
