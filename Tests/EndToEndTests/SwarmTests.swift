import Foundation
import Testing

/// Stacks on a real Swarm of one engine.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmTests {
    /// A service of a Swarm as its API tells it.
    struct Service: Decodable {
        struct VersionPart: Decodable { var Index: Int }
        struct SpecPart: Decodable {
            struct Task: Decodable {
                struct Container: Decodable {
                    struct File: Decodable {
                        var ConfigName: String?
                        var SecretName: String?
                    }

                    var Image: String
                    var Env: [String]?
                    var Configs: [File]?
                    var Secrets: [File]?
                }

                var ContainerSpec: Container
            }

            var Name: String
            var Labels: [String: String]
            var TaskTemplate: Task
        }

        var ID: String
        var Version: VersionPart
        var Spec: SpecPart

        var container: SpecPart.Task.Container { Spec.TaskTemplate.ContainerSpec }
    }

    private func services(_ testbed: Testbed, _ stage: Stage) async throws -> [Service] {
        let ids = try await testbed.engine.docker(
            "service",
            "ls",
            "-q",
            "--filter",
            "label=\(stage.label)"
        )
        let names = ids.split(separator: "\n").map(String.init)
        guard !names.isEmpty else { return [] }
        let text = try await Program.check(
            ["docker", "-H", testbed.engine.address, "service", "inspect"] + names
        )
        return try JSONDecoder().decode([Service].self, from: Data(text.utf8))
            .sorted { $0.Spec.Name < $1.Spec.Name }
    }

    private func names(_ testbed: Testbed, _ kind: String, _ stage: Stage) async throws -> [String]
    {
        let text = try await testbed.engine.docker(
            kind,
            "ls",
            "--filter",
            "label=\(stage.label)",
            "--format",
            "{{.Name}}"
        )
        return text.split(separator: "\n").map(String.init).sorted()
    }

    /// A web server with a health check in a file, a config and a secret.
    private func web(
        _ version: String,
        replicas: Int = 2,
        site: String = "one",
        more: String = ""
    ) -> [String: String] {
        let compose = """
            services:
              web:
                image: web:\(version)
                mem_limit: 32m
                stop_grace_period: 1s
                configs: [{source: site, target: /etc/site}]
                secrets: [token]
                networks: {default: {aliases: [www]}}
                deploy:
                  replicas: \(replicas)
                  endpoint_mode: dnsrr
                  update_config: {order: start-first, parallelism: 2, failure_action: rollback}
            \(more)
            configs: {site: {content: "\(site)"}}
            secrets: {token: {file: ./token.txt}}
            """
        return ["compose.yaml": compose, "token.txt": "s3cret-\(site)"]
    }

    private let other = """
          other:
            image: busybox:1.35
            command: [sleep, "1000"]
            mem_limit: 16m
            stop_grace_period: 1s
            networks: {default: {}}
            deploy: {endpoint_mode: dnsrr}
        """

    @Test func `a push becomes services, and what nobody changed is left alone`() async throws {
        try await Swarm.ofOne("swarm") { stage, team, testbed in
            let first = try await team.push(web("1.0", more: other))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let status = try await stage.gyre.status().stack()
            #expect(status.service("web")?.running == 2 && status.service("web")?.wanted == 2)
            let before = try await services(testbed, stage)
            #expect(before.map(\.Spec.Name) == ["\(stage.name)_other", "\(stage.name)_web"])
            #expect(before.allSatisfy { $0.container.Image.contains("@sha256:") })
            #expect(
                before.allSatisfy {
                    $0.Spec.Labels["com.docker.stack.namespace"] == stage.name
                }
            )
            #expect(try await testbed.engine.docker("stack", "ls").contains(stage.name))
            // What it mounts is there, and nothing of the secret is where it may be read.
            let task = try await testbed.engine.docker(
                "ps",
                "-q",
                "--filter",
                "name=\(stage.name)_web.1"
            )
            let id = String(task.prefix { !$0.isWhitespace })
            let read = try await testbed.engine.docker(
                "exec",
                id,
                "/bin/cat",
                "/etc/site",
                "/run/secrets/token"
            )
            #expect(read == "ones3cret-one")
            #expect(!(try await stage.gyre.json("plan")).contains("s3cret"))

            // Law 8: looked at again and again, and after a restart, nothing is written.
            #expect(try await stage.gyre.plan().isEmpty)
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            try await Task.sleep(for: .seconds(3))
            let after = try await services(testbed, stage)
            #expect(after.map(\.Version.Index) == before.map(\.Version.Index))

            // A new content: new files, the service points to them, the old ones go.
            let configs = try await names(testbed, "config", stage)
            let secrets = try await names(testbed, "secret", stage)
            #expect(configs.count == 1 && secrets.count == 1)
            let second = try await team.push(web("2.0", replicas: 1, site: "two"))
            try await stage.gyre.ready(at: second)
            let updated = try await services(testbed, stage)
            #expect(updated.map(\.ID) == before.filter { $0.Spec.Name.hasSuffix("web") }.map(\.ID))
            let newConfigs = try await names(testbed, "config", stage)
            #expect(newConfigs.count == 1 && newConfigs != configs)
            let newSecrets = try await names(testbed, "secret", stage)
            #expect(newSecrets.count == 1 && newSecrets != secrets)
        }
    }

    @Test func `what hands do is put right`() async throws {
        try await Swarm.ofOne("hands") { stage, team, testbed in
            let first = try await team.push(web("1.0", replicas: 1, more: other))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let before = try await services(testbed, stage)
            try await testbed.engine.docker("service", "rm", "\(stage.name)_web")
            try await stage.gyre.until("it is made again") { _ in
                try await services(testbed, stage).count == 2
            }
            try await stage.gyre.ready(at: first)
            try await testbed.engine.docker(
                "service",
                "update",
                "--detach",
                "--env-add",
                "HAND=1",
                "--replicas",
                "3",
                "\(stage.name)_other"
            )
            try await stage.gyre.until("it is as it was") { status in
                try await services(testbed, stage).allSatisfy { $0.container.Env == nil }
                    && status.stack().service("other")?.running == 1
            }
            let after = try await services(testbed, stage)
            #expect(after[0].ID == before[0].ID && after[1].ID != before[1].ID)
            try await stage.gyre.ready(at: first)
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    @Test func `a bad version is held, and the good one comes back`() async throws {
        try await Swarm.ofOne("bad") { stage, team, testbed in
            let good = try await team.push(web("1.0", replicas: 1))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: good)
            let before = try await services(testbed, stage)[0]

            var bad = web("1.0", replicas: 1, site: "bad")
            bad["compose.yaml"] = bad["compose.yaml"]?.replacing(
                "    mem_limit",
                with: "    entrypoint: [/bin/sh, -c, \"exit 3\"]\n    mem_limit"
            ).replacing("web:1.0", with: "busybox:1.35")
            try await team.push(bad)
            let problem = try await stage.gyre.problem("held")
            #expect(problem.message.contains("with status 3"), "\(problem.message)")
            try await stage.gyre.until("the good one serves") { status in
                let stack = try status.stack()
                let service = try await services(testbed, stage).first
                return stack.service("web")?.running == 1
                    && service?.container.Image == before.container.Image
            }
            // What only the bad one had is collected, once the good one is back.
            try await stage.gyre.until("its files are gone") { _ in
                try await names(testbed, "config", stage).count == 1
            }

            // An image that nobody has takes nothing away either.
            let missing = try await team.push(web("9.9", replicas: 1))
            try await stage.gyre.until("it is told") { status in
                let stack = try status.stack()
                return stack.head?.id == missing && (stack.has("image") || stack.has("held"))
            }
            #expect(try await services(testbed, stage)[0].container.Image == before.container.Image)

            // What a Swarm has no word for is said, with its place.
            var cannot = web("1.0", replicas: 1)
            cannot["compose.yaml"] = cannot["compose.yaml"]?.replacing(
                "    mem_limit",
                with: "    container_name: xy\n    mem_limit"
            )
            try await team.push(cannot)
            let refused = try await stage.gyre.problem("invalid")
            let finding = try #require(refused.diagnostics.first)
            #expect(finding.code == "not-for-swarm" && finding.location?.line == 4)
        }
    }
}
