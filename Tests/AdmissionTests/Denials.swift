import Model

/// For each rule that denies, stacks that break it and no other rule.
enum Denials {
    static let all = examples.merging(laterExamples) { $0 + $1 }

    /// By whose policy the examples of a rule are denied: some rules ask for nothing unless the
    /// operator wants them to.
    static func tenant(of rule: String) -> TenantPolicy {
        var tenant = Astro.tenant
        switch rule {
        case "image-tag": tenant.grants.imageTags = .named
        case "cpu-maximum": tenant.grants.maximumCPUs = 64_000_000_000
        default: break
        }
        return tenant
    }

    private static let examples: [String: [Stack]] = [
        "privileged": [service { $0.privileges.privileged = true }],
        "capability-known": [
            service { $0.capAdd = ["SYS_ADMIM"] }, service { $0.capDrop = ["CAP_"] },
            // The Kelvin sign is a K to `==` and to `uppercased()`, and no K to the engine.
            service { $0.capAdd = ["\u{212A}ILL"] }, service { $0.capAdd = ["ſetuid"] },
        ],
        "capability-granted": [
            service { $0.capAdd = ["SYS_ADMIN"] }, service { $0.capAdd = ["cap_sys_admin"] },
            service { $0.capAdd = ["aLL"] }, service { $0.capAdd = ["BPF", "PERFMON"] },
            service {
                $0.capDrop = ["ALL"]
                $0.capAdd = ["ALL"]
            },
            service { $0.capAdd = ["MKNOD"] },
            shared { $0.capAdd = ["CHOWN"] },
        ],
        "security-option": [
            "seccomp=unconfined", "seccomp:unconfined", "apparmor=unconfined", "apparmor=other",
            "label=type:spc_t", "label:disable", "no-new-privileges=false",
            "no-new-privileges:false", "systempaths=unconfined", "", "No-New-Privileges",
        ].map { option in service { $0.privileges.securityOptions = [option] } },
        "namespace": [
            ("network_mode", "host"), ("network_mode", "bridge"), ("network_mode", "default"),
            ("network_mode", "container:bio_db_1"), ("network_mode", "service:db"),
            ("network_mode", "bio_web_default"), ("pid", "host"), ("pid", "container:bio"),
            ("pid", "private"), ("ipc", "host"), ("ipc", "Shareable"), ("uts", "host"),
            ("userns_mode", "host"), ("cgroup", "host"), ("cgroup_parent", "/system.slice"),
            ("something_new", ""), ("network_mode", "HOST"), ("network_mode", "service:web"),
            ("pid", "service:web"), ("pid", "service:"), ("uts", "service:web"),
        ].map { attribute, value in service { $0.privileges.namespaces[attribute] = value } },
        "sysctl": ["kernel.core_pattern", "net.ipv4.ip_forward", "net/ipv4/tcp_syncookies", ""].map
        {
            name in service { $0.sysctls[name] = "1" }
        },
        "placement": ["node.role == manager", "node.id==x", "engine.labels.x==y", "node.labels."]
            .map { text in service { $0.placement = [text] } },
        "device": ["/dev/sda:/dev/sda:rwm", "vendor.com/gpu=all", "c *:* rwm"].map { device in
            service { $0.privileges.devices = [device] }
        },
        "bind-form": [
            "relative", "", "/global/astro/../bio", "/global/astro/..", "/..",
            "/global/astro/a:/etc", "/global/astro/a\nb", "/global/astro/a\u{7F}", "~/x",
        ].map { path in owned { $0.volumes = [Astro.bind(path)] } },
        "bind-engine": [
            "/", "/run", "/var", "/var/run", "/var/lib", "/var/run/docker.sock",
            "/run/docker.sock", "/run/containerd/containerd.sock", "/run/user/1000/docker.sock",
            "/var/lib/docker", "/var/lib/docker/volumes/bio_db_data/_data", "/etc/docker",
            "/global/astro/docker.sock", "/global/astro/podman.sock/x", "/run/podman",
        ].map { path in owned { $0.volumes = [Astro.bind(path)] } },
        "bind-node": [
            "/proc", "/proc/1/root", "/sys", "/sys/fs/cgroup", "/dev", "/dev/sda", "/dev/shm",
            "/boot", "/root/.ssh", "/etc/shadow", "/etc/cron.d", "/lib",
        ].map { path in owned { $0.volumes = [Astro.bind(path)] } },
        "bind-granted": [
            "/global/bio", "/global", "/global/astronomy", "/global/astro-x", "/globalastro",
            "/tmp", "/GLOBAL/astro", "/global/astro\u{301}", "/global\u{2215}astro", "/etc/hosts",
            "/opt", "/home/x",
        ].map { path in owned { $0.volumes = [Astro.bind(path)] } },
        "bind-read-only": ["/global/common", "/global/common/a/b"].map { path in
            owned { $0.volumes = [Astro.bind(path)] }
        },
        "mount-target": [
            "/", "/proc", "/proc/sys", "/sys", "/dev", "/dev/pts", "//proc", "/./proc/",
            "/srv/../proc", "proc", "", "/data:/x", "/dev/shm/../sda", "/dev/shmx",
        ].map { target in
            service { $0.volumes = [Mount(source: .volume(key: "data"), target: target)] }
        } + [
            service { $0.volumes = [Mount(source: .anonymous, target: "/sys/fs")] },
            service { $0.tmpfs = ["/proc/sys": ""] }, service { $0.tmpfs = ["/": "size=1m"] },
        ],
        "working-directory": ["/proc/self/fd/8", "/proc", "/sys", "/dev", "srv", "/a/../proc", ""]
            .map { directory in service { $0.workingDirectory = directory } },
        "volume-driver": [
            stack { $0.volumes["data"]?.driver = "vieux/sshfs" },
            stack { $0.volumes["data"]?.options = ["type": "none", "device": "/"] },
            stack { $0.volumes["data"]?.options = ["o": ""] },
        ],
        "group": ["0", "5001", "docker", "05000", ""].map { group in
            shared { $0.groups = [group] }
        } + [service { $0.groups = ["a\nb"] }],
        "network-driver": ["macvlan", "host", "ipvlan", "BRIDGE", "plugin:latest"].map { driver in
            stack { $0.networks["default"]?.driver = driver }
        } + [
            stack { $0.networks["default"]?.options = ["com.docker.network.bridge.name": "x"] },
            stack { $0.networks["default"]?.options = ["com.docker.network.driver.mtu": "9k"] },
        ],
        "subnet": ["172.29.0.0/24", "172.28.0.0/15", "0.0.0.0/0", "10.0.0.0", "::/0", "x/8"].map {
            subnet in
            stack { $0.networks["default"]?.addressing.pools = [.init(subnet: subnet)] }
        } + [
            stack { $0.networks["default"]?.addressing.driver = "dhcp" },
            stack { $0.networks["default"]?.addressing.options = ["a": "b"] },
            pool { $0.range = "172.29.0.0/24" }, pool { $0.gateway = "x" },
            pool { $0.reserved = ["h": "example.org"] },
            service { $0.networks["default"]?.ipv4Address = "example.org" },
        ],
        "host-entry": [
            ("h", "host-gateway"), ("h", "Host-Gateway"), ("h", "x.org"), ("a b", "10.0.0.1"),
        ]
        .map { name, address in
            service { $0.hostEntries = [Service.HostEntry(name: name, address: address)] }
        } + [
            service { $0.resolver.servers = ["dns.example.org"] },
            service { $0.resolver.search = ["a\nb"] },
            service { $0.resolver.options = ["\u{202E}"] },
        ],
        "scheduling": [
            service { $0.scheduling.shares = -1 }, service { $0.scheduling.shares = 262_145 },
            service { $0.scheduling.set = "0;1" }, service { $0.swappiness = 101 },
        ],
        "log-driver": [
            service { $0.logging = Service.Logging(driver: "syslog") },
            service { $0.logging = Service.Logging(driver: "json-file", options: ["path": "x"]) },
            service { $0.logging = Service.Logging(options: ["syslog-address": "udp://x"]) },
            service { $0.logging = Service.Logging(options: ["max-size": "-1"]) },
            service { $0.logging = Service.Logging(options: ["max-size": "100g"]) },
            service { $0.logging = Service.Logging(options: ["max-size": "1g", "max-file": "5"]) },
            service { $0.logging = Service.Logging(options: ["max-file": "1000000"]) },
            service { $0.logging = Service.Logging(options: ["max-file": "0"]) },
            service { $0.logging = Service.Logging(options: ["max-buffer-size": "1g"]) },
        ],
        "memory-swap": [
            service { $0.resources.memoryAndSwap = -1 },
            service { $0.resources.memoryAndSwap = 513 << 20 },
            service { $0.resources.memoryAndSwap = 255 << 20 },
            service { $0.sharedMemory = .mebibytes(257) }, service { $0.killScore = -1 },
            service { $0.isSparedFromKilling = true },
        ],
        "ulimit": [
            ("nofile", 1, 1_048_577), ("nofile", -1, -1), ("rtprio", 0, 1), ("nice", 0, 20),
            ("NOFILE", 1, 1), ("nofile", 2, 1), ("core", -2, 0),
        ].map { name, soft, hard in
            service { $0.ulimits[name] = Service.Ulimit(soft: soft, hard: hard) }
        },
        "identity": [
            nil, "", "root", "0:5000", "0", "app:astro", "41000:astro", "39999:5000",
            "50000:5000", "41000:5001", "41000:0", "4294967296:5000", "4294967296",
            "4295008296:5000", "+41000:5000", "041000:5000", "41000:5000:1", "41000:", ":5000",
            "41000 :5000", "４１０００:5000", "-1:5000", "41000:05000",
        ].map { user in
            service {
                $0.volumes = [Astro.bind("/global/astro/x")]
                $0.user = user
            }
        } + [
            service { $0.volumes = [Astro.bind("/global/common", readOnly: true)] }
        ],
        "image-reference": [
            "", " nginx", "nginx\n", "nginx:", "nginx@sha256:abc", "docker.io//nginx", "Nginx",
            "https://docker.io/library/nginx", "docker.io/library/../evil/x", "deadbeefcafe",
            "[::1]:5000/x", "docker.io/library/nginx%2f..", "nginx:\u{301}", "ｎginx",
            "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
            "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb",
        ].map { image in service { $0.image = image } },
        "image-granted": [
            "astro/x", "registry.example.org/astro", "registry.example.org/astrox/y",
            "registry.example.org:443/astro/x", "REGISTRY.example.org/astro/x", "localhost/x",
            "docker.io.evil.example/library/x", "xn--dcker-jua.io/library/nginx",
            "ghcr.io/astro-labs/x", "ghcr.io/astro/x", "quay.io/library/nginx",
            "evil/docker.io/library/nginx", "docker.io/libraryx/nginx",
        ].map { image in service { $0.image = image } },
        "image-tag": [
            "nginx", "nginx:latest", "docker.io/library/nginx", "ghcr.io/astro-lab/x:latest",
        ].map { image in service { $0.image = image } }
            + [service { $0.volumes = [Mount(source: .image(reference: "nginx"), target: "/i")] }],
        "name-form": ["--privileged", "", "we b", "a;id", ".web", "wéb", "web\u{200B}"].map {
            name in
            var stack = Astro.stack
            stack.services[name] = stack.services["web"]
            return stack
        } + [
            stack { $0.networks["$(id)"] = Stack.Network(name: "astro_x") },
            stack { $0.volumes["-v"] = Stack.Volume(name: "astro_x") },
        ]
            + ["astro_a;id", "astro_$(id)", "_astro_x", "", "astro_x\n", "astro_\u{301}"].map {
                name in
                stack { $0.volumes["data"] = Stack.Volume(name: name) }
            },
        "own-name": [
            "bio_db_data", "astro", "astro_", "astro-x_db", "astro-db", "astrox_db", "ASTRO_db",
            "docker_gwbridge", "host", "bridge", "astro.x_db", "0",
        ].flatMap { name in
            [
                stack { $0.volumes["data"] = Stack.Volume(name: name) },
                stack { $0.networks["default"] = Stack.Network(name: name) },
            ]
        },
        "name-claimed": [
            stack { $0.services["y-db"] = $0.services["web"] },
            stack { $0.services["y_shop-db"] = $0.services["web"] },
            stack { $0.volumes["web_data"] = Stack.Volume(name: "astro_web_data") },
            stack { $0.networks["web_default"] = Stack.Network(name: "astro_web_default") },
        ],
        "undeclared": [
            service { $0.volumes = [Mount(source: .volume(key: "bio_db_data"), target: "/d")] },
            service { $0.networks["bio_web_default"] = Service.Attachment() },
            service {
                $0.user = "41000:5000"
                $0.volumesFrom = [Service.VolumesFrom(service: "bio")]
            },
            service { $0.links = [Service.Link(service: "bio-db-1", alias: "db")] },
        ],
        "host-name": [
            service { $0.hostname = "a b" }, service { $0.hostname = "" },
            service { $0.networks = ["default": Service.Attachment(aliases: ["ok", "a\nb"])] },
            service { $0.links = [Service.Link(service: "web", alias: "x:y")] },
            service { $0.stopSignal = "SIG TERM" },
        ],
        "label-reserved": [
            "io.gyre.stack", "io.gyre", "IO.Gyre.Stack", "io.gyre.anything",
            "com.docker.compose.project", "com.docker.compose.oneoff",
            "com.docker.stack.namespace", "com.docker.swarm.task", "COM.DOCKER.COMPOSE.x",
        ].flatMap { key in
            [
                service { $0.labels = [key: "bio"] },
                stack { $0.volumes["data"] = Stack.Volume(name: "astro_data", labels: [key: ""]) },
                stack {
                    $0.networks["default"] = Stack.Network(
                        name: "astro_default",
                        labels: [key: ""]
                    )
                },
            ]
        },
        "label-routing": RoutingLabels.denied.map { key, value in
            service { $0.labels = [key: value] }
        } + RoutingLabels.unruled.map { labels in service { $0.labels = labels } },
        "ingress-host": ["bio.example.org", "org", "xastro.example.org"].map { host in
            service { $0.ingress = .init(host: host, port: 80) }
        },
        "printable": [
            service { $0.labels = ["a": "b\nc"] }, service { $0.labels = ["a": "b\r\nc"] },
            service { $0.labels = ["a\u{1B}[2J": "b"] },
            service { $0.labels = ["a": "\u{202E}gpj.exe"] },
            service { $0.labels = ["a\u{200B}": "zero width"] }, service { $0.user = "a\tb" },
        ],
        "port-granted": [29999, 32768, 80, 0, nil].map { published in
            service { $0.ports = [PortMapping(published: published, target: 80)] }
        } + [
            service {
                $0.ports = [
                    PortMapping(published: 30000, target: 80),
                    PortMapping(published: 22, target: 22),
                ]
            }
        ],
        "port-form": [
            service { $0.ports = [PortMapping(published: 30000, target: 0)] },
            service { $0.ports = [PortMapping(published: 30000, target: 1, protocol: "sctp")] },
            service { $0.ports = [PortMapping(hostIP: "evil", published: 30000, target: 1)] },
        ],
        "port-count": [
            service {
                $0.ports = (0..<65).map { PortMapping(published: 30000 + $0, target: 80) }
            }
        ],
        "public-read-only": [
            shared { $0.ports = [PortMapping(published: 32000, target: 80)] },
            shared {
                $0.ports = [30000, 32010].map { PortMapping(published: $0, target: $0) }
            },
            shared { $0.ingress = .init(host: "www.astro.example.org", port: 80) },
            shared {
                $0.labels["traefik.http.routers.astro.rule"] = "Host(`astro.example.org`)"
            },
        ],
        "quota": [
            stack { stack in
                for number in 0..<10 {
                    stack.volumes["v\(number)"] = Stack.Volume(name: "astro_v\(number)")
                }
            }
        ],
        "project-quota": [
            service {
                $0.resources.nanoCPUs = 51_000_000_000
                $0.replicas = 2
            }
        ],
        "cpu-maximum": [
            service { $0.resources.nanoCPUs = 64_000_000_001 },
            service { $0.scheduling.quota = 6_500_000 },
        ],
        "cpu-reservation": [1_000_000_001, -1].map { (reserved: Int64) in
            service {
                $0.resources.nanoCPUs = 1_000_000_000
                $0.resources.reservedNanoCPUs = reserved
            }
        },
        "entry-file": [
            stack {
                let place = SourceLocation(file: ".env", line: 1, column: 1)
                $0.places.record(place, at: FieldPath("COMPOSE_FILE"))
            }
        ],
        "input-size": [stack { $0.inputBytes = 1 << 20 + 1 }],
        "variable-content": [
            stack {
                $0.ownFiles = [
                    Stack.OwnFile(
                        path: FieldPath("secrets", "a"),
                        key: "a",
                        name: "astro_a",
                        isVariable: true
                    )
                ]
            }
        ],
        "service-count": [
            stack { stack in
                for number in 0..<50 { stack.services["s\(number)"] = stack.services["web"] }
            }
        ],
        "replica-count": [21, 100_000, -1].map { count in service { $0.replicas = count } } + [
            deployed { $0.mode = "global" }
        ],
        "memory-maximum": [
            service { $0.resources.memory = ByteCount(8 << 30 + 1) },
            service { $0.resources.memory = ByteCount(-1) },
            service { $0.resources.memory = ByteCount(.max) },
        ],
        "memory-reservation": [
            service { $0.resources.reservedMemory = .mebibytes(257) },
            service { $0.resources.reservedMemory = ByteCount(-1) },
            service {
                $0.resources.memory = nil
                $0.resources.reservedMemory = .gibibytes(9)
            },
        ],
        "pids-maximum": [4097, -1, .max].map { pids in service { $0.resources.pids = pids } },
        "tmpfs": [
            "size=100g", "size=257m", "size=50%", "size=", "size=-1", "dev", "suid", "uid=x",
            "mode=1777,size=1t", "context=system_u", "size=9223372036854775807g", "size=64mb",
            "remount", "bind",
        ].map { options in service { $0.tmpfs = ["/run": options] } },
        "healthcheck-interval": [1, 999_999_999, -1].map { interval in
            service { $0.healthcheck = Service.Healthcheck(interval: Nanoseconds(interval)) }
        },
        "stop-grace-period": [
            service { $0.stopGracePeriod = .seconds(3601) },
            service { $0.stopGracePeriod = .seconds(-1) },
        ],
    ]

    static func service(_ edit: (inout Service) -> Void) -> Stack { Astro.stack(edit) }

    /// With what a Swarm alone heeds.
    static func deployed(_ edit: (inout Service.Deployment) -> Void) -> Stack {
        var deployment = Service.Deployment()
        edit(&deployment)
        return service { $0.deployment = deployment }
    }

    /// With a granted user, so that a bind breaks nothing but the rule about its path.
    static func owned(_ edit: (inout Service) -> Void) -> Stack {
        Astro.stack {
            $0.user = "41000:5000"
            edit(&$0)
        }
    }

    private static func shared(_ edit: (inout Service) -> Void) -> Stack {
        owned {
            $0.volumes = [Astro.bind("/global/astro")]
            edit(&$0)
        }
    }

    /// With a granted subnet, of which something else is wrong.
    private static func pool(_ edit: (inout Stack.Network.Pool) -> Void) -> Stack {
        var pool = Stack.Network.Pool(subnet: "172.28.1.0/24")
        edit(&pool)
        return stack { $0.networks["default"]?.addressing.pools = [pool] }
    }

    static func stack(_ edit: (inout Stack) -> Void) -> Stack {
        var stack = Astro.stack
        edit(&stack)
        return stack
    }
}
