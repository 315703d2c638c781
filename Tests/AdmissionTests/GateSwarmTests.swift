import Admission
import Model
import Testing

/// What the gate says of bodies that a Swarm is sent.
@Suite struct GateSwarmTests {
    private static let service = "s" + String(repeating: "1", count: 24)
    private static let network = "n" + String(repeating: "1", count: 24)
    private static let config = "c" + String(repeating: "1", count: 24)
    private static let key = ContentKey()
    private static let spec = JSON.string("1:" + String(repeating: "0", count: 64))

    private static let content: Content = {
        let archive = try? ContentArchive(file: Array("hi".utf8), .init())
        return Content(
            source: .text,
            kind: .file,
            digest: archive?.digest ?? "",
            name: "config site",
            attributes: .init()
        )
    }()

    private static var configName: JSON { .string(content.swarmName(in: Astro.id)) }

    private static func gate(_ rules: SwarmRules? = SwarmRules()) -> Gate {
        Gate(
            Astro.tenant,
            controller: "spin",
            stack: Astro.id,
            owned: [service, network, config],
            pins: [
                ImagePin(
                    reference: "nginx:1.27-alpine",
                    imageID: "sha256:0",
                    digest: GateFixture.pinned
                )
            ],
            claims: [GateFixture.claim],
            contents: GateContents(
                [ContentVolume(of: content, in: Astro.id, controller: "spin"): content],
                key: key
            ),
            swarm: rules
        )
    }

    private static let labels = GateFixture.labels.merging([
        Labels.Swarm.namespace: "astro"
    ]) { $1 }

    /// Every key that the gate knows of a service is in it.
    private static let body: JSON = [
        "Name": "astro_web",
        "Labels": .object(
            labels.merging([
                Labels.service: "web", Labels.spec: spec, Labels.sent: spec,
                Labels.Swarm.image: "nginx:1.27-alpine", Labels.filled: "",
            ]) { $1 }
        ),
        "Mode": ["Replicated": ["Replicas": 2]],
        "UpdateConfig": [
            "Parallelism": 1, "Delay": 1, "FailureAction": "pause", "MaxFailureRatio": 0,
            "Monitor": 1, "Order": "start-first",
        ],
        "EndpointSpec": [
            "Mode": "dnsrr",
            "Ports": [
                [
                    "Protocol": "tcp", "PublishMode": "host", "PublishedPort": 30080,
                    "TargetPort": 80,
                ]
            ],
        ],
        "TaskTemplate": [
            "ForceUpdate": 0,
            "LogDriver": ["Name": "json-file", "Options": ["max-size": "10m", "max-file": "3"]],
            "Networks": [["Target": .string(network), "Aliases": ["web"]]],
            "Placement": [
                "Constraints": ["node.role==worker"], "MaxReplicas": 1,
                "Preferences": [["Spread": ["SpreadDescriptor": "node.labels.zone"]]],
            ],
            "Resources": [
                "Limits": ["MemoryBytes": 268_435_456, "NanoCPUs": 1, "Pids": 128],
                "Reservations": ["MemoryBytes": 8_388_608, "NanoCPUs": 1],
            ],
            "RestartPolicy": ["Condition": "any", "Delay": 1, "MaxAttempts": 2, "Window": 1],
            "ContainerSpec": [
                "Args": ["-g"], "CapabilityAdd": [], "CapabilityDrop": ["ALL"],
                "Command": ["nginx"],
                "Configs": [
                    [
                        "ConfigID": .string(config), "ConfigName": configName,
                        "File": ["Name": "/etc/site", "UID": "0", "GID": "0", "Mode": 292],
                    ]
                ],
                "DNSConfig": ["Nameservers": ["192.0.2.1"], "Search": ["example.org"]],
                "Dir": "/srv", "Env": ["A=b"], "Groups": [], "Hostname": "portal",
                "Healthcheck": ["Test": ["CMD", "true"], "Interval": 1_000_000_000],
                "Hosts": ["192.0.2.7 db"], "Image": .string(GateFixture.pinned), "Init": true,
                "Labels": [
                    Labels.project: "astro", Labels.stack: "astro", Labels.service: "web",
                    Labels.spec: spec, Labels.Swarm.namespace: "astro", Labels.run: "service",
                ],
                "Mounts": [
                    [
                        "Type": "bind", "Source": "/global/astro/www", "Target": "/www",
                        "ReadOnly": true,
                    ],
                    [
                        "Type": "volume", "Source": "astro_data", "Target": "/data",
                        "VolumeOptions": ["Labels": [Labels.Swarm.namespace: "astro"]],
                    ],
                    ["Type": "tmpfs", "Target": "/run", "TmpfsOptions": ["SizeBytes": 1]],
                ],
                "OpenStdin": false, "Privileges": ["NoNewPrivileges": true], "ReadOnly": true,
                "Secrets": [], "StopGracePeriod": 1_000_000_000, "StopSignal": "SIGTERM",
                "Sysctls": [:], "TTY": false, "Ulimits": [], "User": "41000:5000",
            ],
        ],
    ]

    private func refusal(
        update: Bool = false,
        rules: SwarmRules? = SwarmRules(),
        _ edit: (inout JSON) -> Void = { _ in }
    ) -> GateCheck? {
        var body = Self.body
        edit(&body)
        let request =
            update
            ? EngineRequest(
                .updateService,
                "POST",
                "/services/\(Self.service)/update",
                query: [.init("version", "7")],
                body: body,
                target: Self.service
            ) : EngineRequest(.createService, "POST", "/services/create", body: body)
        return GateFixture.refusal(of: request, by: Self.gate(rules))
    }

    @Test func letsTheFullBodyPass() {
        #expect(refusal() == nil)
        #expect(refusal(update: true) == nil)
        #expect(refusal(rules: nil) == .call)
    }

    /// Set over what Docker Compose left in an image that it built.
    @Test func letsEmptyLabelsOfComposePass() {
        func labelled(_ value: JSON) -> GateCheck? {
            let path = ["TaskTemplate", "ContainerSpec", "Labels", "com.docker.compose.version"]
            return refusal { $0.set(path[...], to: value) }
        }
        #expect(labelled("") == nil)
        #expect(labelled("2") == .label)
    }

    /// Whatever a container may not have, its task may not have either.
    private static let container: [(String, JSON?, GateCheck)] = [
        ("CapabilityDrop", nil, .capability), ("CapabilityDrop", [], .capability),
        ("CapabilityAdd", ["SYS_ADMIN"], .capability), ("CapabilityAdd", ["ALL"], .capability),
        ("Privileges", nil, .privilege), ("Privileges", ["NoNewPrivileges": false], .privilege),
        ("Privileges", ["NoNewPrivileges": true, "Seccomp": ["Mode": "unconfined"]], .body),
        ("Privileges", ["SELinuxContext": ["Disable": true]], .body),
        ("Image", "nginx:latest", .image), ("Image", nil, .image),
        ("User", "0:0", .identity), ("User", nil, .identity), ("Groups", ["0"], .identity),
        ("Mounts", [["Type": "bind", "Source": "/", "Target": "/host"]], .bind),
        (
            "Mounts", [["Type": "bind", "Source": "/global/astro/www", "Target": "/proc/x"]],
            .target
        ),
        ("Mounts", [["Type": "npipe", "Source": "x", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "cluster", "Source": "x", "Target": "/x"]], .bind),
        ("Mounts", [["Type": "volume", "Source": "bio_data", "Target": "/x"]], .bind),
        (
            "Mounts",
            [
                [
                    "Type": "volume", "Source": "astro_data", "Target": "/x",
                    "VolumeOptions": ["DriverConfig": ["Options": ["device": "/"]]],
                ]
            ], .body
        ),
        ("Mounts", [["Type": "tmpfs", "Target": "/x", "TmpfsOptions": ["SizeBytes": "1"]]], .body),
        (
            "Mounts",
            [["Type": "tmpfs", "Target": "/x", "TmpfsOptions": ["SizeBytes": 1_000_000_000]]],
            .limit
        ),
        ("Sysctls", ["kernel.msgmax": "1"], .kernel),
        ("Ulimits", [["Name": "rtprio", "Soft": 0, "Hard": 99]], .limit),
        ("Hosts", ["192.0.2.7"], .name), ("DNSConfig", ["Nameservers": ["x"]], .name),
        ("Dir", "/proc/self", .target), ("Hostname", "a b", .name),
        ("StopSignal", "9; x", .body), ("Isolation", "default", .body),
        ("OomScoreAdj", -1000, .body), ("image", "x", .body), ("Labels", [:], .label),
        (
            "Configs",
            [["ConfigID": .string(config), "ConfigName": "astro_x", "File": ["Name": "/x"]]],
            .content
        ),
        (
            "Configs",
            [["ConfigID": "c", "ConfigName": configName, "File": ["Name": "/x"]]], .ownership
        ),
        (
            "Configs",
            [
                [
                    "ConfigID": .string(config), "ConfigName": configName,
                    "File": ["Name": "/proc/x"],
                ]
            ], .target
        ),
        (
            "Secrets",
            [["SecretID": .string(config), "SecretName": configName, "File": ["Name": "/x"]]],
            .content
        ),
    ]

    @Test(arguments: container.indices)
    func refusesOfTheTask(index: Int) {
        let (key, value, check) = Self.container[index]
        let found = refusal { $0.set("TaskTemplate", "ContainerSpec", key, to: value) }
        #expect(found == check, "\(key) \(value?.text ?? "missing")")
    }

    private static let around: [([String], JSON?, GateCheck)] = [
        (["Name"], "bio_web", .name), (["Name"], "astro", .name),
        (["Labels", Labels.controller], "x", .label), (["Labels", Labels.claim], "x", .claim),
        (["Labels", Labels.Swarm.namespace], "bio", .label),
        (["Labels", Labels.sent], nil, .label),
        (["RollbackConfig"], [:], .body), (["Mode", "GlobalJob"], [:], .body),
        (["UpdateConfig", "FailureAction"], "rollback", .body),
        (["UpdateConfig", "FailureAction"], nil, .body),
        (["UpdateConfig", "Order"], "any", .body), (["EndpointSpec", "Mode"], "x", .port),
        (["EndpointSpec", "Ports"], [["TargetPort": 80, "PublishedPort": 22]], .port),
        (["EndpointSpec", "Ports"], [["TargetPort": 80]], .port),
        (["TaskTemplate", "Runtime"], "plugin", .body),
        (["TaskTemplate", "PluginSpec"], [:], .body),
        (["TaskTemplate", "Networks"], [["Target": "host"]], .network),
        (["TaskTemplate", "Networks"], [["Target": "x1111111111111111111111111"]], .network),
        (["TaskTemplate", "Resources", "Limits"], [:], .limit),
        (["TaskTemplate", "Resources", "Limits", "Pids"], 0, .limit),
        (["TaskTemplate", "Resources", "Limits", "MemoryBytes"], 8_589_934_593, .limit),
        (["TaskTemplate", "Resources", "Reservations", "GenericResources"], [], .body),
        (["TaskTemplate", "LogDriver", "Name"], "syslog", .driver),
        (["TaskTemplate", "RestartPolicy", "Condition"], "x", .body),
        (["TaskTemplate", "Placement", "Platforms"], [], .body),
    ]

    @Test(arguments: around.indices)
    func refusesOfTheService(index: Int) {
        let (path, value, check) = Self.around[index]
        let found = refusal { $0.set(path[...], to: value) }
        #expect(found == check, "\(path) \(value?.text ?? "missing")")
    }

    @Test func withoutTheWordTheEnginesHaveToKeepPrivileges() {
        let rules = SwarmRules(keepsPrivileges: true)
        let found = refusal(rules: rules) {
            $0.set("TaskTemplate", "ContainerSpec", "Privileges", to: nil)
        }
        #expect(found == nil)
    }

    @Test func refusesWhatIsNotOursToChange() {
        let foreign = "f" + String(repeating: "1", count: 24)
        for (action, collection) in [
            (EngineRequest.Action.removeService, "services"), (.removeConfig, "configs"),
            (.removeSecret, "secrets"), (.removeNetwork, "networks"),
        ] {
            func call(_ id: String) -> GateCheck? {
                let request = GateFixture.of(action, "DELETE", "/\(collection)/\(id)", target: id)
                return GateFixture.refusal(of: request, by: Self.gate())
            }
            #expect(call(Self.service) == nil)
            #expect(call(foreign) == .ownership)
            #expect(call("web") == .ownership)
        }
        let blind = EngineRequest(
            .updateService,
            "POST",
            "/services/\(Self.service)/update",
            body: Self.body,
            target: Self.service
        )
        #expect(GateFixture.refusal(of: blind, by: Self.gate()) == .call)
    }

    @Test func aConfigHoldsWhatTheCommitHas() {
        func call(_ data: String, _ name: JSON = Self.configName) -> GateCheck? {
            let body: JSON = ["Name": name, "Data": .string(data), "Labels": .object(Self.labels)]
            let request = EngineRequest(.createConfig, "POST", "/configs/create", body: body)
            return GateFixture.refusal(of: request, by: Self.gate())
        }
        #expect(call("aGk=") == nil)
        #expect(call("aGo=") == .content)
        #expect(call("aGk") == .content)
        #expect(call("aGl=") == .content)
        #expect(call("aGk=", "astro_other") == .content)
        let secret = EngineRequest(
            .createSecret,
            "POST",
            "/secrets/create",
            body: ["Name": Self.configName, "Data": "aGk=", "Labels": .object(Self.labels)]
        )
        #expect(GateFixture.refusal(of: secret, by: Self.gate()) == .content)
    }

    @Test func networksAreEncryptedWhereTheOperatorWantsThat() {
        func call(_ options: JSON, _ rules: SwarmRules = SwarmRules()) -> GateCheck? {
            let request = GateFixture.createNetwork {
                $0.set("Driver", to: "overlay")
                $0.set("Options", to: options)
            }
            return GateFixture.refusal(of: request, by: Self.gate(rules))
        }
        #expect(call(["encrypted": ""]) == nil)
        #expect(call([:]) == .network)
        #expect(call([:], SwarmRules(isEncrypted: false)) == nil)
        #expect(call(["encrypted": "", "com.docker.network.driver.mtu": "1"]) == .driver)
    }
}
