import Model

/// Of attributes that came later, and of what others make.
extension Denials {
    static let laterExamples: [String: [Stack]] = [
        "bind-below": ["/global/astro/www", "/scratch/astro/./a"].map { path in
            var stack = owned { $0.volumes = [Astro.bind(path)] }
            stack.isForSwarm = true
            return stack
        },
        "log-driver": [
            service {
                $0.logging = Service.Logging(options: ["tag": #"{{pad "x" 30000000000 0}}"#])
            },
            service { $0.logging = Service.Logging(driver: "local", options: ["tag": "{{"]) },
        ],
        "annotation": [service { $0.annotations = ["run.oci.hooks": "/x"] }],
        "runtime": [service { $0.runtime = "kata" }, service { $0.runtime = "runc" }],
        "cgroup-parent": [service { $0.controlGroupParent = "/system.slice" }],
        "storage": [service { $0.storageOptions = ["size": "1G"] }],
        "bind-option": bindOptions,
        "endpoint": endpoints,
        "label-reserved": [
            ownFile("c", name: "astro_c", labels: ["com.docker.stack.namespace": "bio"]),
            // What the operator reserves besides.
            service { $0.labels = ["Controller.example.org/project": "bio"] },
            service {
                var mount = Mount(source: .anonymous, target: "/x")
                mount.options.labels = ["com.docker.compose.project": "bio"]
                $0.volumes = [mount]
            },
        ],
        "device": [
            service { $0.gpus = [Service.DeviceRequest(count: -1)] },
            service { $0.deviceRequests = [Service.DeviceRequest(capabilities: ["gpu"])] },
            service { $0.deviceRules = ["c 1:3 mr"] },
        ],
        "scheduling": scheduling + disks,
        "mount-target": ["..", "a/../../b", "/a", "a\nb"].map { subpath in
            service {
                var mount = Mount(source: .volume(key: "data"), target: "/data")
                mount.options.subpath = subpath
                $0.volumes = [mount]
            }
        },
        "name-form": ["astro-a b", "astro-$(id)", "astro-a;id"].map(container) + [
            ownFile("-c", name: "astro_c")
        ],
        "own-name": foreignNames.flatMap(external) + [
            // Shared, but not the stack's to make.
            stack { $0.volumes["data"] = Stack.Volume(name: "bio_public") },
            ownFile("c", name: "bio_c"),
        ],
        "name-claimed": [
            "bio_db_1", "astro", "astro-", "astro-y-db-1", "astro_web-db-1", "traefik",
        ].map(container),
        "guest-name": [
            guest { $0.networks["lan"]?.aliases = ["astro-web", "db"] },
            guest { $0.networks["lan"]?.aliases = ["astro-y-db"] },
            guest { $0.hostname = "db" }, guest { $0.hostname = "astro-y-db" },
        ],
        "guest-address": [
            guest { $0.networks["lan"]?.ipv4Address = "172.28.0.9" },
            guest { $0.networks["lan"]?.ipv6Address = "fd00::9" },
        ],
        "undeclared": [
            service {
                $0.user = "41000:5000"
                $0.volumesFrom = [Service.VolumesFrom(service: "container:astro-web-1")]
            }
        ],
    ]

    private static let optionEdits: [@Sendable (inout Mount.Options) -> Void] = [
        { $0.propagation = "rshared" }, { $0.propagation = "rslave" },
        { $0.propagation = "private" }, { $0.recursion = "disabled" },
        { $0.recursion = "writable" }, { $0.recursion = "readonly" },
        { $0.relabelling = "z" }, { $0.relabelling = "Z" },
    ]

    private static let bindOptions: [Stack] = optionEdits.map { edit in
        var mount = Astro.bind("/global/astro")
        edit(&mount.options)
        return service {
            $0.user = "41000:5000"
            $0.volumes = [mount]
        }
    }

    private static let endpointEdits: [@Sendable (inout Service.Attachment) -> Void] = [
        { $0.macAddress = "02:42:ac:11:65:43" }, { $0.linkLocalAddresses = ["169.254.8.8"] },
        { $0.options = ["com.docker.network.endpoint.sysctls": "net.ipv4.conf.IFNAME.x=1"] },
        { $0.interfaceName = "a/b" }, { $0.interfaceName = "averyverylongname" },
    ]

    private static let endpoints: [Stack] =
        endpointEdits.map { edit in
            var joined = Service.Attachment()
            edit(&joined)
            return service { $0.networks = ["default": joined] }
        } + [service { $0.macAddress = "02:42:ac:11:65:43" }]

    private static let scheduling: [Stack] = [
        service { $0.scheduling.period = 999 }, service { $0.scheduling.period = 1_000_001 },
        service { $0.scheduling.quota = -1 }, service { $0.scheduling.quota = 999 },
        service { $0.scheduling.realtimeRuntime = 1 },
        service { $0.scheduling.realtimePeriod = 1 },
    ]

    private static let disk = Service.BlockIO.Rate(path: "/dev/sda", value: 100)

    private static let disks: [Stack] = [
        service { $0.blockIO.weight = 501 }, service { $0.blockIO.weight = 9 },
        service { $0.blockIO.deviceWeights = [disk] }, service { $0.blockIO.readBytes = [disk] },
        service { $0.blockIO.readOperations = [disk] },
        service { $0.blockIO.writeBytes = [disk] },
        service { $0.blockIO.writeOperations = [disk] },
    ]

    static let foreignNames = [
        "bio_db_data", "astro", "astro_", "astro-x_db", "astro-y_db", "docker_gwbridge", "host",
        "bridge", "none", "ASTRO_db", "bio_public2",
    ]

    /// A service in a network of another project.
    static func guest(_ change: (inout Service) -> Void) -> Stack {
        var stack = service {
            $0.networks = ["lan": Service.Attachment()]
            change(&$0)
        }
        stack.networks = ["lan": Stack.Network(name: "bio_public")]
        stack.networks["lan"]?.isExternal = true
        return stack
    }

    private static func container(called name: String) -> Stack {
        service { $0.containerName = name }
    }

    private static func ownFile(
        _ key: String,
        name: String,
        labels: [String: String] = [:]
    ) -> Stack {
        stack {
            let path = FieldPath("configs", key)
            $0.ownFiles = [Stack.OwnFile(path: path, key: key, name: name, labels: labels)]
        }
    }

    /// Something of each kind that somebody else would have made under this name.
    private static func external(called name: String) -> [Stack] {
        var network = Stack.Network(name: name)
        network.isExternal = true
        var volume = Stack.Volume(name: name)
        volume.isExternal = true
        return [
            stack { $0.networks["default"] = network }, stack { $0.volumes["data"] = volume },
        ]
    }
}
