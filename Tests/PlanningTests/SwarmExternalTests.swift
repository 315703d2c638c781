import Model
import Planning
import TestSupport
import Testing

/// Configs and secrets of a Swarm that somebody else makes.
@Suite struct SwarmExternalTests {
    /// A service that reads both, and a Swarm that has them.
    private func stack(key: String = "astro_key") throws -> Stack {
        var web = Service.ofSwarm()
        let attributes = Content.Attributes(user: 7, mode: 0o400)
        web.volumes = [
            Mount(
                source: .external(
                    ExternalFile(key: "key", isSecret: true, attributes: attributes)
                ),
                target: "/run/secrets/key",
                readOnly: true
            ),
            Mount(
                source: .external(ExternalFile(key: "site", isSecret: false)),
                target: "/site",
                readOnly: true
            ),
        ]
        var stack = try Stack.ofSwarm(["web": web])
        stack.secrets = ["key": .init(name: key, origin: .external)]
        stack.configs = ["site": .init(name: "astro_site", origin: .external)]
        return stack
    }

    private func swarm() -> SimulatedSwarm {
        var swarm = SimulatedSwarm()
        swarm.others[.secret, "astro_key"] = "key-1"
        swarm.others[.config, "astro_site"] = "site-1"
        return swarm
    }

    private func container(_ swarm: SimulatedSwarm) -> JSON? {
        swarm.services.values.first?.spec["TaskTemplate"]?["ContainerSpec"]
    }

    @Test func areNamedByTheIDsThatTheyWereFoundUnder() throws {
        var swarm = swarm()
        let plan = try swarm.deploy(stack())
        #expect(plan.externals == swarm.others)
        #expect(
            container(swarm)?["Secrets"] == [
                [
                    "SecretID": "key-1", "SecretName": "astro_key",
                    "File": ["Name": "/run/secrets/key", "UID": "7", "GID": "0", "Mode": 256],
                ]
            ]
        )
        #expect(
            container(swarm)?["Configs"] == [
                [
                    "ConfigID": "site-1", "ConfigName": "astro_site",
                    "File": ["Name": "/site", "UID": "0", "GID": "0", "Mode": 292],
                ]
            ]
        )
        #expect(container(swarm)?["Mounts"] == nil)
        #expect(try swarm.plan(stack()).isEmpty)
        // Nobody asks where nothing is to be done.
        let others = swarm.others
        swarm.others = ExternalIDs()
        #expect(try swarm.plan(stack()).isEmpty)
        swarm.others = others
        #expect(swarm.files.isEmpty)
    }

    @Test func withoutAnIDNothingIsSent() throws {
        let plan = try SimulatedSwarm().plan(stack())
        let change = try #require(
            plan.steps.first { "\($0.operation)" == "create service astro_gateway_web" }
        )
        var context = StepContext(pin: SimulatedNode.pin("httpd:2.4"), controller: "rehearsal")
        context.swarmIDs = [SwarmToken.network("astro_gateway_default"): "n"]
        #expect(EngineRequest(change.operation, in: context) == nil)
    }

    @Test func oneThatWasMadeAnewIsADrift() throws {
        var swarm = swarm()
        try swarm.deploy(stack())
        swarm.others[.secret, "astro_key"] = "key-2"
        let plan = try swarm.deploy(stack())
        #expect(
            plan.words.first
                == "update service astro_gateway_web, because secret astro_key was made anew"
        )
        #expect(container(swarm)?["Secrets"]?.arrayValue?.first?["SecretID"] == "key-2")
        #expect(try swarm.plan(stack()).isEmpty)
    }

    @Test func anotherNameIsAnotherVersion() throws {
        var swarm = swarm()
        try swarm.deploy(stack())
        swarm.others[.secret, "astro_key2"] = "key-2"
        let next = try stack(key: "astro_key2")
        let words = try swarm.deploy(next).words
        let update = words.first { $0.hasPrefix("update service astro_gateway_web") }
        #expect(update?.contains("its spec changed") == true, "\(words)")
        #expect(container(swarm)?["Secrets"]?.arrayValue?.first?["SecretName"] == "astro_key2")
    }

    /// Law 3: whatever they bear, they are not in the journal.
    @Test func areNeverCollected() throws {
        var swarm = swarm()
        let stack = try stack()
        for (id, kind, name) in [
            ("key-1", OwnedObject.Kind.secret, "astro_key"), ("site-1", .config, "astro_site"),
        ] {
            let labels = [Labels.controller: "rehearsal", Labels.project: "astro"]
            swarm.files[id] = ObservedFile(kind: kind, id: id, name: name, labels: labels)
        }
        try swarm.deploy(stack)
        var less = stack
        less.services["web"]?.volumes = []
        less.secrets = [:]
        less.configs = [:]
        try swarm.deploy(less)
        #expect(swarm.files.count == 2 && container(swarm)?["Secrets"] == nil)
        let end = Plan(removing: stack.id, observed: swarm.observation, owned: swarm.owned)
        let words = end.words
        #expect(!words.isEmpty && !words.contains { $0.contains("key") || $0.contains("site") })
    }
}
