import Admission
import Model
import Testing

/// What the gate says of a container that lives in another one's namespaces.
@Suite struct GateNamespaceTests {
    private static let web = GateFixture.container
    private static let other = String(repeating: "e", count: 64)

    private static func host(
        _ id: String = web,
        service: String = "web",
        stack: String = "astro",
        joins: String? = nil,
        labels more: [String: String] = [:]
    ) -> ObservedContainer {
        var labels = [
            Labels.controller: "spin", Labels.project: "astro", Labels.stack: stack,
            Labels.service: service,
        ]
        labels[Labels.joins] = joins
        labels.merge(more) { $1 }
        return ObservedContainer(
            id: id,
            name: "astro-\(service)-1",
            labels: labels,
            details: .init(started: nil, image: GateFixture.pinned)
        )
    }

    private static func gate(
        _ hosts: [ObservedContainer],
        _ tenant: TenantPolicy = Astro.tenant,
        ingress: [String: String] = [:]
    ) -> Gate {
        Gate(
            tenant,
            controller: "spin",
            stack: Astro.id,
            owned: [web, other, GateFixture.network, "astro_data"],
            pins: [
                ImagePin(
                    reference: "nginx:1.27-alpine",
                    imageID: "sha256:0",
                    digest: GateFixture.pinned
                )
            ],
            claims: [GateFixture.claim],
            hosts: Dictionary(uniqueKeysWithValues: hosts.map { ($0.id, $0) }),
            ingress: ingress
        )
    }

    /// A container of the service `side` that has nothing of the node's.
    private static func request(
        _ modes: [String: String],
        label: String?,
        _ edit: (inout JSON) -> Void = { _ in }
    ) -> EngineRequest {
        GateFixture.create { body in
            body.set("NetworkingConfig", to: nil)
            body.set("Hostname", to: nil)
            body.set("ExposedPorts", to: nil)
            body.set("HostConfig", "PortBindings", to: nil)
            body.set("HostConfig", "Binds", to: [])
            body.set("HostConfig", "Mounts", to: [])
            body.set("HostConfig", "NetworkMode", to: "none")
            body.set("Labels", Labels.service, to: "side")
            body.set("Labels", Labels.joins, to: label.map(JSON.string))
            for (key, mode) in modes { body.set("HostConfig", key, to: .string(mode)) }
            edit(&body)
        }
    }

    private static let modes = ["IpcMode": "ipc", "NetworkMode": "network", "PidMode": "pid"]

    private static func joining(
        _ key: String,
        _ id: String = web,
        service: String = "web",
        _ edit: (inout JSON) -> Void = { _ in }
    ) -> EngineRequest {
        request([key: "container:\(id)"], label: "\(modes[key] ?? "")=\(service):\(id)", edit)
    }

    @Test(arguments: modes.keys.sorted())
    func aContainerOfTheStackMayBeJoined(key: String) {
        let request = Self.joining(key)
        #expect(GateFixture.refusal(of: request, by: Self.gate([Self.host()])) == nil)
    }

    @Test func allThreeAtOnce() {
        let id = Self.web
        let request = Self.request(
            Self.modes.mapValues { _ in "container:\(id)" },
            label: "ipc=web:\(id),network=web:\(id),pid=web:\(id)"
        )
        #expect(GateFixture.refusal(of: request, by: Self.gate([Self.host()])) == nil)
    }

    @Test(arguments: modes.keys.sorted())
    func noneThatTheJournalDoesNotOwn(key: String) {
        let check: GateCheck = key == "NetworkMode" ? .network : .namespace
        let foreign = Self.joining(key, GateFixture.foreign)
        let gate = Self.gate([Self.host(GateFixture.foreign)])
        #expect(GateFixture.refusal(of: foreign, by: gate) == check)
        for mode in ["container:astro-web-1", "container:", "container:\(Self.web.prefix(12))"] {
            let request = Self.request([key: mode], label: nil)
            #expect(GateFixture.refusal(of: request, by: gate) == check, "\(mode)")
        }
    }

    /// A network, a volume and a carrier are owned too.
    @Test(arguments: modes.keys.sorted())
    func noneThatTheEngineDoesNotTellOf(key: String) {
        let request = Self.joining(key, GateFixture.network)
        #expect(GateFixture.refusal(of: request, by: Self.gate([Self.host()])) == .namespace)
        #expect(GateFixture.refusal(of: Self.joining(key), by: Self.gate([])) == .namespace)
    }

    @Test(arguments: modes.keys.sorted())
    func onlyOneOfTheServiceThatIsMeant(key: String) {
        let gate = Self.gate([Self.host(), Self.host(Self.other, service: "db")])
        let meant = Self.joining(key, Self.other, service: "web")
        #expect(GateFixture.refusal(of: meant, by: gate) == .namespace)
        let unsaid = Self.request([key: "container:\(Self.web)"], label: nil)
        #expect(GateFixture.refusal(of: unsaid, by: gate) == .label)
        let elsewhere = Self.request(
            [key: "container:\(Self.web)"],
            label: "\(Self.modes[key] ?? "")=db:\(Self.other)"
        )
        #expect(GateFixture.refusal(of: elsewhere, by: gate) == .label)
        let sibling = Self.gate([Self.host(stack: "web")])
        #expect(GateFixture.refusal(of: Self.joining(key), by: sibling) == .namespace)
    }

    @Test func whoSeesProcessesBesideASharedFileSystemIsHeldToTheSame() {
        var beside = Self.host()
        beside.mounts = [ObservedMount(source: "/global/astro/www", readOnly: true)]
        let through = Self.host(Self.other, service: "db", joins: "pid=web:\(Self.web)")
        for (id, service) in [(Self.web, "web"), (Self.other, "db")] {
            func refusal(_ edit: (inout JSON) -> Void = { _ in }) -> GateCheck? {
                let request = Self.joining("PidMode", id, service: service, edit)
                return GateFixture.refusal(of: request, by: Self.gate([beside, through]))
            }
            #expect(refusal() == nil)
            #expect(refusal { $0.set("User", to: "0:0") } == .identity)
            #expect(refusal { $0.set("User", to: nil) } == .identity)
            #expect(refusal { $0.set("HostConfig", "GroupAdd", to: ["0"]) } == .identity)
            #expect(refusal { $0.set("HostConfig", "CapAdd", to: ["CHOWN"]) } == .capability)
        }
        let both = Self.joining("PidMode") {
            $0.set("HostConfig", "Mounts", to: [GateFixture.bind("/global/astro/www", to: "/w")])
        }
        #expect(GateFixture.refusal(of: both, by: Self.gate([beside])) == nil)
        #expect(GateFixture.refusal(of: both, by: Self.gate([Self.host()])) == .namespace)
    }

    /// Through a container that has its own network of a third one.
    @Test func whatEverybodyReachesDoesNotWriteToASharedFileSystem() {
        var door = Self.host(Self.other, service: "door")
        door.ports = [HostPort(32000, "tcp")]
        let web = Self.host(joins: "network=door:\(Self.other)")
        let request = Self.joining("NetworkMode") {
            let bind = GateFixture.bind("/global/astro/www", to: "/www", readOnly: false)
            $0.set("HostConfig", "Mounts", to: [bind])
        }
        #expect(GateFixture.refusal(of: request, by: Self.gate([web, door])) == .bind)
        door.ports = [HostPort(30000, "tcp")]
        #expect(GateFixture.refusal(of: request, by: Self.gate([web, door])) == nil)
    }

    @Test func whatEverybodyReachesSeesNoProcessesThatWriteThere() {
        func request(readOnly: Bool, port: String?) -> EngineRequest {
            Self.joining("PidMode") { body in
                let bind = GateFixture.bind("/global/astro/www", to: "/www", readOnly: readOnly)
                body.set("HostConfig", "Mounts", to: [bind])
                guard let port else { return }
                let ports: JSON = ["80/tcp": [["HostPort": .string(port)]]]
                body.set("HostConfig", "PortBindings", to: ports)
            }
        }
        var web = Self.host()
        web.mounts = [ObservedMount(source: "/global/astro/www", readOnly: false)]
        let open = request(readOnly: true, port: "32000")
        #expect(GateFixture.refusal(of: open, by: Self.gate([web])) == .namespace)
        let inside = request(readOnly: true, port: "30000")
        #expect(GateFixture.refusal(of: inside, by: Self.gate([web])) == nil)
        web.mounts[0].readOnly = true
        #expect(GateFixture.refusal(of: open, by: Self.gate([web])) == nil)
        // The other way round: the container that is joined is reached, by its own port or by that
        // of the one whose network it has.
        let writing = request(readOnly: false, port: nil)
        #expect(GateFixture.refusal(of: writing, by: Self.gate([web])) == nil)
        var door = Self.host(Self.other, service: "door", joins: nil)
        door.ports = [HostPort(32000, "tcp")]
        var behind = Self.host(joins: "network=door:\(Self.other)")
        behind.mounts = web.mounts
        #expect(GateFixture.refusal(of: writing, by: Self.gate([behind, door])) == .bind)
        web.ports = [HostPort(32000, "tcp")]
        #expect(GateFixture.refusal(of: writing, by: Self.gate([web])) == .bind)
    }

    @Test func whatAnIngressLeadsToDoesNotWriteToASharedFileSystem() {
        let rule = ["traefik.http.routers.astro.rule": "Host(`astro.example.org`)"]
        let routed = Self.host(labels: rule)
        let request = Self.joining("NetworkMode") {
            let bind = GateFixture.bind("/global/astro/www", to: "/www", readOnly: false)
            $0.set("HostConfig", "Mounts", to: [bind])
        }
        #expect(GateFixture.refusal(of: request, by: Self.gate([routed])) == .bind)
        let told = Self.gate([Self.host()], ingress: ["web": "astro.example.org"])
        #expect(GateFixture.refusal(of: request, by: told) == .bind)
        var tenant = Astro.tenant
        tenant.grants.siteHosts = ["example.org"]
        #expect(GateFixture.refusal(of: request, by: Self.gate([routed], tenant)) == nil)
    }

    @Test func oneThatIsHeldToOtherRulesIsNotJoined() {
        var tenant = Astro.tenant
        tenant.choices = [ProfileChoice(.privileged, when: .init(service: "web"))]
        for key in Self.modes.keys.sorted() {
            let request = Self.joining(key)
            let gate = Self.gate([Self.host()], tenant)
            #expect(GateFixture.refusal(of: request, by: gate) == .namespace)
        }
    }
}
