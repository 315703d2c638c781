internal import Model

extension AgentQuestion {
    /// A service as its containers get it, in Compose's words and long forms.
    static func service(_ admitted: AdmittedService, in stack: Stack) -> JSON {
        let service = admitted.service
        var members: [String: JSON?] = [
            "image": .string(service.image), "replicas": .int(Int64(service.replicas)),
            "command": service.command.map(JSON.strings),
            "entrypoint": service.entrypoint.map(JSON.strings),
            // The names alone: values are where secrets end up.
            "environment": .strings(service.environment.keys.sorted()),
            "labels": .strings(service.labels), "annotations": .strings(service.annotations),
            "restart": service.restart.map { .string($0.description) },
            "depends_on": .object(
                service.dependsOn.mapValues { .string($0.condition.rawValue) }
            ),
            "healthcheck": service.healthcheck?.test.map(JSON.strings),
            "hostname": service.hostname.map(JSON.string),
            "container_name": service.containerName.map(JSON.string),
            "platform": service.platform.map(JSON.string),
            "runtime": service.runtime.map(JSON.string),
            "logging": service.logging?.driver.map(JSON.string),
            "stop_grace_period_seconds": service.stopGracePeriod.map {
                .int($0.count / 1_000_000_000)
            },
            "placement": .strings(service.placement), "limits": limits(service),
            "working_dir": service.workingDirectory.map(JSON.string),
        ]
        members.merge(confinement(admitted)) { first, _ in first }
        members.merge(reach(service, in: stack)) { first, _ in first }
        return .members(members)
    }

    /// Of one container; bytes, numbers, billionths of a processor.
    private static func limits(_ service: Service) -> JSON {
        .members([
            "memory": service.resources.memory.map { .int($0.bytes) },
            "pids": service.resources.pids.map(JSON.int),
            "nano_cpus": service.resources.nanoCPUs.map(JSON.int),
        ])
    }

    private static func confinement(_ admitted: AdmittedService) -> [String: JSON?] {
        let service = admitted.service
        let namespaces = service.privileges.namespaces
        return [
            "user": service.user.map(JSON.string), "group_add": .strings(service.groups),
            "privileged": .bool(service.privileges.privileged),
            "read_only": .bool(service.readOnly),
            "cap_add": .strings(service.capAdd), "cap_drop": .strings(service.capDrop),
            // What its containers have in the end.
            "capabilities": .strings(admitted.capAdd),
            "security_opt": .strings(admitted.securityOptions),
            "sysctls": .strings(service.sysctls),
            "devices": .strings(service.privileges.devices),
            "network_mode": namespaces["network_mode"].map(JSON.string),
            "pid": namespaces["pid"].map(JSON.string), "ipc": namespaces["ipc"].map(JSON.string),
            "uts": namespaces["uts"].map(JSON.string),
            "userns_mode": namespaces["userns_mode"].map(JSON.string),
            "cgroup": namespaces["cgroup"].map(JSON.string),
        ]
    }

    /// What it mounts, publishes and joins.
    private static func reach(_ service: Service, in stack: Stack) -> [String: JSON?] {
        [
            "ports": .array(service.ports.map(port)), "expose": .strings(service.expose),
            "volumes": .array(service.volumes.map { mount($0, in: stack) }),
            "tmpfs": .strings(service.tmpfs),
            "volumes_from": .strings(service.volumesFrom.map(\.service)),
            "networks": .object(
                service.networks.mapValues { ["aliases": .strings($0.aliases)] }
            ),
            "extra_hosts": .strings(service.hostEntries.map { "\($0.name):\($0.address)" }),
            "dns": .strings(service.resolver.servers),
        ]
    }

    private static func port(_ port: PortMapping) -> JSON {
        .members([
            "target": .int(Int64(port.target)), "protocol": .string(port.protocol),
            "published": port.published.map { .int(Int64($0)) },
            "range": port.candidates.map(JSON.string), "host_ip": port.hostIP.map(JSON.string),
        ])
    }

    private static func mount(_ mount: Mount, in stack: Stack) -> JSON {
        let (type, source): (String, String?) =
            switch mount.source {
            case .bind(let path): ("bind", path)
            case .volume(let key): ("volume", stack.volumes[key]?.name ?? key)
            case .anonymous: ("volume", nil)
            case .content(let content): (content.isSecret ? "secret" : "content", content.name)
            case .external(let file): (file.kind.rawValue, stack.name(of: file))
            case .memory: ("tmpfs", nil)
            case .image(let reference): ("image", reference)
            case .other(let type, let source): (type, source)
            }
        return .members([
            "type": .string(type), "source": source.map(JSON.string),
            "target": .string(mount.target), "read_only": .bool(mount.readOnly),
        ])
    }
}
