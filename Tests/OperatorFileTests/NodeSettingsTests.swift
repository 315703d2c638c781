import Model
import OperatorFile
import Testing

/// Several nodes in `gyre.yaml`.
@Suite struct NodeSettingsTests {
    private func settings(_ text: String) throws(Rejection) -> Settings {
        try Settings(parsing: Array(text.utf8), file: "g", directory: "/etc/gyre")
    }

    private func findings(_ text: String) -> [String] {
        do {
            _ = try settings(text)
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    private let two = """
        nodes:
          alpha:
            engine: unix:///run/alpha.sock
            labels: [tier=web, org.example/disk=ssd=fast]
          beta:
            engine: tcp://beta
            engine_access: {client_certificate: {certificate_file: c, key_file: /srv/k}}

        """

    @Test func readsThem() throws {
        let settings = try settings(
            two + "projects: {a: {repositories: [], nodes: [beta]}, b: {repositories: []}}"
        )
        #expect(settings.cluster.keys.sorted() == ["alpha", "beta"])
        let alpha = try #require(settings.cluster["alpha"])
        #expect(alpha.engine == .unix(path: "/run/alpha.sock"))
        #expect(alpha.labels == ["tier": "web", "org.example/disk": "ssd=fast"])
        #expect(settings.cluster["beta"]?.access.certificate?.key == "/srv/k")
        #expect(settings.engines == "unix:///run/alpha.sock, tcp://beta:2376")
        #expect(settings.allows("a", on: "beta") && !settings.allows("a", on: "alpha"))
        #expect(settings.allows("b", on: "beta") && settings.allows("b", on: "alpha"))
    }

    @Test func oneEngineIsOneNode() throws {
        let settings = try settings("engine: unix:///run/x.sock\nprojects: {}")
        let node = Settings.NodeEntry(
            engine: .unix(path: "/run/x.sock"),
            access: settings.engineAccess
        )
        #expect(settings.cluster == [NodeName.main: node])
    }

    @Test func whatCannotBeMeantIsRefused() {
        for (text, words) in [
            ("engine: unix:///x\n\(two)projects: {}", "\"engine\" is one node's"),
            ("engine_access: {ca: x}\n\(two)projects: {}", "\"engine_access\" is one node's"),
            ("nodes: {}\nprojects: {}", "\"nodes\" has no node"),
            ("nodes: {a: {}}\nprojects: {}", "needs the key \"engine\""),
            ("nodes: {a: {engine: 'tcp://b'}}\nprojects: {}", "an engine over tcp needs"),
            (
                "nodes: {a: {engine: 'unix:///x'}, b: {engine: 'unix:///x'}}\nprojects: {}",
                "node \"a\" already has this engine"
            ),
            (
                "nodes: {a: {engine: 'unix:///x', labels: [tier]}}\nprojects: {}",
                "is no label such as tier=web"
            ),
            (
                "nodes: {a: {engine: 'unix:///x', labels: [t=1, t=2]}}\nprojects: {}",
                "the label \"t\" is there already"
            ),
            (
                "\(two)projects: {a: {repositories: [], nodes: [bet]}}",
                "there is no node \"bet\"; did you mean \"beta\"?"
            ),
            (
                "\(two)projects: {a: {repositories: [], nodes: []}}",
                "a project without a node can run nothing"
            ),
            ("projects: {a: {repositories: [], nodes: [x]}}", "there is no node \"x\""),
        ] {
            let found = findings(text)
            #expect(found.contains { $0.contains(words) }, "\(text): \(found)")
        }
    }

    @Test func noProjectMayHaveTheWayToAnEngine() {
        let project = "projects: {a: {repositories: [], grants: {mounts: [{path: PATH}]}}}"
        for path in ["/run/alpha.sock", "/srv"] {
            let text = two + project.replacing("PATH", with: path)
            #expect(findings(text).contains { $0.contains("gives away") }, "\(path)")
        }
    }

    @Test func theyChangeWithARestartOnly() throws {
        let one = try settings(two + "projects: {}")
        let other = try settings(two.replacing("tier=web", with: "tier=db") + "projects: {}")
        #expect(other.fixedKeys(changedSince: one) == ["nodes"])
    }
}
