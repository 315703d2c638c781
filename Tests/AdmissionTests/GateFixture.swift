import Admission
import Model
import Testing

/// Requests that the gate lets pass, to be spoiled one by one.
enum GateFixture {
    static let container = String(repeating: "c", count: 64)
    static let network = String(repeating: "d", count: 64)
    static let foreign = String(repeating: "f", count: 64)
    static let pinned = "nginx@sha256:" + String(repeating: "a", count: 64)
    static let claim = "claim-1"

    static let gate = gate(Astro.tenant)

    static func gate(
        _ tenant: TenantPolicy,
        image: ImageConfig = ImageConfig(),
        confirmed: Set<String> = [],
        externals: Stack.ExternalNames = .init(),
        ingress: [String: String] = [:],
        users: NodeUsers = .asShown
    ) -> Gate {
        Gate(
            tenant,
            controller: "spin",
            stack: Astro.id,
            owned: [container, network, "astro_data"],
            pins: [
                ImagePin(
                    reference: "nginx:1.27-alpine",
                    imageID: "sha256:0",
                    digest: pinned,
                    config: image
                )
            ],
            claims: [claim],
            confirmedVolumeRemovals: confirmed,
            externals: externals,
            ingress: ingress,
            users: users
        )
    }

    static let labels: [String: JSON] = [
        Labels.controller: "spin", Labels.project: "astro", Labels.stack: "astro",
        Labels.claim: .string(claim),
    ]

    /// Every key that the gate knows is in it.
    static let body: JSON = [
        "Image": .string(pinned), "Cmd": ["nginx", "-g", "daemon off;"], "Entrypoint": ["/run"],
        "Env": ["A=b", "UNSET"], "ExposedPorts": ["80/tcp": [:], "3000-3005/udp": [:]],
        "Hostname": "portal", "User": "41000:5000", "WorkingDir": "/srv", "Tty": false,
        "StopSignal": "SIGQUIT", "StopTimeout": 10, "Volumes": ["/var/cache": [:]],
        "Labels": .object(labels.merging(containerLabels) { first, _ in first }),
        "Healthcheck": [
            "Test": ["CMD", "true"], "Interval": 1_000_000_000, "Timeout": 1_000_000_000,
            "StartPeriod": 0, "Retries": 3,
        ],
        "NetworkingConfig": [
            "EndpointsConfig": [
                "astro_default": ["Aliases": ["web", "www"], "Links": ["astro-db-1:db"]]
            ]
        ],
        "HostConfig": [
            "Binds": ["astro_data:/data:rw"], "Mounts": [bind("/global/astro/www", to: "/www")],
            "CapAdd": [],
            "CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges:true"], "Privileged": false,
            "ReadonlyRootfs": true, "Init": true, "Tmpfs": ["/run": "size=16m"],
            "Memory": 268_435_456, "MemorySwap": 268_435_456, "MemoryReservation": 0,
            "NanoCpus": 500_000_000, "PidsLimit": 128, "NetworkMode": "astro_default",
            "PortBindings": ["80/tcp": [["HostIp": "127.0.0.1", "HostPort": "30080"]]],
            "RestartPolicy": ["Name": "on-failure", "MaximumRetryCount": 3],
            "LogConfig": ["Type": "json-file", "Config": ["max-size": "10m", "max-file": "3"]],
        ],
    ]

    /// An element of `Mounts`, as Gyre binds a path of the node.
    static func bind(_ source: String, to target: String, readOnly: Bool = true) -> JSON {
        [
            "Type": "bind", "Source": .string(source), "Target": .string(target),
            "ReadOnly": .bool(readOnly),
        ]
    }

    static let containerLabels: [String: JSON] = [
        Labels.service: "web", Labels.slot: "1", Labels.run: "service",
        Labels.spec: .string("1:" + String(repeating: "0", count: 64)),
        Labels.filled: "memory=268435456", Labels.Compose.project: "astro",
        Labels.Compose.service: "web", Labels.Compose.number: "1",
        Labels.Compose.oneOff: "False", "org.astro.note": "größer",
    ]

    static func create(_ body: JSON, name: String = "astro-web-1") -> EngineRequest {
        EngineRequest(
            .createContainer,
            "POST",
            "/containers/create",
            query: [.init("name", name)],
            body: body
        )
    }

    static func create(_ edit: (inout JSON) -> Void) -> EngineRequest {
        var body = body
        edit(&body)
        return create(body)
    }

    static func createNetwork(_ edit: (inout JSON) -> Void = { _ in }) -> EngineRequest {
        var body: JSON = [
            "Name": "astro_default", "Driver": "bridge", "CheckDuplicate": true, "Internal": true,
            "Labels": .object(labels),
        ]
        edit(&body)
        return EngineRequest(.createNetwork, "POST", "/networks/create", body: body)
    }

    static func createVolume(_ edit: (inout JSON) -> Void = { _ in }) -> EngineRequest {
        var body: JSON = [
            "Name": "astro_data", "Driver": "local", "DriverOpts": [:], "Labels": .object(labels),
        ]
        edit(&body)
        return EngineRequest(.createVolume, "POST", "/volumes/create", body: body)
    }

    static func connect(_ edit: (inout JSON) -> Void = { _ in }) -> EngineRequest {
        var body: JSON = [
            "Container": .string(container),
            "EndpointConfig": ["Aliases": ["web"], "Links": ["astro-db-1:db"]],
        ]
        edit(&body)
        return EngineRequest(
            .connectNetwork,
            "POST",
            "/networks/astro_back/connect",
            body: body,
            target: container
        )
    }

    static func update(_ edit: (inout JSON) -> Void = { _ in }) -> EngineRequest {
        var body: JSON = [
            "Memory": 1_000_000, "MemorySwap": 1_000_000, "MemoryReservation": 0, "NanoCpus": 0,
            "PidsLimit": 12, "RestartPolicy": ["Name": "always"],
        ]
        edit(&body)
        return EngineRequest(
            .updateContainer,
            "POST",
            "/containers/\(container)/update",
            body: body,
            target: container
        )
    }

    static func pull(_ image: String, _ tag: String) -> EngineRequest {
        EngineRequest(
            .pullImage,
            "POST",
            "/images/create",
            query: [.init("fromImage", image), .init("tag", tag)]
        )
    }

    static func of(
        _ action: EngineRequest.Action,
        _ method: String,
        _ path: String,
        _ query: [String: String] = [:],
        target: String?
    ) -> EngineRequest {
        EngineRequest(
            action,
            method,
            path,
            query: query.map { .init($0, $1) },
            target: target
        )
    }

    /// What stopped the request; nil when it passed.
    static func refusal(of request: EngineRequest, by gate: Gate = gate) -> GateCheck? {
        do {
            let checked = try gate.check(request)
            #expect(checked.request == request)
            return nil
        } catch {
            return error.check
        }
    }
}

extension JSON {
    /// Sets the value at `path`, or removes it; a step is a key, or an index of an array.
    mutating func set(_ path: String..., to value: JSON?) { set(path[...], to: value) }

    mutating func set(_ path: ArraySlice<String>, to value: JSON?) {
        guard let first = path.first else {
            if let value { self = value }
            return
        }
        let rest = path.dropFirst()
        switch self {
        case .array(var elements):
            guard let index = Int(first), elements.indices.contains(index) else { return }
            elements[index].set(rest, to: value)
            self = .array(elements)
        default:
            var members = objectValue ?? [:]
            if rest.isEmpty {
                members[first] = value
            } else {
                var member = members[first] ?? [:]
                member.set(rest, to: value)
                members[first] = member
            }
            self = .object(members)
        }
    }
}
