internal import Model

extension TenantPolicy {
    /// As `gyre.yaml` has it below a project, with every default written out: the inverse of
    /// reading.
    var written: [String: JSON] {
        [
            "profile": .string(profile.rawValue),
            "choices": .array(choices.map(\.written)),
            "enforce": .strings(enforced.sorted()),
            "audit": .strings(audited.sorted()),
            "exceptions": .array(exceptions.map(\.written)),
            "grants": grants.written,
            "quotas": quotas.written,
        ]
    }
}

extension ProfileChoice {
    fileprivate var written: JSON {
        .members([
            "profile": .string(profile.rawValue),
            "stack": condition.stack.map(JSON.string),
            "service": condition.service.map(JSON.string),
            "mounts": condition.mounts.map(JSON.string),
            "publishes": condition.publishes.map(JSON.bool),
            "ports": condition.ports.isEmpty ? nil : .ranges(condition.ports),
            "audience": condition.audience.map { .string($0.rawValue) },
            "image": condition.image.map(JSON.string),
            "node": condition.place.node.map(JSON.string),
            "labels": condition.place.labels.isEmpty
                ? nil
                : .strings(condition.place.labels.map { "\($0)=\($1)" }.sorted()),
            "cluster": condition.place.cluster.map { .string($0.rawValue) },
        ])
    }
}

extension PolicyException {
    fileprivate var written: JSON {
        .members([
            "rule": .string(rule), "stack": stack.map(JSON.string),
            "service": service.map(JSON.string), "owner": .string(owner),
            "reason": .string(reason), "expires": .string(expires.date),
        ])
    }
}

extension Grants {
    fileprivate var written: JSON {
        .members([
            "mounts": .array(mounts.map(\.written)),
            "registries": .strings(registries),
            "image_tags": .string(imageTags.rawValue),
            "identities": ["uids": .ranges(uids), "gids": .ranges(gids)],
            "ports": .ranges(ports),
            "public_ports": .ranges(publicPorts),
            "allocated_ports": .ranges(allocatedPorts),
            "published": .int(Int64(maximumPorts)),
            "input": .int(maximumInput),
            "reserved_labels": .strings(reservedLabels.sorted()),
            "names": .strings(names),
            "hosts": .strings(hosts),
            "site_hosts": .strings(siteHosts),
            "routes": routes.map(JSON.string),
            "network_drivers": .strings(networkDrivers.sorted()),
            "subnets": .strings(subnets),
            "shared": .strings(shared.sorted()),
            "log_drivers": .strings(logDrivers.sorted()),
            "log_size": .int(maximumLogs),
            "sysctls": .strings(sysctls.sorted()),
            "open_files": .int(openFiles),
            "quota": quota.written,
            "capabilities": .strings(capabilities.sorted()),
            "shared_capabilities": .strings(sharedCapabilities.sorted()),
            "memory": ["default": .int(memory.standard), "maximum": .int(memory.maximum)],
            "pids": ["default": .int(pids.standard), "maximum": .int(pids.maximum)],
            "cpus": .members([
                "default": standardCPUs.map { .int($0 / 1_000_000_000) },
                "maximum": maximumCPUs.map { .int($0 / 1_000_000_000) },
            ]),
            "replicas": .int(Int64(maximumReplicas)),
            "services": .int(Int64(maximumServices)),
        ])
    }
}

extension Quota {
    fileprivate var written: JSON {
        .members([
            "containers": containers.map { .int(Int64($0)) },
            "replicas": replicas.map { .int(Int64($0)) },
            "ports": ports.map { .int(Int64($0)) },
            "memory": memory.map { .int($0.bytes) },
            "cpus": nanoCPUs.map { .int($0 / 1_000_000_000) },
            "pids": pids.map(JSON.int),
            "volumes": volumes.map { .int(Int64($0)) },
            "networks": networks.map { .int(Int64($0)) },
        ])
    }
}

extension MountGrant {
    fileprivate var written: JSON {
        [
            "path": .string(path), "access": .string(readOnly ? "read-only" : "read-write"),
            "shared": .bool(isShared),
            "links": .string(trustsLinks ? "trusted" : "looked-for"),
        ]
    }
}

extension JSON {
    /// As people write them: `80` or `30000-32767`.
    fileprivate static func ranges(_ ranges: [ClosedRange<Int>]) -> JSON {
        .strings(
            ranges.map { range in
                range.count == 1
                    ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
            }
        )
    }
}
