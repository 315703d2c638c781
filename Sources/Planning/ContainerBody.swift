internal import Model

/// One container's create body, as Docker Compose makes it of a service.
///
/// What Gyre sends is this with its own names, labels and confinement over it (see `Rendering`);
/// so an attribute is rendered here, once. `Image` and `Labels` are whoever's who sends it.
/// Source of the fields: the Engine API reference, `ContainerCreate`; of the rules: Docker
/// Compose 5.6.
struct ContainerBody {
    let service: Service
    let stack: Stack
    /// The networks that the body names, the first one first; none where the service has a
    /// `network_mode`.
    let networks: [NetworkAttachment]
    /// What a body calls a container of the stack in which another one lives.
    let reference: (String) -> String

    var json: JSON {
        .members([
            "Cmd": service.command.map(JSON.strings),
            "Domainname": .unlessEmpty(service.domainName),
            "Entrypoint": service.entrypoint.map(JSON.strings),
            "Env": .unlessEmpty(environment),
            "ExposedPorts": exposedPorts,
            "Healthcheck": service.healthcheck.flatMap(ContainerBody.healthcheck),
            "HostConfig": hostConfig,
            "Hostname": .unlessEmpty(service.hostname),
            "NetworkingConfig": endpoints.map { ["EndpointsConfig": $0] },
            "OpenStdin": service.keepsInputOpen ? true : nil,
            "StopSignal": .unlessEmpty(service.stopSignal),
            // In whole seconds; the rest is dropped.
            "StopTimeout": service.stopGracePeriod.map { .int($0.count / 1_000_000_000) },
            "Tty": service.tty ? true : nil,
            "User": .unlessEmpty(service.user),
            "WorkingDir": .unlessEmpty(service.workingDirectory),
        ])
    }

    /// `NAME=value`; a bare `NAME` unsets what the image has.
    private var environment: [String] {
        var variables = service.environment
        if service.usesEngineSocket { variables["DOCKER_CONFIG"] = "/run/secrets/docker" }
        return variables.sorted { $0.key < $1.key }.map { name, value in
            value.map { "\(name)=\($0)" } ?? name
        }
    }

    private var exposedPorts: JSON? {
        let ports = service.ports.map(\.engineName) + service.expose.flatMap(ExposedPort.names)
        guard !ports.isEmpty else { return nil }
        return .object(Dictionary(ports.map { ($0, JSON.object([:])) }) { first, _ in first })
    }

    private static func healthcheck(_ check: Service.Healthcheck) -> JSON? {
        let body = JSON.members([
            "Test": check.test.map(JSON.strings),
            "Interval": .unlessZero(check.interval?.count),
            "Timeout": .unlessZero(check.timeout?.count),
            "StartPeriod": .unlessZero(check.startPeriod?.count),
            "StartInterval": .unlessZero(check.startInterval?.count),
            "Retries": .unlessZero(check.retries.map(Int64.init)),
        ])
        return body == [:] ? nil : body
    }

    private var endpoints: JSON? {
        guard !networks.isEmpty else { return nil }
        return .object(
            Dictionary(networks.map { ($0.network, $0.endpoint) }) { first, _ in first }
        )
    }

    private var hostConfig: JSON {
        var members = mounting
        for part in [networking, confining, JSON.members(resources), process] {
            members.merge(part.objectValue ?? [:]) { first, _ in first }
        }
        return .object(members)
    }

    /// What runs in it and what becomes of it.
    private var process: JSON {
        .members([
            "Annotations": .unlessEmpty(service.annotations),
            "GroupAdd": .unlessEmpty(service.groups),
            "Init": service.initProcess.map(JSON.bool),
            "Isolation": .unlessEmpty(service.isolation),
            "LogConfig": logging,
            "OomKillDisable": service.isSparedFromKilling ? true : nil,
            "OomScoreAdj": .unlessZero(service.killScore),
            "RestartPolicy": service.writtenPolicy?.engineValue ?? service.restart?.engineValue,
            "Runtime": .unlessEmpty(service.runtime),
            "StorageOpt": .unlessEmpty(service.storageOptions),
            "Sysctls": .unlessEmpty(service.sysctls),
            "Ulimits": .unlessEmpty(
                service.ulimits.sorted { $0.key < $1.key }.map { name, limit in
                    ["Name": .string(name), "Soft": .int(limit.soft), "Hard": .int(limit.hard)]
                }
            ),
        ])
    }

    private var logging: JSON? {
        guard let logging = service.logging else { return nil }
        let body = JSON.members([
            "Type": .unlessEmpty(logging.driver), "Config": .unlessEmpty(logging.options),
        ])
        return body == [:] ? nil : body
    }

    /// What it may do on its node.
    private var confining: JSON {
        let options = service.privileges.securityOptions
        let isUnmasked = options.contains(ContainerBody.unmasked)
        let namespaces = service.privileges.namespaces
        return .members([
            "CapAdd": .unlessEmpty(ContainerBody.capabilities(service.capAdd)),
            "CapDrop": .unlessEmpty(ContainerBody.capabilities(service.capDrop)),
            "CgroupnsMode": .unlessEmpty(namespaces["cgroup"]),
            "IpcMode": .unlessEmpty(namespaces["ipc"].map(joined)),
            "MaskedPaths": isUnmasked ? [] : nil,
            "PidMode": .unlessEmpty(namespaces["pid"].map(joined)),
            "Privileged": service.privileges.privileged ? true : nil,
            "ReadonlyPaths": isUnmasked ? [] : nil,
            "ReadonlyRootfs": service.readOnly ? true : nil,
            "SecurityOpt": .unlessEmpty(options.filter { $0 != ContainerBody.unmasked }),
            // As written: Docker Compose leaves this one alone.
            "UTSMode": .unlessEmpty(namespaces["uts"]),
            "UsernsMode": .unlessEmpty(namespaces["userns_mode"].map(joined)),
        ])
    }

    /// Not an option of the engine's, but the paths that it would mask.
    private static let unmasked = "systempaths=unconfined"

    /// `CAP_NAME` in order, each once, as Docker's client makes them.
    private static func capabilities(_ names: [String]) -> [String] {
        let full = names.map { name in
            let upper = name.uppercased()
            return upper == "ALL" || upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
        }
        return Set(full).sorted()
    }

    /// A namespace; that of another service is its first container's.
    private func joined(_ mode: String) -> String {
        let prefix = "service:"
        guard mode.hasPrefix(prefix) else { return mode }
        return "container:" + reference(String(mode.dropFirst(prefix.count)))
    }

    private var networking: JSON {
        .members([
            "Dns": .unlessEmpty(service.resolver.servers),
            "DnsOptions": .unlessEmpty(service.resolver.options),
            "DnsSearch": .unlessEmpty(service.resolver.search),
            "ExtraHosts": .unlessEmpty(
                service.hostEntries.map { "\($0.name):\($0.address)" }.sorted()
            ),
            "NetworkMode": .string(networkMode),
            "PortBindings": portBindings,
        ])
    }

    private var networkMode: String {
        let mode = service.privileges.namespaces["network_mode"] ?? ""
        return mode.isEmpty ? networks.first?.network ?? "none" : joined(mode)
    }

    private var portBindings: JSON? {
        guard !service.ports.isEmpty else { return nil }
        let bindings = service.ports.map { port in
            let host = JSON.members([
                "HostIp": port.hostIP.map(JSON.string),
                "HostPort": .unlessEmpty(port.published.map(String.init) ?? port.candidates),
            ])
            return (port.engineName, JSON.array([host]))
        }
        return .object(
            Dictionary(bindings) { first, second in
                .array((first.arrayValue ?? []) + (second.arrayValue ?? []))
            }
        )
    }
}

/// An element of `expose`: a port or a range of them, with or without a protocol.
enum ExposedPort {
    /// The engine's keys: a range is each of its ports.
    static func names(_ text: String) -> [String] {
        let parts = text.split(separator: "/", maxSplits: 1).map(String.init)
        let transport = parts.count > 1 ? parts[1].lowercased() : "tcp"
        let ends = (parts.first ?? "").split(separator: "-").compactMap { UInt16($0) }
        guard let first = ends.first, let last = ends.last, first <= last else {
            return ["\(parts.first ?? "")/\(transport)"]
        }
        return (first...last).map { "\($0)/\(transport)" }
    }
}

extension PortMapping {
    /// The engine's key of a container port, `80/tcp`.
    var engineName: String { "\(target)/\(`protocol`)" }
}

extension Service.WrittenPolicy {
    fileprivate var engineValue: JSON {
        .members(["Name": .unlessEmpty(name), "MaximumRetryCount": .unlessZero(retries)])
    }
}

extension Service.RestartPolicy {
    /// The engine's `RestartPolicy`.
    var engineValue: JSON {
        switch self {
        case .no: ["Name": "no"]
        case .always: ["Name": "always"]
        case .unlessStopped: ["Name": "unless-stopped"]
        case .onFailure(let retries):
            ["Name": "on-failure", "MaximumRetryCount": .int(Int64(retries))]
        }
    }
}
