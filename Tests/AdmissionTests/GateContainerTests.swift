import Admission
import Model
import Testing

/// What the gate says of bodies that a container is created from.
@Suite struct GateContainerTests {
    @Test func letsTheFullBodyPass() {
        #expect(GateFixture.refusal(of: GateFixture.create(GateFixture.body)) == nil)
    }

    @Test func letsASmallBodyPass() {
        let labels = GateFixture.labels.merging([
            Labels.service: "web", Labels.slot: "1", Labels.Compose.project: "astro",
            Labels.spec: .string("1:" + String(repeating: "0", count: 64)),
        ]) { first, _ in first }
        let body: JSON = [
            "Image": .string(GateFixture.pinned), "Labels": .object(labels),
            "HostConfig": [
                "CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges:true"], "Memory": 1,
                "MemorySwap": 1, "PidsLimit": 1, "NetworkMode": "none",
                "LogConfig": ["Type": "local", "Config": ["max-size": "1", "max-file": "1"]],
                "CapAdd": ["CHOWN", "KILL"],
            ],
        ]
        #expect(GateFixture.refusal(of: GateFixture.create(body)) == nil)
    }

    /// Values of `HostConfig`, and what stops them.
    private static let host: [(String, JSON?, GateCheck)] = [
        ("Privileged", true, .privilege), ("CapDrop", [], .capability),
        ("CapDrop", nil, .capability), ("CapDrop", ["ALL", "CHOWN"], .capability),
        ("CapDrop", ["all"], .capability), ("CapAdd", ["SYS_ADMIN"], .capability),
        ("CapAdd", ["ALL"], .capability), ("CapAdd", ["CHOWN"], .capability),
        ("CapAdd", ["\u{212A}ILL"], .capability), ("SecurityOpt", [], .privilege),
        ("SecurityOpt", nil, .privilege), ("SecurityOpt", ["seccomp=builtin"], .privilege),
        ("SecurityOpt", ["no-new-privileges:true", "seccomp=unconfined"], .privilege),
        ("Memory", nil, .limit), ("Memory", 0, .limit), ("Memory", -1, .limit),
        ("Memory", 8_589_934_593, .limit), ("MemorySwap", -1, .limit), ("MemorySwap", nil, .limit),
        ("MemorySwap", 536_870_913, .limit), ("MemorySwap", 268_435_455, .limit),
        ("MemoryReservation", 268_435_457, .limit),
        ("PidsLimit", nil, .limit), ("PidsLimit", 0, .limit), ("PidsLimit", -1, .limit),
        ("PidsLimit", 4097, .limit), ("NanoCpus", -1, .limit),
        ("NetworkMode", "host", .network), ("NetworkMode", "bridge", .network),
        ("NetworkMode", "default", .network), ("NetworkMode", "", .network),
        ("NetworkMode", nil, .network), ("NetworkMode", "container:x", .network),
        ("NetworkMode", "bio_web_default", .network), ("NetworkMode", "astro-x_default", .network),
        ("NetworkMode", "none", .network), ("NetworkMode", "astro_other", .network),
        ("Tmpfs", ["/run": "size=1t"], .limit), ("Tmpfs", ["/proc/sys": ""], .target),
        ("Tmpfs", ["/run": "dev"], .limit),
        ("PortBindings", ["80/tcp": [["HostPort": "22"]]], .port),
        ("PortBindings", ["80/tcp": [["HostPort": ""]]], .port),
        ("PortBindings", ["80/tcp": [["HostIp": ""]]], .port),
        ("PortBindings", ["80/tcp": [["HostPort": "30000-30010"]]], .port),
        ("PortBindings", ["80/tcp": [["HostPort": "030000"]]], .port),
        ("PortBindings", ["80-81/tcp": [["HostPort": "30000"]]], .port),
        ("PortBindings", ["80": [["HostPort": "30000"]]], .port),
        ("PortBindings", ["80/tcp": [["HostIp": "x", "HostPort": "30000"]]], .port),
        ("RestartPolicy", ["Name": "sometimes"], .body),
        ("LogConfig", ["Type": "syslog"], .driver),
        ("LogConfig", ["Type": "json-file", "Config": ["path": "x"]], .body),
        ("LogConfig", ["Type": "local", "Config": ["max-size": "../x"]], .driver),
        ("LogConfig", nil, .driver), ("LogConfig", ["Type": "json-file"], .driver),
        ("LogConfig", ["Type": "json-file", "Config": ["max-size": "1m"]], .driver),
        (
            "LogConfig",
            ["Type": "json-file", "Config": ["max-size": "1g", "max-file": "1000"]], .driver
        ),
        ("UTSMode", "host", .namespace), ("UsernsMode", "host", .namespace),
        ("UTSMode", .string("container:" + GateFixture.container), .namespace),
        ("Devices", [], .privilege), ("Devices", [["PathOnHost": "/dev/sda"]], .privilege),
        ("MaskedPaths", [], .privilege), ("ReadonlyPaths", [], .privilege),
    ]

    @Test(arguments: host.indices)
    func refusesOfTheHost(index: Int) {
        let (key, value, check) = Self.host[index]
        let request = GateFixture.create { $0.set("HostConfig", key, to: value) }
        #expect(GateFixture.refusal(of: request) == check, "\(key) \(value?.text ?? "missing")")
    }

    /// What the engine offers and no container gets.
    @Test(arguments: [
        "VolumesFrom", "Links", "VolumeDriver", "PublishAllPorts", "AutoRemove", "ContainerIDFile",
        "Isolation",
        "Capabilities", "KernelMemory", "privileged", "binds", "Cgroup", "CpuCount", "CpuPercent",
        "IOMaximumIOps", "KernelMemoryTCP",
    ])
    func refusesOtherKeysOfTheHost(key: String) {
        let request = GateFixture.create { $0.set("HostConfig", key, to: nil as JSON?) }
        #expect(GateFixture.refusal(of: request) == nil)
        for value: JSON in [.null, "", "host", [], [:], false, 0] {
            let request = GateFixture.create { $0.set("HostConfig", key, to: value) }
            #expect(GateFixture.refusal(of: request) == .body, "\(key) \(value.text)")
        }
    }

    @Test(arguments: [
        "/:/x:ro", "/var/run/docker.sock:/x:ro", "/run:/x:ro", "/global:/x:ro",
        "/global/astro/../bio:/x:ro", "/global/common:/x:rw", "/global/astro", "/global/astro:/x",
        "/global/astro:/x:", "/global/astro:/x:ro:ro", "bio_db:/x:rw",
        "astro-x_db:/x:rw", "astro_../x:/x:rw", ":/x:rw", "astro:/x:rw", "/global/astro:/x:rshared",
    ])
    func refusesBinds(bind: String) {
        var tenant = Astro.tenant
        tenant.audited = ["bind-option"]
        let request = Self.binding(bind)
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == .bind)
    }

    private static func binding(_ bind: String) -> EngineRequest {
        GateFixture.create {
            $0.set("HostConfig", "Mounts", to: nil)
            $0.set("HostConfig", "Binds", to: [.string(bind)])
        }
    }

    /// The engine makes what the short form binds where it is missing, as root; and labels it.
    @Test(arguments: ["/global/astro:/x:rw", "/scratch/astro:/x:ro", "/scratch/astro/a:/x:rw,z"])
    func onlyAnOperatorsOwnBindIsShort(bind: String) {
        var tenant = Astro.tenant
        for profile in [TenantPolicy.Profile.restricted, .baseline] {
            tenant.profile = profile
            let gate = GateFixture.gate(tenant)
            #expect(GateFixture.refusal(of: Self.binding(bind), by: gate) == .bind)
        }
        tenant.audited = ["bind-option"]
        #expect(GateFixture.refusal(of: Self.binding(bind), by: GateFixture.gate(tenant)) == nil)
        tenant.audited = []
        tenant.profile = .privileged
        #expect(GateFixture.refusal(of: Self.binding(bind), by: GateFixture.gate(tenant)) == nil)
    }

    @Test(arguments: ["/proc", "/sys/fs/cgroup", "/dev", "/", "/srv/../proc", "x", "//proc/./sys"])
    func refusesTargets(target: String) {
        let mount: JSON = [.string("astro_data:\(target):rw")]
        let bind = GateFixture.create { $0.set("HostConfig", "Binds", to: mount) }
        #expect(GateFixture.refusal(of: bind) == .target)
        let anonymous = GateFixture.create { $0.set("Volumes", to: .object([target: [:]])) }
        #expect(GateFixture.refusal(of: anonymous) == .target)
    }

    /// Engines of today refuse them, so nobody needs them, and nobody judges them.
    @Test func refusesOptionsOfAnotherKindOfMount() {
        let volume: JSON = ["Type": "volume", "Source": "astro_data", "Target": "/v"]
        let mounts: [(JSON, others: [String])] = [
            (GateFixture.bind("/global/astro", to: "/x"), ["TmpfsOptions", "VolumeOptions"]),
            (volume, ["BindOptions", "TmpfsOptions"]),
            (["Type": "tmpfs", "Target": "/t"], ["BindOptions", "VolumeOptions"]),
        ]
        for (mount, others) in mounts {
            for key in others {
                var mount = mount
                mount.set(key, to: ["DriverConfig": ["Options": ["device": "/"]]])
                let request = GateFixture.create { $0.set("HostConfig", "Mounts", to: [mount]) }
                #expect(GateFixture.refusal(of: request) == .body, "\(mount.text)")
            }
            let request = GateFixture.create { $0.set("HostConfig", "Mounts", to: [mount]) }
            #expect(GateFixture.refusal(of: request) == nil)
        }
    }

    @Test func refusesAVolumeThatTheJournalDoesNotOwn() {
        let request = GateFixture.create {
            $0.set("HostConfig", "Binds", to: ["astro_other:/data:rw"])
        }
        #expect(GateFixture.refusal(of: request) == .ownership)
    }

    @Test func judgesCapabilitiesByTheBinds() {
        let withShared = GateFixture.create { $0.set("HostConfig", "CapAdd", to: ["CHOWN"]) }
        #expect(GateFixture.refusal(of: withShared) == .capability)
        let without = GateFixture.create {
            $0.set("HostConfig", "CapAdd", to: ["CHOWN"])
            $0.set("HostConfig", "Mounts", to: [GateFixture.bind("/scratch/astro", to: "/s")])
        }
        #expect(GateFixture.refusal(of: without) == nil)
    }

    @Test(arguments: [nil, "", "root", "0:5000", "41000", "50000:5000", "41000:0", "41000:5000 "])
    func judgesTheUserByTheBinds(user: String?) {
        let shared = GateFixture.create { $0.set("User", to: user.map(JSON.string)) }
        #expect(GateFixture.refusal(of: shared) == .identity)
        let alone = GateFixture.create {
            $0.set("User", to: user.map(JSON.string))
            $0.set("HostConfig", "Mounts", to: nil)
        }
        #expect(GateFixture.refusal(of: alone) == nil)
    }

    /// A granted number says nothing where users are remapped.
    @Test(arguments: [NodeUsers.remapped, .rootless, .untold])
    func noUserIsGrantedOnANodeThatRemaps(users: NodeUsers) {
        let gate = GateFixture.gate(Astro.tenant, users: users)
        #expect(GateFixture.refusal(of: GateFixture.create { _ in }) == nil)
        #expect(throws: GateRefusal.self) { try gate.check(GateFixture.create { _ in }) }
        let alone = GateFixture.create { $0.set("HostConfig", "Mounts", to: nil) }
        #expect(throws: Never.self) { try gate.check(alone) }
    }

    /// Labels, and what stops them; nil removes one.
    private static let labels: [(String, JSON?, GateCheck)] = [
        (Labels.controller, "other", .label), (Labels.project, "bio", .label),
        (Labels.stack, "queue", .label), (Labels.controller, nil, .label),
        (Labels.project, nil, .label), (Labels.stack, nil, .label), (Labels.claim, nil, .claim),
        (Labels.claim, "claim-2", .claim), (Labels.service, nil, .label),
        (Labels.service, "a b", .label), (Labels.slot, "x", .label), (Labels.slot, nil, .label),
        (Labels.spec, "1:0", .label), (Labels.spec, nil, .label), (Labels.run, "job", .label),
        (Labels.Compose.project, "bio", .label), (Labels.Compose.project, nil, .label),
        (Labels.Compose.oneOff, "True", .label), (Labels.Compose.network, "x", .label),
        (Labels.key, "x", .label), ("io.gyre.new", "x", .label), ("IO.gyre.stack", "bio", .label),
        ("com.docker.compose.version", "2", .label), ("com.docker.swarm.task", "x", .label),
        ("traefik.http.routers.x.rule", "Host(`bio`)", .label), ("a", "b\nc", .label),
        ("traefik.http.middlewares.astro-x.errors.\u{17F}ervice", "api@internal", .label),
        ("a\u{1B}", "b", .label), ("a", 1, .body),
    ]

    @Test(arguments: labels.indices)
    func refusesLabels(index: Int) {
        let (key, value, check) = Self.labels[index]
        let request = GateFixture.create { $0.set("Labels", key, to: value) }
        #expect(GateFixture.refusal(of: request) == check, "\(key) \(value?.text ?? "missing")")
    }

    @Test(arguments: [
        "nginx:1.27-alpine", "sha256:0", "",
        "nginx@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
    ])
    func refusesImagesThatAreNoPins(image: String) {
        let request = GateFixture.create { $0.set("Image", to: .string(image)) }
        #expect(GateFixture.refusal(of: request) == .image)
    }

    @Test func refusesAPinThatIsNoLongerGranted() {
        var tenant = Astro.tenant
        tenant.grants.registries = ["ghcr.io/astro-lab"]
        let request = GateFixture.create(GateFixture.body)
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == .image)
    }

    /// Only where something bounds them.
    @Test(
        arguments: [
            (0, nil, false), (nil, nil, false), (64_000_000_000, nil, true),
            (64_000_000_001, nil, false), (nil, 50_000, true), (nil, -1, false),
        ] as [(Int64?, Int64?, Bool)]
    )
    func judgesCPUs(limit: Int64?, quota: Int64?, passes: Bool) {
        let request = GateFixture.create {
            $0.set("HostConfig", "NanoCpus", to: limit.map(JSON.int))
            $0.set("HostConfig", "CpuQuota", to: quota.map(JSON.int))
        }
        let gate = GateFixture.gate(Denials.tenant(of: "cpu-maximum"))
        #expect((GateFixture.refusal(of: request, by: gate) == nil) == passes)
        if quota != -1 { #expect((GateFixture.refusal(of: request) == nil)) }
    }

    @Test func judgesWhatTheImageBrings() {
        let request = GateFixture.create(GateFixture.body)
        let refusal = { (image: ImageConfig) in
            GateFixture.refusal(of: request, by: GateFixture.gate(Astro.tenant, image: image))
        }
        #expect(refusal(ImageConfig(labels: ["io.gyre.hold": "x"])) == .label)
        #expect(refusal(ImageConfig(volumes: ["/proc/sys"])) == .target)
        for key in [
            "traefik.http.routers.bio.rule", "TRAEFIK.enable", "com.docker.stack.namespace",
            "com.docker.swarm.task.id", "controller.example.org/owner",
            "com.docker.compose.version",
        ] { #expect(refusal(ImageConfig(labels: [key: ""])) == .label, "\(key)") }
        // Ours wins over the image's, and what is the image's own business is.
        let own = ["io.gyre.stack": "bio", "org.opencontainers.image.title": "a\nb"]
        #expect(refusal(ImageConfig(user: "root", volumes: ["/data", "x"], labels: own)) == nil)
    }

    /// An engine takes of the image what the body leaves out.
    @Test func judgesWhatTheBodyLeavesToTheImage() {
        let image = ImageConfig(
            labels: ["traefik.enable": "true", "com.docker.compose.version": "2"],
            hasHealthcheck: true,
            workingDirectory: "/proc/self/fd/8",
            checkInterval: 1_000_000,
            startInterval: 1
        )
        let gate = GateFixture.gate(Astro.tenant, image: image)
        var body = GateFixture.body
        body.set("Labels", "traefik.enable", to: "false")
        body.set("Labels", "com.docker.compose.version", to: "")
        body.set("Healthcheck", "StartInterval", to: 1_000_000_000)
        func refusal(_ path: String..., to value: JSON? = nil) -> GateCheck? {
            var changed = body
            changed.set(path[...], to: value)
            return GateFixture.refusal(of: GateFixture.create(changed), by: gate)
        }
        #expect(GateFixture.refusal(of: GateFixture.create(body), by: gate) == nil)
        #expect(refusal("Labels", "traefik.enable") == .label)
        #expect(refusal("Labels", "com.docker.compose.version") == .label)
        #expect(refusal("Labels", "com.docker.compose.version", to: "2") == .label)
        #expect(refusal("WorkingDir") == .target)
        #expect(refusal("Healthcheck") == .limit)
        #expect(refusal("Healthcheck", "Interval") == .limit)
        #expect(refusal("Healthcheck", "StartInterval") == .limit)
        #expect(refusal("Healthcheck", to: ["Test": ["NONE"]]) == nil)
    }

    @Test(arguments: [
        "", "astro", "astro-", "bio-web-1", "astrox-web-1", "astro_web_1", "astro-$(x)",
    ])
    func refusesNames(name: String) {
        let request = GateFixture.create(GateFixture.body, name: name)
        #expect(GateFixture.refusal(of: request) == .name)
    }

    /// Other values of the body, and what stops them.
    private static let process: [([String], JSON, GateCheck)] = [
        (["Hostname"], "a b", .name), (["StopSignal"], "a b", .body), (["StopTimeout"], -1, .limit),
        (["StopTimeout"], 3601, .limit), (["WorkingDir"], "/proc/self/fd/8", .target),
        (["WorkingDir"], "", .target), (["Healthcheck", "Interval"], 1, .limit),
        (["Healthcheck", "Retries"], -1, .limit), (["ExposedPorts"], ["x/tcp": [:]], .port),
        (["ExposedPorts"], ["80/tcp": ["a": 1]], .body), (["Volumes"], ["/x": ["a": 1]], .body),
        (["NetworkingConfig", "EndpointsConfig"], ["bio_default": [:]], .network),
        (["NetworkingConfig", "EndpointsConfig"], ["astro_other": [:]], .network),
        (
            ["NetworkingConfig", "EndpointsConfig", "astro_default", "Links"], ["bio-db-1:db"],
            .name
        ),
        (["NetworkingConfig", "EndpointsConfig", "astro_default", "Aliases"], ["a b"], .name),
        (["User"], "a\nb", .identity), (["OnBuild"], [], .body), (["Domainname"], "a b", .name),
        (["NetworkDisabled"], false, .body), (["MacAddress"], "", .body), (["Shell"], [], .body),
    ]

    @Test(arguments: process.indices)
    func refusesOfTheProcess(index: Int) {
        let (path, value, check) = Self.process[index]
        let request = GateFixture.create { $0.set(path[...], to: value) }
        #expect(GateFixture.refusal(of: request) == check, "\(path) \(value.text)")
    }
}
