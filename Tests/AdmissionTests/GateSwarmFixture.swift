import Admission
import Model

/// Requests to a Swarm that the gate lets pass, to be spoiled one by one.
enum GateSwarmFixture {
    static let service = "s" + String(repeating: "1", count: 24)
    static let network = "n" + String(repeating: "1", count: 24)
    static let config = "c" + String(repeating: "1", count: 24)
    static let key = ContentKey()
    static let spec = JSON.string("1:" + String(repeating: "0", count: 64))

    static let content = content(isSecret: false)
    static let secret = content(isSecret: true)

    private static func content(isSecret: Bool) -> Content {
        let archive = try? ContentArchive(file: Array("hi".utf8), .init(), isSecret: isSecret)
        let bytes = archive?.bytes ?? []
        return Content(
            source: .text,
            kind: .file,
            digest: isSecret ? key.digest(of: bytes) : SHA256Hex.of(bytes),
            name: isSecret ? "secret site" : "config site",
            attributes: .init(),
            isSecret: isSecret
        )
    }

    static var configName: JSON { .string(content.swarmName(in: Astro.id)) }

    static func gate(
        _ tenant: TenantPolicy = Astro.tenant,
        _ rules: SwarmRules? = SwarmRules(),
        externals: Stack.ExternalNames = .init(),
        found: ExternalIDs = .init()
    ) -> Gate {
        Gate(
            tenant,
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
            externals: externals,
            contents: GateContents(
                Dictionary(
                    uniqueKeysWithValues: [content, secret].map { content in
                        (ContentVolume(of: content, in: Astro.id, controller: "spin"), content)
                    }
                ),
                key: key
            ),
            swarm: rules,
            found: found
        )
    }

    static let labels = GateFixture.labels.merging([
        Labels.Swarm.namespace: "astro"
    ]) { $1 }

    /// Every key that the gate knows of a service is in it.
    static let body: JSON = [
        "Name": "astro_web",
        "Labels": .object(
            labels.merging([
                Labels.service: "web", Labels.spec: spec, Labels.sent: spec,
                Labels.Swarm.image: "nginx:1.27-alpine", Labels.filled: "",
            ]) { $1 }
        ),
        "Mode": ["Replicated": ["Replicas": 2]],
        "UpdateConfig": [
            "Parallelism": 1, "Delay": 1, "FailureAction": "pause",
            "MaxFailureRatio": .double(0.25),
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
                "Constraints": ["node.labels.tier==web"], "MaxReplicas": 1,
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
                        "Type": "bind", "Source": "/global/astro", "Target": "/www",
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

    static func create(_ edit: (inout JSON) -> Void = { _ in }) -> EngineRequest {
        var body = body
        edit(&body)
        return EngineRequest(.createService, "POST", "/services/create", body: body)
    }

    static func update(_ edit: (inout JSON) -> Void = { _ in }) -> EngineRequest {
        var request = create(edit)
        request.action = .updateService
        request.path = "/services/\(service)/update"
        request.query = [.init("version", "7")]
        request.target = service
        return request
    }

    static func createConfig(_ data: String = "aGk=", _ name: JSON = configName) -> EngineRequest {
        let body: JSON = ["Name": name, "Data": .string(data), "Labels": .object(labels)]
        return EngineRequest(.createConfig, "POST", "/configs/create", body: body)
    }

    static func createSecret() -> EngineRequest {
        var request = createConfig("aGk=", .string(secret.swarmName(in: Astro.id)))
        request.action = .createSecret
        request.path = "/secrets/create"
        return request
    }
}
