import Foundation
import Testing

/// Repositories on real servers: every way in.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct SourceTests {
    /// Where the controller finds a password in its environment.
    private static let variable = "GYRE_TEST_GIT_PASSWORD"

    private func versions(_ stage: Stage) async throws -> [String: String] {
        try await stage.containers().reduce(into: [:]) { result, container in
            result[container.name] = container.isRunning ? container.variable("VERSION") : "-"
        }
    }

    private func ways(_ servers: GitServers) -> [Way] {
        [
            Way(name: "password", server: "\(servers["HTTPS_AUTH"])/", keys: servers.password()),
            Way(
                name: "variable",
                server: "\(servers["HTTPS_AUTH"])/",
                keys: "credentials: {username: \(servers["HTTPS_USER"]), "
                    + "password_variable: \(SourceTests.variable)}"
            ),
            Way(name: "tls13", server: "\(servers["HTTPS_TLS13"])/"),
            Way(name: "address", server: "\(servers["HTTPS_BY_ADDRESS"])/"),
            Way(name: "client", server: "\(servers["HTTPS_CLIENT"])/", keys: servers.certificate),
            Way(name: "ssh", server: "\(servers["SSH"])/", keys: servers.key(servers["SSH_KEY"])),
            Way(name: "scp", server: servers["SSH_SCP"], keys: servers.key(servers["SSH_KEY"])),
            Way(
                name: "rsa",
                server: "\(servers["SSH"])/",
                keys: servers.key(servers["SSH_KEY_RSA"])
            ),
            Way(
                name: "rsahost",
                server: "\(servers["SSH_RSA"])/",
                keys: servers.key(servers["SSH_KEY"])
            ),
        ]
    }

    @Test func `a push over https is seen through a proxy, and its secrets are not`() async throws {
        try await Stage.run("proxy") { stage in
            let servers = try await GitServers("https", "proxy", on: stage.testbed)
            let way = Way(
                name: "a",
                server: "\(servers["HTTPS_AUTH"])/",
                keys: servers.password()
            )
            let team = try await servers.team(stage, [stage.project(way)])
            try stage.configure(
                stage.projects([way]),
                git: "{ca: \(servers["CA"]), proxy: \"\(servers["PROXY"])\"}"
            )
            let commit = try await team.push(Compose.web("1.0"), "First")
            try await stage.gyre.start()
            try await stage.ready([way], at: commit)
            let log = Files.text(of: servers["PROXY_LOG"])
            #expect(log.contains("CONNECT \(stage.testbed.host):"), "\(log)")
            #expect(!log.contains(stage.project(way)), "\(log)")
        }
    }

    @Test func `a push over https or ssh creates and rolls, whichever way Gyre comes`() async throws
    {
        try await Stage.run("ways") { stage in
            let servers = try await GitServers("https", "ssh", on: stage.testbed)
            let ways = ways(servers)
            let names = ways.map(stage.project)
            let team = try await servers.team(stage, names)
            try stage.configure(
                stage.projects(ways),
                git: "{ca: \(servers["CA"]), known_hosts: \(servers["SSH_KNOWN_HOSTS"])}"
            )
            let first = try await team.pushing(
                to: "\(servers["HTTPS_AUTH"])/\(names[0]).git",
                servers.passwordOptions
            ).push(Compose.web("1.0"), "First")
            let password = Files.text(of: servers["HTTPS_PASSWORD_FILE"])
                .trimmingCharacters(in: .whitespacesAndNewlines)
            try await stage.gyre.start([SourceTests.variable: password])
            try await stage.ready(ways, at: first)
            let second = try await team.pushing(
                to: "\(servers["SSH"])/\(names[0]).git",
                servers.keyOptions(servers["SSH_KEY"])
            ).push(Compose.web("2.0"))
            try await stage.ready(ways, at: second)
            let expected = names.map { ("\($0)-web-1", "2.0") }
            #expect(try await versions(stage) == Dictionary(uniqueKeysWithValues: expected))
            let told = try await stage.gyre.run("status", "--json").out + stage.gyre.tail
            #expect(!told.contains(password))
        }
    }
}
