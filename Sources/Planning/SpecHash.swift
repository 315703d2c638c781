package import Model

/// The hash that tells whether a container is what its service's file says.
///
/// It covers what the tenant's files decided, the image as written. What Gyre or policy filled
/// in, the number of replicas and the order of starting stay out: a change of those re-creates
/// nothing. Each version of it is frozen by golden tests; a container is compared in the version
/// that its label bears.
package enum SpecHash {
    /// The version that new containers get.
    package static let current = 1

    /// Version and hash of every service of `stack`.
    package static func all(of stack: Stack) -> [String: String] {
        stack.services.mapValues { of($0, in: stack) }
    }

    /// `1:` and 64 hexadecimal digits.
    package static func of(_ service: Service, in stack: Stack) -> String {
        "1:" + SHA256Hex.of(text1(service, in: stack).text)
    }

    /// Whether `label` is the hash of `service` in the label's own version; a version that this
    /// Gyre doesn't know is taken for a match, because a doubt must not re-create anything.
    package static func matches(_ label: String, _ service: Service, in stack: Stack) -> Bool {
        guard label.hasPrefix("1:") else { return !label.isEmpty }
        return label == of(service, in: stack)
    }

    /// What version 1 hashes.
    ///
    /// Never changes: a new attribute adds a member only where a file uses it.
    private static func text1(_ service: Service, in stack: Stack) -> JSON {
        let members: [String: JSON?] = [
            "image": .string(service.image),
            "command": service.command.map(JSON.strings),
            "entrypoint": service.entrypoint.map(JSON.strings),
            "environment": optional(service.environment.mapValues { $0.map(JSON.string) ?? .null }),
            "ports": optional(service.ports.map { .string($0.description) }),
            "expose": optional(service.expose.map(JSON.string)),
            "volumes": optional(service.volumes.map { mount1($0, in: stack) }),
            "tmpfs": optional(service.tmpfs.mapValues(JSON.string)),
            "networks": optional(networks1(service, in: stack)),
            "links": optional(service.links.map { .string("\($0.service):\($0.alias)") }),
            "healthcheck": service.healthcheck.map(healthcheck1),
            "restart": service.restart.map { .string($0.description) },
            "user": service.user.map(JSON.string),
            "working_dir": service.workingDirectory.map(JSON.string),
            "hostname": service.hostname.map(JSON.string),
            "labels": optional(service.labels.mapValues(JSON.string)),
            "cap_add": optional(service.capAdd.map(JSON.string)),
            "cap_drop": optional(service.capDrop.map(JSON.string)),
            "read_only": service.readOnly ? true : nil,
            "init": service.initProcess.map(JSON.bool),
            "tty": service.tty ? true : nil,
            "stop_signal": service.stopSignal.map(JSON.string),
            "stop_grace_period": service.stopGracePeriod.map { .int($0.count) },
            "resources": optional(resources1(service.resources)),
            "privileges": optional(privileges1(service.privileges)),
        ]
        let swarm = stack.isForSwarm ? ["deploy": deploy1(service)] : [:]
        return .members(
            members.merging(more1(service)) { first, _ in first }.merging(swarm) { $1 }
        )
    }

    private static func optional(_ members: [String: JSON]) -> JSON? {
        members.isEmpty ? nil : .object(members)
    }

    private static func optional(_ elements: [JSON]) -> JSON? {
        elements.isEmpty ? nil : .array(elements)
    }

    private static func mount1(_ mount: Mount, in stack: Stack) -> JSON {
        let source =
            switch mount.source {
            case .bind(let path): path
            case .volume(let key): stack.volumes[key]?.name ?? key
            case .anonymous: ""
            // A secret's digest is made with a key that may be lost; see `SecretMark`.
            case .content(let content) where content.isSecret: "content:" + content.name
            case .content(let content): "content:" + content.digest
            case .external(let file): "\(file.kind.rawValue) \(stack.name(of: file))"
            case .memory(let size, let mode):
                "tmpfs size=\(size?.bytes ?? 0) mode=\(mode ?? 0)"
            case .image(let reference): "image \(reference)"
            case .other(let type, let source): "\(type) \(source)"
            }
        let options = options1(mount.options).map { ",\($0)" }.joined()
        return .string("\(source):\(mount.target):\(mount.readOnly ? "ro" : "rw")\(options)")
    }

    private static func networks1(_ service: Service, in stack: Stack) -> [String: JSON] {
        Dictionary(
            service.networks.map { key, attachment in
                (stack.networks[key]?.name ?? key, attachment1(attachment))
            },
            uniquingKeysWith: { first, _ in first }
        )
    }

    private static func healthcheck1(_ check: Service.Healthcheck) -> JSON {
        .members([
            "test": check.test.map(JSON.strings),
            "interval": check.interval.map { .int($0.count) },
            "timeout": check.timeout.map { .int($0.count) },
            "start_period": check.startPeriod.map { .int($0.count) },
            "start_interval": check.startInterval.map { .int($0.count) },
            "retries": check.retries.map { .int(Int64($0)) },
        ])
    }

    private static func resources1(_ resources: Service.Resources) -> [String: JSON] {
        let values: [String: Int64?] = [
            "cpus": resources.nanoCPUs, "memory": resources.memory?.bytes,
            "pids": resources.pids, "reserved_memory": resources.reservedMemory?.bytes,
            "reserved_cpus": resources.reservedNanoCPUs,
            "memory_and_swap": resources.memoryAndSwap,
        ]
        return values.compactMapValues { $0.map(JSON.int) }
    }

    private static func privileges1(_ privileges: Service.Privileges) -> [String: JSON] {
        var members: [String: JSON] = privileges.namespaces.mapValues(JSON.string)
        if privileges.privileged { members["privileged"] = true }
        if !privileges.devices.isEmpty { members["devices"] = .strings(privileges.devices) }
        if !privileges.securityOptions.isEmpty {
            members["security_opt"] = .strings(privileges.securityOptions)
        }
        return members
    }
}
