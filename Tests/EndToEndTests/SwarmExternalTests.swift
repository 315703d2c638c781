import Foundation
import Testing

/// What a real Swarm keeps that somebody else made.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmExternalTests {
    private func compose(_ name: String, key: String) -> String {
        """
        services:
          web:
            image: web:1.0
            mem_limit: 32m
            stop_grace_period: 1s
            networks: [back]
            configs: [site]
            secrets: [{source: key, target: tls.key, mode: 0440}]
            deploy: {endpoint_mode: dnsrr}
        networks: {back: {external: true, name: \(name)_lan}}
        configs: {site: {external: true, name: \(name)_site}}
        secrets: {key: {external: true, name: \(key)}}
        """
    }

    private func make(
        _ kind: String,
        _ name: String,
        _ text: String,
        in stage: Stage,
        _ more: [String] = []
    ) async throws {
        let file = "\(stage.folder)/\(name)"
        try Files.write(text, to: file)
        let command = ["docker", "-H", stage.engine.address, kind, "create"]
        _ = try await Program.check(command + more + [name, file])
    }

    /// What a task of the service has in these files.
    private func read(_ files: String..., in stage: Stage) async throws -> String {
        let id = try await stage.engine.docker("ps", "-q", "--filter", "name=\(stage.name)_web.1")
        let command = ["exec", "-u", "0", String(id.prefix { !$0.isWhitespace }), "/bin/cat"]
        return try await Program.check(["docker", "-H", stage.engine.address] + command + files)
    }

    @Test func `a secret, a config and a network of others are used once they are there`()
        async throws
    {
        try await Swarm.ofOne("external") { stage, team, _ in
            let name = stage.name
            // What bears a label of Gyre's is told like what isn't there.
            let label = ["--label", "io.gyre.project=other"]
            try await make("secret", "\(name)_kept", "x", in: stage, label)
            try await team.push(compose(name, key: "\(name)_kept"))
            try await stage.gyre.start()
            let told = try await stage.gyre.problem("missing").diagnostics
            #expect(told.map(\.code) == Array(repeating: "external-missing", count: 3))
            #expect(told.map(\.location?.line) == [11, 10, 12], "\(told)")
            #expect(try await stage.engine.docker("service", "ls", "-q").isEmpty)

            try await make("config", "\(name)_site", "one", in: stage)
            try await make("secret", "\(name)_key", "s3cret", in: stage)
            try await stage.engine.docker("network", "create", "-d", "overlay", "\(name)_lan")
            try await eventually("the other two are found", tail: { stage.gyre.tail }) {
                try await stage.gyre.problem("missing").diagnostics.count == 1
            }
            let commit = try await team.push(compose(name, key: "\(name)_key"))
            try await stage.gyre.ready(at: commit)
            #expect(try await read("/site", "/run/secrets/tls.key", in: stage) == "ones3cret")
            #expect(try await stage.gyre.plan().isEmpty)
            // So no service can come to have what is made later under the name.
            await #expect(throws: (any Error).self) {
                try await stage.engine.docker("secret", "rm", "\(name)_key")
            }
            try await leave(stage, team)
        }
    }

    /// Another project's is denied by its name, and what isn't used any more stays.
    private func leave(_ stage: Stage, _ team: Team) async throws {
        try await team.push(compose(stage.name, key: "other_key"))
        let denial = try await stage.gyre.problem("denied").diagnostics
        #expect(denial.contains { $0.code == "own-name" && $0.location?.line == 12 }, "\(denial)")
        let commit = try await team.push(
            """
            services:
              web:
                image: web:2.0
                mem_limit: 32m
                stop_grace_period: 1s
                deploy: {endpoint_mode: dnsrr}
            """
        )
        try await stage.gyre.ready(at: commit)
        #expect(try await stage.gyre.plan().isEmpty)
        var left = try await stage.engine.docker("secret", "ls", "--format", "{{.Name}}")
        left += try await stage.engine.docker("config", "ls", "--format", "{{.Name}}")
        left += try await stage.engine.docker("network", "ls", "--format", "{{.Name}}")
        let names = Set(left.split(separator: "\n").map(String.init))
        let kept = ["kept", "key", "site", "lan"].map { "\(stage.name)_\($0)" }
        #expect(names.isSuperset(of: kept), "\(left)")
    }
}
