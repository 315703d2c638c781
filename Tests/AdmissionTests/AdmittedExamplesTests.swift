import Admission
import Model
import Testing

/// Honest files: policies that refuse them fail as surely as those that leak.
@Suite struct AdmittedExamplesTests {
    private static let honest: [String: @Sendable (inout Service) -> Void] = [
        "permitted capabilities": {
            $0.capDrop = ["ALL"]
            $0.capAdd = ["CHOWN", "cap_setuid", "Net_Bind_Service", "CAP_KILL"]
        },
        "drops all beside a shared file system": {
            $0.capDrop = ["all"]
            $0.volumes = [Astro.bind("/global/astro/web", readOnly: true)]
            $0.user = "40000:5000"
        },
        "security options that everybody has": {
            $0.privileges.securityOptions = [
                "no-new-privileges", "no-new-privileges:true", "apparmor=docker-default",
                "seccomp=builtin",
            ]
        },
        "no network": {
            $0.networks = [:]
            $0.privileges.namespaces = ["network_mode": "none", "ipc": "private"]
        },
        "memory for others of the stack": { $0.privileges.namespaces = ["ipc": "shareable"] },
        "highest uid": {
            $0.volumes = [Astro.bind("/global/astro/")]
            $0.user = "49999:5000"
        },
        "names with dots": {
            $0.volumes = [Astro.bind("/global/astro/..data/v1..2/.hidden")]
            $0.user = "41000:5000"
        },
        "common files for reading": {
            $0.volumes = [Astro.bind("/global/common/catalogue", readOnly: true)]
            $0.user = "41000:5000"
        },
        "root beside a file system that is not shared": {
            $0.volumes = [Astro.bind("/scratch/astro/cache")]
            $0.capAdd = ["CHOWN"]
        },
        "any user without a bind": { $0.user = "postgres:postgres" },
        "volumes of its own": {
            $0.volumes = [
                Mount(source: .volume(key: "data"), target: "/etc/app"),
                Mount(source: .anonymous, target: "/var/lib/x"),
                Mount(source: .volume(key: "data"), target: "/processed"),
                Mount(source: .volume(key: "data"), target: "/dev/shm"),
            ]
        },
        "small tmpfs mounts": {
            $0.readOnly = true
            $0.tmpfs = [
                "/run": "size=16m,strictatime,nodiratime,sync",
                "/var/cache/nginx": "size=64m,mode=1777", "/tmp": "",
                "/x": "size=256M,uid=1000,gid=1000,noexec,nosuid,nodev", "/y": "size=0",
            ]
        },
        "granted ports": {
            $0.ports = [
                PortMapping(published: 30000, target: 80),
                PortMapping(hostIP: "127.0.0.1", published: 32767, target: 5432),
                PortMapping(hostIP: "::1", published: 31443, target: 8443, protocol: "udp"),
            ]
            $0.expose = ["80/tcp"]
        },
        "labels of its own": {
            $0.labels = [
                "org.astro.backup": "nightly", "io.rancher.container.pull_image": "always",
                "com.example.Team": "Galaxien ✨ für alle", "traefik.enable": "false",
                "io.gyreish": "not ours", "com.docker.desktop": "x",
            ]
        },
        "usual process options": {
            $0.initProcess = true
            $0.tty = true
            $0.stopGracePeriod = .seconds(600)
            $0.stopSignal = "SIGQUIT"
            $0.hostname = "portal"
            $0.workingDirectory = "/"
            $0.healthcheck = Service.Healthcheck(test: ["CMD", "true"], interval: .seconds(1))
        },
        "working directory": { $0.workingDirectory = "/home/../srv".replacing("..", with: "a") },
        "aliases and links": {
            $0.networks = ["default": Service.Attachment(aliases: ["web.astro", "queue_1"])]
            $0.links = [Service.Link(service: "web", alias: "other")]
        },
        "largest limits": {
            $0.resources = .init(
                memory: .gibibytes(8),
                pids: 4096,
                reservedMemory: .gibibytes(8)
            )
            $0.replicas = 20
        },
        "no replicas": { $0.replicas = 0 },
        "a share of processors and disks": {
            $0.scheduling.quota = 50_000
            $0.scheduling.period = 100_000
            $0.blockIO.weight = 300
        },
        "a name and a platform": {
            $0.containerName = "astro-portal"
            $0.platform = "linux/amd64"
            $0.placement = ["node.labels.tier==web"]
        },
    ]

    @Test(arguments: honest.keys.sorted())
    func admitsHonestServices(title: String) throws {
        let edit = try #require(Self.honest[title])
        let stack = Astro.stack(edit)
        let admitted = try Astro.policy.admit(stack)
        #expect(admitted.mutations.isEmpty)
        #expect(admitted.effective["web"]?.service == stack.services["web"])
    }

    @Test(arguments: [
        "nginx", "nginx:1", "library/nginx", "docker.io/nginx", "index.docker.io/nginx",
        "ghcr.io/astro-lab/a/b", "library/nginx/extra", "docker.io/library/nginx:1.27",
        "registry.example.org/astro/x@sha256:"
            + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "nginx:latest@sha256:cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc",
        "deadbeefcafe:1", "cafe:latest",
    ])
    func admitsGrantedImages(image: String) {
        #expect(Astro.denials { $0.image = image }.isEmpty)
    }

    @Test(arguments: ["astro_shared", "astro_db.data-1", "astro_a_b"])
    func admitsOwnNames(name: String) {
        var stack = Astro.stack
        stack.networks["default"] = Stack.Network(name: name)
        stack.volumes["data"] = Stack.Volume(name: name, labels: ["org.astro": "x"])
        #expect(Astro.denials(of: stack).isEmpty)
    }

    /// Those of the project's other stacks too, and what is shared with it.
    @Test(arguments: ["astro_shared", "astro_web_default", "astro_queue_x", "bio_public"])
    func admitsWhatOthersOfTheProjectMake(name: String) {
        var stack = Astro.stack
        stack.networks["default"]?.name = name
        stack.networks["default"]?.isExternal = true
        stack.volumes["data"]?.name = name
        stack.volumes["data"]?.isExternal = true
        stack.secrets["s"] = .init(name: name, origin: .external)
        #expect(Astro.denials(of: stack).isEmpty)
    }

    /// In a network of another project, and in those of the project's other stacks.
    @Test func admitsNamesThatCanBeNobodyElses() {
        let guest = Denials.guest {
            $0.networks["lan"]?.aliases = ["astro-web", "astro-db.x"]
            $0.hostname = "astro-web"
        }
        #expect(Astro.denials(of: guest).isEmpty)
        var sibling = Denials.guest {
            $0.networks["lan"]?.aliases = ["db"]
            $0.hostname = "db"
        }
        sibling.networks["lan"]?.name = "astro_web_default"
        #expect(Astro.denials(of: sibling).isEmpty)
    }

    /// No request to an engine shows these, so the rule is all there is.
    @Test(arguments: Denials.foreignNames)
    func refusesConfigsAndSecretsOfOthers(name: String) {
        let file = Stack.StoredFile(name: name, origin: .external)
        var stack = Astro.stack
        stack.secrets["s"] = file
        #expect(Astro.denials(of: stack) == ["own-name"])
        stack.secrets = [:]
        stack.configs["c"] = file
        #expect(Astro.denials(of: stack) == ["own-name"])
    }

    /// `cpu_quota` counts as the processors that it comes to, and others' volumes don't count.
    @Test func countsWhatIsWrittenOtherwise() {
        var stack = Astro.stack { $0.scheduling.quota = 150_000 }
        stack.volumes["data"]?.isExternal = true
        #expect(Usage(of: stack).nanoCPUs == 1_500_000_000)
        #expect(Usage(of: stack).volumes == 0)
        stack.services["web"]?.scheduling.period = 50_000
        #expect(Usage(of: stack).nanoCPUs == 3_000_000_000)
        stack.services["web"]?.volumes = [
            Mount(source: .anonymous, target: "/a"), Mount(source: .anonymous, target: "/b"),
        ]
        stack.services["web"]?.replicas = 3
        #expect(Usage(of: stack).volumes == 6)
    }

    /// All projects share the engine's pools, so that nobody has to be told to bound them.
    @Test(arguments: [1, 2, 5, 10, 11, 60])
    func aStackHasTenNetworksWhereNobodySaysOtherwise(count: Int) {
        var stack = Astro.stack
        stack.networks["else"] = Stack.Network(name: "bio_public")
        stack.networks["else"]?.isExternal = true
        for number in 1..<count {
            stack.networks["n\(number)"] = Stack.Network(name: "astro_n\(number)")
        }
        var tenant = Astro.tenant
        tenant.grants.quota = Grants().quota
        func denials(_ tenant: TenantPolicy) -> [Diagnostic] {
            do {
                _ = try Policy(tenant).admit(stack)
                return []
            } catch {
                return error.diagnostics
            }
        }
        let found = denials(tenant)
        #expect(found.map(\.code) == (count > 10 ? ["quota"] : []))
        #expect(found.allSatisfy { $0.message.contains("\(count) networks, more than 10") })
        #expect(found.allSatisfy { $0.field == FieldPath("networks") })
        tenant.profile = .baseline
        #expect(denials(tenant).isEmpty)
    }

    /// A digest says more than any tag.
    @Test func anImageCanBeDemandedByTagOrDigest() {
        let digest = "@sha256:" + String(repeating: "a", count: 64)
        var tenant = Astro.tenant
        for (tags, image, fits) in [
            (Grants.ImageTags.any, "nginx", true), (.named, "nginx:1.27", true),
            (.named, "nginx" + digest, true), (.named, "nginx:latest" + digest, true),
            (.named, "nginx:latest", false), (.digest, "nginx:1.27" + digest, true),
            (.digest, "nginx:1.27", false), (.digest, "nginx", false),
        ] {
            tenant.grants.imageTags = tags
            let stack = Astro.stack { $0.image = image }
            let denials = Astro.denials(of: stack, by: Policy(tenant))
            #expect(denials == (fits ? [] : ["image-tag"]), "\(tags) \(image)")
        }
        tenant.grants.imageTags = .digest
        let request = GateFixture.create(GateFixture.body)
        #expect(GateFixture.refusal(of: request, by: GateFixture.gate(tenant)) == .image)
    }

    /// A sum of CPUs would be no bound if some counted nothing.
    @Test func fillsInCPUsWhereTheyAreBounded() throws {
        var grants = Astro.grants
        for (standard, maximum, filled) in [
            (2, nil, 2), (nil, 3, 3), (4, 3, 3), (nil, nil, nil),
        ] as [(Int64?, Int64?, Int64?)] {
            grants.standardCPUs = standard.map { $0 * 1_000_000_000 }
            grants.maximumCPUs = maximum.map { $0 * 1_000_000_000 }
            let policy = Policy(TenantPolicy(grants: grants))
            for none: Int64? in [nil, 0] {
                let admitted = try policy.admit(Astro.stack { $0.resources.nanoCPUs = none })
                let cpus = admitted.effective["web"]?.service.processors
                #expect(cpus == filled.map { $0 * 1_000_000_000 } ?? none)
                #expect(admitted.mutations.map(\.to) == (filled.map { ["\($0)"] } ?? []))
            }
            let quota = try policy.admit(
                Astro.stack {
                    $0.resources.nanoCPUs = nil
                    $0.scheduling.quota = 50_000
                }
            )
            #expect(quota.mutations.isEmpty)
        }
    }

    @Test func judgesNamesByTheStacksComposeProjectName() throws {
        var stack = Astro.stack
        stack.id = try StackID(project: "astro", stack: "queue")
        stack.networks["default"] = Stack.Network(name: "astro_queue_default")
        stack.volumes["data"] = Stack.Volume(name: "astro_queue_data")
        #expect(Astro.denials(of: stack).isEmpty)
        stack.volumes["data"] = Stack.Volume(name: "astro_data")
        #expect(Astro.denials(of: stack) == ["own-name"])
    }

    @Test func grantsNothingOfTheNodeWithoutGrants() {
        let policy = Policy(TenantPolicy())
        #expect(Astro.denials(of: Astro.stack, by: policy).isEmpty)
        let bind = Astro.stack { $0.volumes = [Astro.bind("/global/astro")] }
        #expect(Astro.denials(of: bind, by: policy) == ["bind-granted"])
        let port = Astro.stack { $0.ports = [PortMapping(published: 30000, target: 80)] }
        #expect(Astro.denials(of: port, by: policy) == ["port-granted"])
    }
}
