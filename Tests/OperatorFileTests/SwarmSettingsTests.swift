import Model
import OperatorFile
import Testing

/// A Swarm in `gyre.yaml`.
@Suite struct SwarmSettingsTests {
    private func findings(_ text: String) -> [String] {
        do {
            _ = try Settings(parsing: Array(text.utf8), file: "g", directory: "/etc/gyre")
            return []
        } catch {
            return error.diagnostics.map(\.description)
        }
    }

    private let two = """
        swarm:
          managers:
            b: {engine: unix:///run/b.sock}
            a: {engine: unix:///run/a.sock}

        """

    /// Who judges files by it has to read them as a Swarm's.
    @Test func aPublishedPolicySaysWhatRunsIt() throws {
        func published(_ cluster: String) throws -> PublishedPolicy {
            let text =
                cluster + "projects: {shop: {repositories: [{url: https://git.example.org/s.git}]}}"
            let settings = try Settings(parsing: Array(text.utf8), directory: "/")
            let now = Instant(milliseconds: 0)
            return try #require(PublishedPolicy("shop", in: settings, rules: 1, at: now))
        }
        let swarm = try published(two)
        #expect(swarm.isForSwarm && swarm.json["swarm"] == true)
        let text = Array(swarm.json.text.utf8)
        #expect(try PublishedPolicy(parsing: text, file: "shop.json") == swarm)
        let engine = try published("")
        #expect(!engine.isForSwarm && engine.json["swarm"] == nil)
    }

    @Test func readsIt() throws {
        let more =
            "  encrypted: false\n  no_new_privileges: true\n  shared: true\n"
            + "  users_as_shown: true\n"
        let text = two + more + "projects: {}"
        let settings = try Settings(
            parsing: Array(text.utf8),
            file: "g",
            directory: "/etc/gyre"
        )
        #expect(settings.swarm?.managers.keys.sorted() == ["a", "b"])
        #expect(
            settings.swarm?.rules
                == SwarmRules(isEncrypted: false, keepsPrivileges: true, keepsUsers: true)
        )
        #expect(settings.swarm?.isShared == true)
        #expect(settings.cluster.keys.sorted() == [NodeName.main])
        #expect(settings.engines == "unix:///run/a.sock, unix:///run/b.sock")
        #expect(
            try Settings(parsing: Array((two + "projects: {}").utf8), directory: "/").swarm?
                .rules == SwarmRules()
        )
    }

    @Test func refusesWhatContradictsIt() {
        #expect(findings(two + "engine: unix:///x\nprojects: {}").count == 1)
        #expect(findings(two + "nodes: {n: {engine: unix:///x}}\nprojects: {}").count == 1)
        #expect(findings("swarm: {managers: {}}\nprojects: {}").count == 1)
        let twins = "swarm: {managers: {a: {engine: unix:///x}, b: {engine: unix:///x}}}"
        #expect(findings(twins + "\nprojects: {}").count == 1)
        let name = "controller: \(String(repeating: "n", count: 41))\n"
        #expect(findings(name + two + "  shared: true\nprojects: {}").count == 1)
        #expect(findings(name + two + "projects: {}").isEmpty)
        let open = "swarm: {managers: {a: {engine: 'tcp://x'}}}\nprojects: {}"
        #expect(findings(open).count == 1)
    }
}
