import Model

/// Of attributes that came later, and of what others make.
extension Denials {
    static let laterExamples: [String: [Stack]] = [
        "annotation": [service { $0.annotations = ["run.oci.hooks": "/x"] }],
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
        "name-form": ["astro-a b", "astro-$(id)", "astro-a;id"].map(container),
        "own-name": foreignNames.flatMap(external) + [
            // Shared, but not the stack's to make.
            stack { $0.volumes["data"] = Stack.Volume(name: "bio_public") }
        ],
        "name-claimed": [
            "bio_db_1", "astro", "astro-", "astro-y-db-1", "astro_web-db-1", "traefik",
        ].map(container),
        "undeclared": [
            service {
                $0.user = "41000:5000"
                $0.volumesFrom = [Service.VolumesFrom(service: "container:astro-web-1")]
            }
        ],
    ]

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

    private static func container(called name: String) -> Stack {
        service { $0.containerName = name }
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
