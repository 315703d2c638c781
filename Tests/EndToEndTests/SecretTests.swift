import Foundation
import Testing

/// Configs and secrets on a real engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct SecretTests {
    private static func compose(_ config: String) -> String {
        """
        services:
          web:
            image: web:1.0
            stop_grace_period: 2s
            configs: [site, {source: port, target: /etc/port, mode: 0440, gid: "50"}]
            secrets:
              - {source: token, uid: "1000", mode: 0400}
              - {source: file, target: renamed}
          other:
            image: web:1.0
            stop_grace_period: 2s
        configs:
          site: {content: "\(config)"}
          port: {file: ./port.txt}
        secrets:
          token: {environment: TOKEN}
          file: {file: ./secret.txt}
        """
    }

    private static func files(_ token: String, _ config: String = "site") -> [String: String] {
        [
            "compose.yaml": compose(config), "port.txt": "8080", ".env": "TOKEN=\(token)\n",
            "secret.txt": "file-\(token)",
        ]
    }

    private func read(_ stage: Stage, _ path: String) async throws -> String {
        let name = try await stage.container("web-1").name
        return try await stage.engine.docker("exec", "-u", "0", name, "cat", path)
    }

    @Test func `they are where and whose the file says`() async throws {
        try await Stage.run("conf") { stage in
            let team = try await stage.team(profile: "baseline")
            let first = try await team.push(SecretTests.files("hush1"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            #expect(try await read(stage, "/site") == "site")
            #expect(try await read(stage, "/etc/port") == "8080")
            #expect(try await read(stage, "/run/secrets/token") == "hush1")
            #expect(try await read(stage, "/run/secrets/renamed") == "file-hush1")
            let web = try await stage.container("web-1")
            let stat = try await stage.engine.docker(
                "exec",
                "-u",
                "0",
                web.name,
                "stat",
                "-c",
                "%a %u %g",
                "/site",
                "/etc/port",
                "/run/secrets/token",
                "/run/secrets/renamed"
            )
            #expect(
                stat.split(separator: "\n") == ["444 0 0", "440 0 50", "400 1000 0", "444 0 0"]
            )
            await #expect(throws: (any Error).self, "mode 0400 is another's") {
                try await stage.engine.docker(
                    "exec",
                    "-u",
                    "1001",
                    web.name,
                    "cat",
                    "/run/secrets/token"
                )
            }

            let second = try await team.push(SecretTests.files("hush1", "changed"))
            try await stage.gyre.ready(at: second)
            #expect(try await read(stage, "/site") == "changed")
            #expect(try await stage.container("web-1").id != web.id)
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }

    @Test func `a secret is shown nowhere, and a change of it remakes its service`() async throws {
        try await Stage.run("hush") { stage in
            let team = try await stage.team(profile: "baseline")
            let first = try await team.push(SecretTests.files("hush-a1b2"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let (web, other) = try await (
                stage.container("web-1").id, stage.container("other-1").id
            )
            let second = try await team.push(SecretTests.files("hush-c3d4"))
            try await stage.gyre.ready(at: second)
            #expect(try await read(stage, "/run/secrets/token") == "hush-c3d4")
            #expect(try await stage.container("web-1").id != web)
            #expect(try await stage.container("other-1").id == other)

            let history = try await stage.gyre.json("history")
            #expect(history.contains("secrets file, token changed"))
            var shown = [history, Files.text(of: stage.gyre.log)]
            for command in ["plan", "status", "diff"] {
                shown.append(try await stage.gyre.run(command, "--json").out)
            }
            shown.append(try await stage.gyre.run("diff", stage.name, "--json").out)
            for container in try await stage.containers() {
                shown.append(try await stage.engine.docker("inspect", container.id))
            }
            for volume in try await stage.engine.volumes(labelled: stage.label) {
                shown.append(try await stage.engine.docker("volume", "inspect", volume.name))
            }
            for text in shown {
                #expect(!text.contains("hush-a1b2") && !text.contains("hush-c3d4"))
            }
        }
    }

    /// Law 9: what nobody can compare is no reason to make anything anew.
    @Test func `a lost key remakes nothing`() async throws {
        try await Stage.run("key") { stage in
            let team = try await stage.team(profile: "baseline")
            let first = try await team.push(SecretTests.files("hush1"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let web = try await stage.container("web-1")
            try await stage.gyre.stop()
            try await Program.check(["rm", "\(stage.gyre.state)/content.key"])
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let again = try await stage.container("web-1")
            #expect(again.id == web.id && again.state.startedAt == web.state.startedAt)
            #expect(try await stage.gyre.json("plan").contains("can't be told"))

            let second = try await team.push(SecretTests.files("hush1", "changed"))
            try await stage.gyre.ready(at: second)
            #expect(try await read(stage, "/run/secrets/token") == "hush1")
            #expect(try await !stage.gyre.json("plan").contains("can't be told"))
        }
    }
}
