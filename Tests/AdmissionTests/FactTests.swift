import Admission
import Model
import Testing

/// What both checks know of routes, names and what a container tunes.
@Suite struct FactTests {
    @Test(arguments: RoutingLabels.admitted.indices)
    func admitsRoutes(index: Int) {
        let (key, value) = RoutingLabels.admitted[index]
        let routers = ["astro", "astro-docs"].map { "traefik.http.routers.\($0).rule" }
        var labels = Dictionary(
            uniqueKeysWithValues: routers.map { ($0, "Host(`astro.example.org`)") }
        )
        labels[key] = value
        #expect(Astro.denials { $0.labels = labels }.isEmpty, "\(key)=\(value)")
        #expect(refusal(labels) == nil, "\(key)=\(value)")
    }

    /// A container that is served without a rule of its file's gets a name that nobody is granted.
    @Test(arguments: RoutingLabels.unruled.indices)
    func aRouterWithoutARuleIsRefused(index: Int) {
        let labels = RoutingLabels.unruled[index]
        #expect(Astro.denials { $0.labels = labels } == ["label-routing"])
        #expect(refusal(labels) == .label)
    }

    @Test(arguments: RoutingLabels.ruled.indices)
    func aRouterWithARuleIsTheFilesOwn(index: Int) {
        let labels = RoutingLabels.ruled[index]
        #expect(Astro.denials { $0.labels = labels } == [])
        #expect(refusal(labels) == nil)
    }

    private func refusal(_ labels: [String: String]) -> GateCheck? {
        let request = GateFixture.create { body in
            for (key, value) in labels { body.set("Labels", key, to: .string(value)) }
        }
        return GateFixture.refusal(of: request)
    }

    @Test(arguments: RoutingLabels.denied.indices)
    func theGateRefusesForeignRoutes(index: Int) {
        let (key, value) = RoutingLabels.denied[index]
        let request = GateFixture.create { $0.set("Labels", key, to: .string(value)) }
        #expect(GateFixture.refusal(of: request) == .label, "\(key)=\(value)")
    }

    /// Two stacks that could give one object the same name: one of them is always refused, and
    /// always the same one.
    @Test func oneOfTwoStacksHasAName() throws {
        let other = TenantPolicy(grants: Astro.grants)
        let longer = try StackID(project: "astro-y", stack: "astro-y")
        var stack = Astro.stack
        stack.services = ["y-web": stack.services["web"] ?? Service(image: "nginx:1")]
        #expect(Astro.denials(of: stack) == ["name-claimed"])
        var mirrored = Astro.stack
        mirrored.id = longer
        mirrored.networks = ["default": Stack.Network(name: "astro-y_default")]
        mirrored.volumes = [:]
        #expect(Astro.denials(of: mirrored, by: Policy(other)).isEmpty)
    }

    /// A granted beginning makes nothing ours that a neighbour's name begins.
    @Test func aNeighbourKeepsItsNamesFromALongerStack() throws {
        var tenant = TenantPolicy(grants: Astro.grants)
        tenant.grants.names = ["astro-"]
        tenant.neighbours = ["astro-x"]
        tenant.siblings = ["a", "astro"]
        var stack = Astro.stack
        stack.id = try StackID(project: "astro", stack: "a")
        stack.networks = ["default": Stack.Network(name: "astro_a_default")]
        stack.volumes = [:]
        stack.services["web"]?.containerName = "astro-data"
        #expect(Astro.denials(of: stack, by: Policy(tenant)).isEmpty)
        stack.services["web"]?.containerName = "astro-x-web-1"
        #expect(Astro.denials(of: stack, by: Policy(tenant)) == ["name-claimed"])
        stack.services["web"]?.containerName = nil
        stack.networks["default"]?.name = "astro-x_data"
        #expect(Astro.denials(of: stack, by: Policy(tenant)) == ["name-claimed"])
        stack.networks["default"]?.isExternal = true
        #expect(Astro.denials(of: stack, by: Policy(tenant)) == ["own-name"])
    }

    /// Values of `HostConfig` within what is granted.
    private static let harmless: [(String, JSON)] = [
        ("Sysctls", ["net.ipv4.ip_unprivileged_port_start": "0"]),
        ("Ulimits", [["Name": "nofile", "Soft": 65536, "Hard": 1_048_576]]),
        ("Ulimits", [["Name": "memlock", "Soft": -1, "Hard": -1]]), ("ShmSize", 268_435_456),
        ("GroupAdd", ["5000"]), ("OomScoreAdj", 500), ("OomKillDisable", false),
        ("MemorySwap", 536_870_912), ("MemorySwappiness", 10), ("CpuShares", 512),
        ("CpusetCpus", "0-1"), ("ExtraHosts", ["db:10.0.0.1", "v6:fd00::1"]), ("Dns", ["10.0.0.2"]),
        ("DnsOptions", ["ndots:1"]), ("DnsSearch", ["example.org"]), ("IpcMode", "private"),
        ("IpcMode", "shareable"), ("CgroupnsMode", "private"),
        (
            "Mounts",
            [
                [
                    "Type": "volume", "Source": "astro_data", "Target": "/d",
                    "VolumeOptions": ["NoCopy": true, "Subpath": "a/b"],
                ], ["Type": "tmpfs", "Target": "/t", "TmpfsOptions": ["SizeBytes": 1024]],
                [
                    "Type": "bind", "Source": "/global/common", "Target": "/c", "ReadOnly": true,
                    "BindOptions": ["Propagation": "rprivate", "CreateMountpoint": false],
                ], ["Type": "image", "Source": "nginx:1", "Target": "/i", "ReadOnly": true],
            ]
        ),
        (
            "LogConfig",
            [
                "Type": "local",
                "Config": ["max-size": "20m", "compress": "true", "max-file": "2"],
            ]
        ),
        ("Binds", ["bio_public:/b:rw"]), ("CpuQuota", 50000), ("CpuPeriod", 100_000),
        ("CpuRealtimeRuntime", 0), ("BlkioWeight", 300),
    ]

    @Test(arguments: harmless.indices)
    func theGateLetsHarmlessValuesPass(index: Int) {
        let (key, value) = Self.harmless[index]
        let request = GateFixture.create { $0.set("HostConfig", key, to: value) }
        #expect(GateFixture.refusal(of: request) == nil, "\(key) \(value.text)")
    }

    /// Values of `HostConfig` beyond it, and what stops them.
    private static let harmful: [(String, JSON, GateCheck)] = [
        ("Sysctls", ["kernel.core_pattern": "|/x"], .kernel),
        ("Sysctls", ["net/ipv4/tcp_syncookies": "1"], .kernel),
        ("Sysctls", ["net.ipv4.ip_forward": "1"], .kernel), ("ShmSize", 268_435_457, .limit),
        ("Ulimits", [["Name": "nofile", "Soft": 1, "Hard": -1]], .limit),
        ("Ulimits", [["Name": "nofile", "Soft": 1, "Hard": 1_048_577]], .limit),
        ("Ulimits", [["Name": "rtprio", "Soft": 0, "Hard": 99]], .limit),
        ("Ulimits", [["Name": "nofile", "Soft": -1, "Hard": 5]], .limit),
        ("Ulimits", [["Name": "NOFILE", "Soft": 1, "Hard": 1]], .limit),
        ("GroupAdd", ["0"], .identity), ("GroupAdd", ["docker"], .identity),
        ("OomScoreAdj", -1000, .limit), ("OomScoreAdj", -1, .limit),
        ("OomKillDisable", true, .limit), ("MemorySwappiness", 101, .limit),
        ("CpuQuota", -1, .limit), ("CpuPeriod", 1_000_001, .limit),
        ("CpuRealtimeRuntime", 1, .limit), ("CpuRealtimePeriod", 1, .limit),
        ("BlkioWeight", 501, .limit), ("BlkioWeightDevice", [], .limit),
        ("BlkioDeviceReadBps", [["Path": "/dev/sda", "Rate": 1]], .limit),
        ("BlkioDeviceReadIOps", [], .limit), ("BlkioDeviceWriteBps", [], .limit),
        ("BlkioDeviceWriteIOps", [], .limit), ("Annotations", [:], .privilege),
        ("Annotations", ["a": "b"], .privilege), ("DeviceRequests", [["Count": -1]], .privilege),
        ("DeviceRequests", [], .privilege), ("DeviceCgroupRules", ["c *:* rwm"], .privilege),
        ("CpusetCpus", "0;id", .limit), ("ExtraHosts", ["x:host-gateway"], .name),
        ("ExtraHosts", ["x:HOST-GATEWAY"], .name), ("ExtraHosts", ["x"], .name),
        ("ExtraHosts", ["a b:10.0.0.1"], .name), ("Dns", ["example.org"], .name),
        ("IpcMode", "host", .namespace), ("IpcMode", "container:bio_db_1", .namespace),
        ("PidMode", "host", .namespace), ("PidMode", "Host", .namespace),
        ("PidMode", .string("container:" + GateFixture.foreign), .namespace),
        ("CgroupnsMode", "host", .namespace),
        ("CgroupnsMode", .string("container:" + GateFixture.container), .namespace),
        ("Mounts", [["Type": "bind", "Source": "/global/bio", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "bind", "Source": "/var/run/docker.sock", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "bind", "Source": "/global/common", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "volume", "Source": "bio_db_data", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "volume", "Source": "astro_new", "Target": "/x"]], .ownership),
        ("Mounts", [["Type": "volume", "Source": "astro_data", "Target": "/proc"]], .target),
        (
            "Mounts",
            [
                [
                    "Type": "volume", "Source": "astro_data", "Target": "/x",
                    "VolumeOptions": ["Subpath": "../y"],
                ]
            ], .target
        ),
        (
            "Mounts",
            [
                [
                    "Type": "volume", "Target": "/x",
                    "VolumeOptions": ["DriverConfig": ["Options": ["type": "none"]]],
                ]
            ], .body
        ),
        (
            "Mounts",
            [
                [
                    "Type": "bind", "Source": "/global/astro", "Target": "/x",
                    "BindOptions": ["Propagation": "rshared"],
                ]
            ], .bind
        ),
        (
            "Mounts",
            [
                [
                    "Type": "bind", "Source": "/global/astro", "Target": "/x",
                    "BindOptions": ["CreateMountpoint": true],
                ]
            ], .bind
        ),
        ("Mounts", [["Type": "image", "Source": "quay.io/x/y", "Target": "/x"]], .image),
        ("Mounts", [["Type": "npipe", "Source": "x", "Target": "/x"]], .bind),
        (
            "Mounts",
            [["Type": "tmpfs", "Target": "/x", "TmpfsOptions": ["SizeBytes": 268_435_457]]],
            .limit
        ), ("Binds", ["astro_web_data:/b:rw"], .bind), ("Binds", ["bio_private:/b:rw"], .bind),
        ("PortBindings", ["80/tcp": [["HostPort": "0"]]], .port),
        ("Runtime", "runc", .privilege), ("Runtime", "", .privilege),
        ("CgroupParent", "/", .limit), ("StorageOpt", ["size": "1G"], .limit),
        ("StorageOpt", [:], .limit), ("Binds", ["/global/astro:/x:rw,Z"], .bind),
        (
            "Mounts",
            [
                [
                    "Type": "volume", "Target": "/x",
                    "VolumeOptions": ["Labels": ["com.docker.compose.project": "bio"]],
                ]
            ], .label
        ),
        (
            "Mounts",
            [
                [
                    "Type": "bind", "Source": "/global/astro", "Target": "/x",
                    "BindOptions": ["NonRecursive": true],
                ]
            ], .bind
        ),
    ]

    /// Values that reach beyond a container, and that an operator's own may have.
    private static let privileged: [(String, JSON)] = [
        ("Runtime", "runc"), ("CgroupParent", "/m-executor"), ("StorageOpt", ["size": "1G"]),
        ("Binds", ["/srv/data:/x:rw,Z", "/srv/more:/y:ro,z"]),
        (
            "Mounts",
            [
                [
                    "Type": "bind", "Source": "/srv/data", "Target": "/x", "ReadOnly": true,
                    "BindOptions": [
                        "Propagation": "rslave", "CreateMountpoint": true, "NonRecursive": true,
                        "ReadOnlyNonRecursive": false, "ReadOnlyForceRecursive": false,
                    ],
                ],
                ["Type": "volume", "Target": "/z", "VolumeOptions": ["Labels": ["a": "b"]]],
            ]
        ),
    ]

    @Test(arguments: privileged.indices)
    func theGateLetsAnOperatorsOwnPass(index: Int) {
        var tenant = Astro.tenant
        tenant.profile = .privileged
        let (key, value) = Self.privileged[index]
        let request = GateFixture.create { $0.set("HostConfig", key, to: value) }
        let refusal = GateFixture.refusal(of: request, by: GateFixture.gate(tenant))
        #expect(refusal == nil, "\(key) \(value.text)")
    }

    /// What an endpoint may say, and in which profiles.
    private static let endpoints: [(String, JSON, TenantPolicy.Profile?)] = [
        ("GwPriority", 5, .restricted), ("MacAddress", "02:42:ac:11:65:43", .privileged),
        ("IPAMConfig", ["IPv4Address": "172.28.0.5"], .restricted),
        ("IPAMConfig", ["LinkLocalIPs": ["169.254.8.8"]], .privileged),
        ("IPAMConfig", ["LinkLocalIPs": ["x"]], nil),
        ("DriverOpts", [Service.Attachment.interfaceOption: "eth7"], .restricted),
        ("DriverOpts", [Service.Attachment.interfaceOption: "a/b"], .privileged),
        ("DriverOpts", ["com.docker.network.endpoint.sysctls": "x"], .privileged),
        ("DriverOpts", ["a": "b\n"], nil), ("NetworkID", "x", nil), ("GwPriority", "x", nil),
    ]

    @Test(arguments: endpoints.indices)
    func judgesEndpoints(index: Int) {
        let (key, value, needed) = Self.endpoints[index]
        for profile in [TenantPolicy.Profile.restricted, .privileged] {
            var tenant = Astro.tenant
            tenant.profile = profile
            let gate = GateFixture.gate(tenant)
            let create = GateFixture.create {
                $0.set("NetworkingConfig", "EndpointsConfig", "astro_default", key, to: value)
            }
            let connect = GateFixture.connect { $0.set("EndpointConfig", key, to: value) }
            let isFine = needed == .restricted || needed == profile
            for request in [create, connect] {
                let refusal = GateFixture.refusal(of: request, by: gate)
                #expect((refusal == nil) == isFine, "\(profile) \(key) \(value.text)")
            }
        }
    }

    @Test(arguments: harmful.indices)
    func theGateRefusesHarmfulValues(index: Int) {
        let (key, value, check) = Self.harmful[index]
        let request = GateFixture.create { $0.set("HostConfig", key, to: value) }
        #expect(GateFixture.refusal(of: request) == check, "\(key) \(value.text)")
    }

    /// What `createNetwork` may say of a network, and what it may not.
    private static let networks: [(String, JSON, GateCheck?)] = [
        ("IPAM", ["Config": [["Subnet": "172.28.7.0/24", "Gateway": "172.28.7.1"]]], nil),
        ("IPAM", ["Driver": "default", "Config": [["Subnet": "172.28.0.0/16"]]], nil),
        ("IPAM", ["Config": [["Subnet": "172.29.0.0/24"]]], .network),
        ("IPAM", ["Config": [["Subnet": "172.28.0.0/15"]]], .network),
        ("IPAM", ["Config": [["Subnet": "0.0.0.0/0"]]], .network),
        ("IPAM", ["Config": [["Subnet": "fd00::/8"]]], .network),
        ("IPAM", ["Config": [["Subnet": "172.28.0.0"]]], .network),
        ("IPAM", ["Driver": "remote", "Config": []], .driver),
        ("Options", ["com.docker.network.driver.mtu": "1450"], nil),
        ("Options", ["com.docker.network.bridge.name": "docker0"], .driver),
        ("Options", ["com.docker.network.driver.mtu": "1450; id"], .driver),
        ("Driver", "macvlan", .driver), ("Driver", "host", .driver), ("Attachable", true, nil),
        ("Name", "astro-y_default", .name), ("Name", "bio_public", .name),
        ("ConfigFrom", ["Network": "x"], .body), ("Scope", "swarm", .body),
    ]

    @Test(arguments: networks.indices)
    func judgesNetworks(index: Int) {
        let (key, value, check) = Self.networks[index]
        let request = GateFixture.createNetwork { $0.set(key, to: value) }
        #expect(GateFixture.refusal(of: request) == check, "\(key) \(value.text)")
    }
}
