internal import Model

/// One service as `docker compose config` prints it.
struct ServiceConfig {
    private let service: Service
    private let path: FieldPath
    private let places: SourceMap

    init(_ service: Service, name: String, places: SourceMap) {
        self.service = service
        self.path = FieldPath("services", name)
        self.places = places
    }

    var json: JSON {
        let parts = [container, relations, resources, privileges]
        return .object(parts.reduce(into: [:]) { $0.merge($1) { first, _ in first } })
    }

    private var container: [String: JSON] {
        [
            "image": JSON.string(service.image),
            "command": service.command.map(JSON.strings) ?? .null,
            "entrypoint": service.entrypoint.map(JSON.strings) ?? .null,
            "environment": environment,
            "labels": service.labels.isEmpty ? nil : .strings(service.labels),
            "user": service.user.flatMap(text),
            "working_dir": service.workingDirectory.flatMap(text),
            "hostname": service.hostname.flatMap(text),
            "read_only": service.readOnly ? true : nil, "init": service.initProcess.map(JSON.bool),
            "tty": service.tty ? true : nil,
            "volumes": list(volumes), "tmpfs": list(temporaryFileSystems),
        ].compactMapValues { $0 }
    }

    private var relations: [String: JSON] {
        [
            "ports": list(service.ports.enumerated().map { port($1, at: (path / "ports")[$0]) }),
            "expose": list(service.expose.map(JSON.string)),
            "networks": service.networks.isEmpty
                ? nil : .object(service.networks.mapValues(attachment)),
            "links": list(
                service.links.map {
                    .string($0.alias == $0.service ? $0.service : "\($0.service):\($0.alias)")
                }
            ),
            "depends_on": service.dependsOn.isEmpty
                ? nil : .object(service.dependsOn.mapValues(dependency)),
            "healthcheck": service.healthcheck.map(healthcheck),
            "restart": service.restart.map { .string($0.description) },
            "stop_signal": service.stopSignal.map(JSON.string),
            "stop_grace_period": service.stopGracePeriod.map(duration),
            "scale": places.wrote(path / "scale") ? .int(Int64(service.replicas)) : nil,
        ].compactMapValues { $0 }
    }

    private var resources: [String: JSON] {
        let resources = service.resources
        return [
            "mem_limit": wrote("mem_limit", resources.memory.map(bytes)),
            "mem_reservation": wrote("mem_reservation", resources.reservedMemory.map(bytes)),
            "cpus": wrote("cpus", resources.nanoCPUs.map(cpus)),
            "pids_limit": wrote("pids_limit", resources.pids.map(JSON.int)),
            "deploy": places.wrote(path / "deploy") ? deploy : nil,
        ].compactMapValues { $0 }
    }

    private var privileges: [String: JSON] {
        let privileges = service.privileges
        return [
            "cap_add": list(service.capAdd.map(JSON.string)),
            "cap_drop": list(service.capDrop.map(JSON.string)),
            "privileged": privileges.privileged ? true : nil,
            "devices": list(privileges.devices.map(device)),
            "security_opt": list(privileges.securityOptions.map(JSON.string)),
        ].compactMapValues { $0 }.merging(privileges.namespaces.mapValues(JSON.string)) { $1 }
    }
}

extension ServiceConfig {
    private var environment: JSON? {
        guard !service.environment.isEmpty else { return nil }
        return .object(service.environment.mapValues { $0.map(JSON.string) ?? .null })
    }

    /// Mounts in their order, then file systems in memory that were written among them.
    private var volumes: [JSON] {
        service.volumes.enumerated().map { mount($1, at: (path / "volumes")[$0]) }
            + memory.filter(\.isLong).map { memoryMount($0.target) }
    }

    private var temporaryFileSystems: [JSON] {
        memory.filter { !$0.isLong }.map { entry in
            let options = service.tmpfs[entry.target] ?? ""
            return .string(options.isEmpty ? entry.target : "\(entry.target):\(options)")
        }
    }

    /// The targets of `tmpfs` in the order written, and whether in the long form of a volume.
    private var memory: [(target: String, isLong: Bool)] {
        service.tmpfs.keys.map { ($0, path / "tmpfs" / $0) }
            .sorted { a, b in
                guard let x = places.location(of: a.1), let y = places.location(of: b.1), x != y
                else { return a.0 < b.0 }
                return x < y
            }
            .map { ($0.0, places.wrote($0.1 / "target")) }
    }

    private func mount(_ mount: Mount, at path: FieldPath) -> JSON {
        let isLong = places.wrote(path / "target")
        var type = "volume"
        var source: String?
        switch mount.source {
        case .bind(let path): (type, source) = ("bind", path)
        case .repositoryFile(let path): (type, source) = ("bind", path)
        case .volume(let key): source = key
        case .anonymous: break
        }
        return .members([
            "type": .string(type), "source": source.map(JSON.string),
            "target": .string(mount.target), "read_only": mount.readOnly ? true : nil,
            type: !isLong || places.wrote(path / type) ? [:] : nil,
        ])
    }

    private func memoryMount(_ target: String) -> JSON {
        var options: [String: JSON] = [:]
        var isReadOnly = false
        for option in (service.tmpfs[target] ?? "").split(separator: ",") {
            let parts = option.split(separator: "=").map(String.init)
            if option == "ro" { isReadOnly = true }
            guard parts.count == 2 else { continue }
            if parts.first == "size" { options["size"] = .string(parts[1]) }
            if parts.first == "mode" { options["mode"] = .int(Int64(parts[1], radix: 8) ?? 0) }
        }
        return .members([
            "type": "tmpfs", "target": .string(target), "read_only": isReadOnly ? true : nil,
            "tmpfs": places.wrote(path / "tmpfs" / target / "tmpfs") ? .object(options) : nil,
        ])
    }

    private func port(_ port: PortMapping, at path: FieldPath) -> JSON {
        let isZero = port.published == nil && places.wrote(path / "published")
        return .members([
            "mode": "ingress", "host_ip": port.hostIP.map(JSON.string),
            "target": .int(Int64(port.target)), "protocol": .string(port.protocol),
            "published": port.published.map { .string(String($0)) } ?? (isZero ? "0" : nil),
        ])
    }

    private func attachment(_ attachment: Service.Attachment) -> JSON {
        attachment.aliases.isEmpty ? .null : ["aliases": .strings(attachment.aliases)]
    }

    private func dependency(_ dependency: Service.Dependency) -> JSON {
        .members([
            "condition": .string(dependency.condition.rawValue),
            "required": .bool(dependency.required), "restart": dependency.restart ? true : nil,
        ])
    }

    private func healthcheck(_ check: Service.Healthcheck) -> JSON {
        let isDisabled = check.isDisabled && places.wrote(path / "healthcheck" / "disable")
        return .members([
            "test": isDisabled ? nil : check.test.map(JSON.strings),
            "disable": isDisabled ? true : nil, "interval": check.interval.map(duration),
            "timeout": check.timeout.map(duration), "start_period": check.startPeriod.map(duration),
            "retries": check.retries.map { .int(Int64($0)) },
        ])
    }

    /// Limits are printed where they were written; a place of `mem_limit` alone is none of these.
    private var deploy: JSON {
        let resources = service.resources
        let path = self.path / "deploy"
        let limits = JSON.members([
            "cpus": resources.nanoCPUs.map(cpus), "memory": resources.memory.map(bytes),
            "pids": resources.pids.map(JSON.int),
        ])
        let reservations = JSON.members([
            "cpus": resources.reservedNanoCPUs.map(cpus),
            "memory": resources.reservedMemory.map(bytes),
        ])
        return .members([
            "replicas": places.wrote(path / "replicas") ? .int(Int64(service.replicas)) : nil,
            "placement": [:],
            "resources": .members([
                "limits": places.wrote(path / "resources" / "limits") ? limits : nil,
                "reservations": places.wrote(path / "resources" / "reservations")
                    ? reservations : nil,
            ]),
        ])
    }

    private func device(_ text: String) -> JSON {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        return .members([
            "source": .string(parts[0]), "target": .string(parts.count > 1 ? parts[1] : parts[0]),
            "permissions": .string(parts.count > 2 ? parts[2] : "rwm"),
        ])
    }
}

extension ServiceConfig {
    private func text(_ text: String) -> JSON? { text.isEmpty ? nil : .string(text) }
    private func list(_ elements: [JSON]) -> JSON? { elements.isEmpty ? nil : .array(elements) }
    private func duration(_ value: Nanoseconds) -> JSON { .string(GoDuration.text(value)) }
    private func bytes(_ value: ByteCount) -> JSON { .string(String(value.bytes)) }

    private func wrote(_ name: String, _ value: JSON?) -> JSON? {
        places.wrote(path / name) ? value : nil
    }

    /// As a 32-bit number, which is what Compose keeps.
    private func cpus(_ nano: Int64) -> JSON {
        .double(Double(Float(Double(nano) / 1e9).description) ?? 0)
    }
}
