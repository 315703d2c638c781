import Admission
import Model
import Testing

/// Services that live in namespaces of other services of their stack.
@Suite struct NamespaceTests {
    /// `web`, and `side`, which lives in all that one container can have of another.
    private static func stack(
        _ namespaces: [String] = ["network_mode", "pid", "ipc"],
        web edit: (inout Service) -> Void = { _ in },
        side: (inout Service) -> Void = { _ in }
    ) throws -> Stack {
        var stack = Astro.stack { $0.privileges.namespaces["ipc"] = "shareable" }
        var other = try #require(stack.services["web"])
        var web = other
        if namespaces.contains("network_mode") { other.networks = [:] }
        other.privileges.namespaces = Dictionary(
            uniqueKeysWithValues: namespaces.map { ($0, "service:web") }
        )
        edit(&web)
        side(&other)
        stack.services = ["web": web, "side": other]
        return stack
    }

    private static func shared(_ service: inout Service) {
        service.volumes = [Astro.bind("/global/astro")]
        service.user = "41000:5000"
        service.capDrop = ["ALL"]
    }

    @Test func servicesOfOneStackMayShareThem() throws {
        let admitted = try Astro.policy.admit(Self.stack())
        #expect(admitted.mutations.isEmpty && admitted.warnings.isEmpty)
    }

    @Test func aChainOfThemIsFine() throws {
        var stack = try Self.stack()
        var third = try #require(stack.services["side"])
        third.privileges.namespaces = ["network_mode": "service:side", "pid": "service:side"]
        stack.services["third"] = third
        #expect(Astro.denials(of: stack).isEmpty)
    }

    @Test func whoOffersNoMemoryIsNamed() throws {
        let stack = try Self.stack(["ipc"], web: { $0.privileges.namespaces = [:] })
        let admitted = try Astro.policy.admit(stack)
        #expect(admitted.warnings.map(\.code) == ["namespace-closed"])
        #expect(admitted.warnings.first?.fix == "write ipc: shareable there")
    }

    @Test(arguments: [
        "nowhere", "bio_db_1", "", "web ", "we\u{62}\u{301}", "*", "../web", "side",
    ])
    func onlyServicesOfTheStack(name: String) throws {
        for attribute in ["network_mode", "pid", "ipc"] {
            let stack = try Self.stack([]) {
                $0.networks = [:]
            } side: {
                $0.networks = [:]
                $0.privileges.namespaces[attribute] = "service:\(name)"
            }
            #expect(Astro.denials(of: stack) == ["namespace"], "\(attribute)")
        }
    }

    @Test func onlyAServiceThatHasAContainer() throws {
        #expect(Astro.denials(of: try Self.stack(web: { $0.replicas = 0 })) == ["namespace"])
    }

    /// Whoever sees the processes of one beside a shared file system sees its files, with the user
    /// and the capabilities that it has itself.
    @Test func whoSeesTheProcessesOfOneBesideASharedFileSystemIsHeldToTheSame() throws {
        func denials(_ side: (inout Service) -> Void) throws -> Set<String> {
            Astro.denials(of: try Self.stack(["pid"], web: Self.shared, side: side))
        }
        #expect(try denials { _ in } == ["namespace"])
        #expect(try denials { $0.user = "0:0" } == ["namespace"])
        #expect(try denials { $0.user = "41001:5000" }.isEmpty)
        let groups = try denials {
            $0.user = "41001:5000"
            $0.groups = ["0"]
        }
        #expect(groups == ["group"])
        let capable = try denials {
            $0.user = "41001:5000"
            $0.capAdd = ["CHOWN"]
        }
        #expect(capable == ["capability-granted"])
        let filled = try Self.stack(["pid"], web: Self.shared) { $0.user = "41001" }
        let admitted = try Astro.policy.admit(filled)
        #expect(admitted.effective["side"]?.service.user == "41001:5000")
        #expect(admitted.effective["side"]?.capAdd == [])
    }

    /// In a chain too; and the one that is joined was made before, under no such rules.
    @Test func whoMountsASharedFileSystemShowsItsProcessesToNobodyElse() throws {
        #expect(Astro.denials(of: try Self.stack(["pid"], side: Self.shared)) == ["namespace"])
        var chain = try Self.stack(["pid"], web: Self.shared) { $0.user = "41001:5000" }
        var third = try #require(chain.services["side"])
        third.privileges.namespaces = ["pid": "service:side"]
        chain.services["third"] = third
        #expect(Astro.denials(of: chain).isEmpty)
        chain.services["third"]?.user = nil
        #expect(Astro.denials(of: chain) == ["namespace"])
        let both = try Self.stack(["pid"], web: Self.shared, side: Self.shared)
        #expect(Astro.denials(of: both).isEmpty)
        let taken = try Self.stack(["pid"], web: Self.shared) {
            $0.volumesFrom = [.init(service: "web")]
            $0.user = "41000:5000"
            $0.capDrop = ["ALL"]
        }
        #expect(Astro.denials(of: taken).isEmpty)
        let apart = try Self.stack(["network_mode", "ipc"], side: Self.shared)
        #expect(Astro.denials(of: apart).isEmpty)
    }

    /// A port that everybody reaches leads into the whole network that is shared.
    @Test func whoIsReachedThroughAnotherMayNotWriteToASharedFileSystem() throws {
        let open: (inout Service) -> Void = {
            $0.ports = [PortMapping(published: 32000, target: 80)]
        }
        let stack = try Self.stack(["network_mode"], web: open, side: Self.shared)
        #expect(Astro.denials(of: stack) == ["public-read-only"])
        let reading = try Self.stack(["network_mode"], web: open) {
            Self.shared(&$0)
            $0.volumes = [Astro.bind("/global/astro", readOnly: true)]
        }
        #expect(Astro.denials(of: reading).isEmpty)
    }

    /// Whose labels lead to the network doesn't matter: all of it is reached.
    @Test func whoIsReachedThroughTheLabelsOfAnotherMayNotWriteThere() throws {
        let routed: (inout Service) -> Void = {
            $0.labels["traefik.http.routers.astro.rule"] = "Host(`astro.example.org`)"
        }
        let stack = try Self.stack(["network_mode"], web: Self.shared, side: routed)
        #expect(Astro.denials(of: stack) == ["public-read-only"])
        var tenant = Astro.tenant
        tenant.grants.siteHosts = ["astro.example.org"]
        #expect(Astro.denials(of: stack, by: Policy(tenant)).isEmpty)
    }

    /// Whoever takes over the one opens the files of the other, through `/proc/PID/root`.
    @Test(arguments: [true, false])
    func processesThatEverybodyReachesSeeNobodyWhoWritesThere(isHost: Bool) throws {
        let open: (inout Service) -> Void = {
            Self.shared(&$0)
            $0.volumes = [Astro.bind("/global/astro", readOnly: true)]
            $0.ports = [PortMapping(published: 32000, target: 80)]
        }
        func stack(_ namespace: String, _ reached: (inout Service) -> Void) throws -> Stack {
            isHost
                ? try Self.stack([namespace], web: reached, side: Self.shared)
                : try Self.stack([namespace], web: Self.shared, side: reached)
        }
        #expect(Astro.denials(of: try stack("pid", open)) == ["public-read-only"])
        #expect(Astro.denials(of: try stack("ipc", open)).isEmpty)
        let inside: (inout Service) -> Void = {
            open(&$0)
            $0.ports = [PortMapping(published: 30000, target: 80)]
        }
        #expect(Astro.denials(of: try stack("pid", inside)).isEmpty)
    }

    private static let conflicts: [String: @Sendable (inout Service) -> Void] = [
        "ports": { $0.ports = [PortMapping(published: 30000, target: 80)] },
        "expose": { $0.expose = ["80"] }, "hostname": { $0.hostname = "portal" },
        "links": { $0.links = [Service.Link(service: "web", alias: "x")] },
        "dns": { $0.resolver.servers = ["10.0.0.1"] },
        "extra_hosts": { $0.hostEntries = [.init(name: "a", address: "10.0.0.1")] },
    ]

    @Test(arguments: conflicts.keys.sorted())
    func whatBelongsToTheOthersNetworkIsWrittenThere(attribute: String) throws {
        let edit = try #require(Self.conflicts[attribute])
        let stack = try Self.stack(["network_mode"], side: edit)
        let rejection = #expect(throws: Rejection.self) { try Astro.policy.admit(stack) }
        let finding = try #require(rejection?.diagnostics.first { $0.code == "namespace" })
        #expect(finding.field == FieldPath("services", "side", attribute))
        #expect(finding.fix == "write it in web")
        #expect(Astro.denials(of: try Self.stack(["pid"], side: edit)).isEmpty)
    }

    /// What the operator allows one container is not for the one beside it.
    @Test func bothAreHeldToTheSameRules() throws {
        var tenant = Astro.tenant
        tenant.exceptions = [
            PolicyException(
                rule: "capability-granted",
                service: "web",
                owner: "ann",
                reason: "probes",
                expires: Instant(milliseconds: 2_000_000_000_000)
            )
        ]
        let policy = Policy(tenant, at: Instant(milliseconds: 1_000_000_000_000))
        #expect(Astro.denials(of: try Self.stack(), by: policy) == ["namespace"])
        tenant.exceptions = []
        tenant.choices = [
            ProfileChoice(.privileged, when: .init(service: "side"))
        ]
        // The rule isn't one of that profile, and the operator chose it for this very service.
        #expect(Astro.denials(of: try Self.stack(), by: Policy(tenant)).isEmpty)
        tenant.choices = [ProfileChoice(.privileged, when: .init(service: "web"))]
        #expect(Astro.denials(of: try Self.stack(), by: Policy(tenant)) == ["namespace"])
    }
}
