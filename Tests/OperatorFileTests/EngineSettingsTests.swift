import Model
import OperatorFile
import Testing

@Suite struct EngineSettingsTests {
    private func settings(_ lines: String) throws(Rejection) -> Settings {
        try Settings(parsing: Array("\(lines)\nprojects: {}".utf8), directory: "/etc/gyre")
    }

    private func findings(_ lines: String) -> String {
        do {
            return try settings(lines).warnings.map(\.description).joined(separator: "\n")
        } catch {
            return error.diagnostics.map(\.description).joined(separator: "\n")
        }
    }

    @Test func readsAnEngineOverTLS() throws {
        let settings = try settings(
            """
            engine: tcp://node1
            engine_access:
              ca: ca.pem
              client_certificate: {certificate_file: c.pem, key_file: /srv/k.pem}
            """
        )
        #expect(settings.engine == .tcp(host: "node1", port: 2376))
        #expect(settings.engineAccess.authorities == "/etc/gyre/ca.pem")
        let certificate = RepositoryAccess.Certificate(file: "/etc/gyre/c.pem", key: "/srv/k.pem")
        #expect(settings.engineAccess.certificate == certificate)
    }

    @Test func readsAnEngineOverSSH() throws {
        let settings = try settings(
            "state: /srv/gyre\nengine: ssh://gyre@node1:2222\nengine_access: {key_file: id}"
        )
        let account = EngineAddress.Account(user: "gyre", host: "node1", port: 2222)
        #expect(settings.engine == .ssh(account: account, socket: "/var/run/docker.sock"))
        #expect(settings.engineAccess.key == "/etc/gyre/id")
        #expect(settings.engineAccess.knownHosts == "/srv/gyre/known_hosts")
    }

    /// Whoever can speak with an engine owns its node.
    @Test(arguments: [
        ("engine: tcp://node1:2375", ":1:9: error: an engine over tcp needs"),
        ("engine: tcp://node1\nengine_access: {ca: x}", ":1:9: error: an engine over tcp needs"),
        ("engine: ssh://node1", ":1:9: error: an engine over ssh needs \"key_file\""),
        (
            "engine: ssh://node1\nengine_access: {key_file: k, ca: x}",
            ":2:34: error: \"ca\" is nothing for ssh://node1/var/run/docker.sock"
        ),
        ("engine_access: {key_file: k}", ":1:27: error: \"key_file\" is nothing for unix://"),
        ("engine: http://node1", ":1:9: error:"),
    ])
    func refusesWhatLetsNobodyInOrEverybody(lines: String, words: String) {
        #expect(findings(lines).contains(words), "\(findings(lines))")
    }

    @Test func noProjectMayReadTheKey() {
        let text = """
            engine: ssh://node1
            engine_access: {key_file: /srv/keys/id}
            """
        let project = "projects: {a: {repositories: [], grants: {mounts: [{path: /srv/keys}]}}}"
        let found: String
        do {
            let bytes = Array("\(text)\n\(project)".utf8)
            let settings = try Settings(parsing: bytes, directory: "/etc/gyre")
            found = settings.warnings.map(\.description).joined(separator: "\n")
        } catch {
            found = error.diagnostics.map(\.description).joined(separator: "\n")
        }
        #expect(found.contains("gives away the key of the engine"), "\(found)")
    }
}
