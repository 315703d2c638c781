internal import Admission
internal import Model

/// One container's create body, from what policy admitted for its service.
struct Rendering {
    let slot: Slot
    let controller: String
    let stack: Stack
    let admitted: AdmittedService
    let spec: String
    let isTask: Bool
    let network: NetworkAttachment?

    private var service: Service { admitted.service }

    /// Without `Image` and the claim label, which are known only when the call is made.
    var body: JSON {
        .members([
            "Cmd": service.command.map(JSON.strings),
            "Entrypoint": service.entrypoint.map(JSON.strings),
            "Env": service.environment.isEmpty ? nil : .strings(environment),
            "ExposedPorts": exposedPorts,
            "Healthcheck": service.healthcheck.map(healthcheck),
            "HostConfig": hostConfig,
            "Hostname": service.hostname.map(JSON.string),
            "Labels": .strings(labels),
            "NetworkingConfig": network.map { network in
                ["EndpointsConfig": .object([network.network: network.endpoint])]
            },
            "StopSignal": service.stopSignal.map(JSON.string),
            "StopTimeout": service.stopGracePeriod.map { .int($0.secondsRoundedUp) },
            "Tty": service.tty ? true : nil,
            "User": service.user.map(JSON.string),
            "Volumes": anonymousVolumes,
            "WorkingDir": service.workingDirectory.map(JSON.string),
        ])
    }

    /// `NAME=value`; a bare `NAME` unsets what the image has.
    private var environment: [String] {
        service.environment.sorted { $0.key < $1.key }.map { name, value in
            value.map { "\(name)=\($0)" } ?? name
        }
    }

    private var labels: [String: String] {
        var labels = service.labels
        labels[Labels.controller] = controller
        labels[Labels.project] = stack.id.project
        labels[Labels.stack] = stack.id.stack
        labels[Labels.service] = slot.service
        labels[Labels.slot] = String(slot.number)
        labels[Labels.spec] = spec
        labels[Labels.run] = isTask ? "task" : "service"
        labels[Labels.filled] = Rendering.filled(service, asked: stack.services[slot.service])
        labels[Labels.Compose.project] = stack.id.composeProjectName
        labels[Labels.Compose.service] = slot.service
        labels[Labels.Compose.number] = String(slot.number)
        labels[Labels.Compose.oneOff] = "False"
        labels.merge(composeFacts) { _, ours in ours }
        return labels
    }

    /// Without these, `docker compose ls`, `ps` and `logs` pass a container over or complain of
    /// it; paths are those in the repository.
    ///
    /// Like all labels of ours they are no part of the spec hash: a container that lacks them, or
    /// whose stack moved to another folder, is what its file says all the same (law 9).
    private var composeFacts: [String: String] {
        let files = stack.files.map(Rendering.visible)
        let folder = files.first?.split(separator: "/").dropLast() ?? []
        return [
            Labels.Compose.configHash: String(spec.drop { $0 != ":" }.dropFirst()),
            Labels.Compose.configFiles: files.joined(separator: ","),
            Labels.Compose.workingDirectory: folder.isEmpty ? "." : folder.joined(separator: "/"),
        ]
    }

    /// A path as a label may have it: with a mark for what can't be seen.
    private static func visible(_ path: String) -> String {
        let scalars = path.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned: "?"
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// The values of `service` that its file did not ask for.
    static func filled(_ service: Service, asked: Service?) -> String {
        var values: [String] = []
        if asked?.resources.memory != service.resources.memory,
            let memory = service.resources.memory
        {
            values.append("memory=\(memory.bytes)")
        }
        if asked?.resources.pids != service.resources.pids, let pids = service.resources.pids {
            values.append("pids=\(pids)")
        }
        return values.joined(separator: ",")
    }

    private var exposedPorts: JSON? {
        let ports = service.ports.map(\.engineName) + service.expose.map(Rendering.withProtocol)
        guard !ports.isEmpty else { return nil }
        return .object(Dictionary(ports.map { ($0, JSON.object([:])) }) { first, _ in first })
    }

    private static func withProtocol(_ port: String) -> String {
        port.contains("/") ? port : port + "/tcp"
    }

    private func healthcheck(_ check: Service.Healthcheck) -> JSON {
        .members([
            "Test": check.test.map(JSON.strings),
            "Interval": check.interval.map { .int($0.count) },
            "Timeout": check.timeout.map { .int($0.count) },
            "StartPeriod": check.startPeriod.map { .int($0.count) },
            "Retries": check.retries.map { .int(Int64($0)) },
        ])
    }

    private var anonymousVolumes: JSON? {
        let targets = service.volumes.filter { $0.source == .anonymous }.map(\.target)
        guard !targets.isEmpty else { return nil }
        return .object(Dictionary(targets.map { ($0, JSON.object([:])) }) { first, _ in first })
    }

    private var hostConfig: JSON {
        let memory = service.resources.memory.map { JSON.int($0.bytes) }
        return .members([
            "Binds": binds.isEmpty ? nil : .strings(binds),
            "CapAdd": .strings(admitted.capAdd),
            "CapDrop": ["ALL"],
            "Init": service.initProcess.map(JSON.bool),
            "LogConfig": ["Type": "json-file", "Config": ["max-file": "3", "max-size": "10m"]],
            "Memory": memory,
            // Equal to the memory limit: no swap beside it.
            "MemorySwap": memory,
            "MemoryReservation": service.resources.reservedMemory.map { .int($0.bytes) },
            "NanoCpus": service.resources.nanoCPUs.map(JSON.int),
            "NetworkMode": .string(networkMode),
            "PidsLimit": service.resources.pids.map(JSON.int),
            "PortBindings": portBindings,
            "ReadonlyRootfs": service.readOnly ? true : nil,
            "RestartPolicy": (service.restart ?? .no).engineValue,
            "SecurityOpt": .strings(admitted.securityOptions),
            "Tmpfs": service.tmpfs.isEmpty ? nil : .strings(service.tmpfs),
        ])
    }

    private var networkMode: String {
        network?.network ?? service.privileges.namespaces["network_mode"] ?? "none"
    }

    private var binds: [String] {
        service.volumes.compactMap { mount in
            let mode = mount.readOnly ? "ro" : "rw"
            return switch mount.source {
            case .bind(let path): "\(path):\(mount.target):\(mode)"
            case .volume(let key):
                "\(stack.volumes[key]?.name ?? key):\(mount.target):\(mode)"
            case .anonymous, .content: nil
            }
        }
    }

    private var portBindings: JSON? {
        guard !service.ports.isEmpty else { return nil }
        let bindings = service.ports.map { port in
            let host = JSON.members([
                "HostIp": port.hostIP.map(JSON.string),
                "HostPort": .string(port.published.map(String.init) ?? ""),
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

extension PortMapping {
    /// The engine's key of a container port, `80/tcp`.
    var engineName: String { "\(target)/\(`protocol`)" }
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
