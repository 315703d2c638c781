internal import Model

extension Policy {
    /// Over the parameters, the rules and what users mean on the node: two policies with one digest
    /// decide alike.
    ///
    /// An exception that has expired, and the time itself, are no part of it.
    package var digest: String {
        let text = JSON.members([
            "policy": tenant.canonical(at: now), "rules": .strings(Rule.all.map(\.id)),
            "version": .int(Rule.version),
            "users": users == .asShown ? nil : .string(users.rawValue),
        ])
        return SHA256Hex.of(text.text)
    }
}

extension Policy {
    /// The beginnings of digests of its parts, by the keys that the operator writes them under.
    ///
    /// They tell what is another in two policies; `rules` is Gyre's own.
    package var parts: [String: String] {
        var parts = tenant.canonical(at: now).objectValue ?? [:]
        for (key, value) in parts.removeValue(forKey: "grants")?.objectValue ?? [:] {
            parts["grants.\(key)"] = value
        }
        parts["rules"] = [.strings(Rule.all.map(\.id)), .int(Rule.version)]
        return parts.mapValues { String(SHA256Hex.of($0.text).prefix(12)) }
    }
}

extension TenantPolicy {
    /// All parameters in one text that doesn't depend on the order of sets.
    func canonical(at now: Instant?) -> JSON {
        let live = exceptions.filter { exception in now.map { $0 < exception.expires } ?? false }
        return .members([
            "profile": .string(profile.rawValue),
            "adopted": adopted.isEmpty ? nil : .object(adopted.mapValues(JSON.string)),
            "choices": .array(choices.map(\.canonical)),
            "enforced": .strings(enforced.sorted()),
            "audited": .strings(audited.sorted()),
            "exceptions": .array(live.map(\.canonical)),
            "neighbours": .strings(neighbours.sorted()),
            "siblings": .strings(siblings.sorted()),
            "grants": grants.canonical,
            "quotas": quotas.canonical,
        ])
    }
}

extension Grants {
    fileprivate var canonical: JSON {
        .members([
            "mounts": .array(mounts.map(\.canonical)),
            "registries": .strings(registries.sorted()),
            "imageTags": .string(imageTags.rawValue),
            "uids": .array(uids.map(\.canonical)),
            "gids": .array(gids.map(\.canonical)),
            "ports": .array(ports.map(\.canonical)),
            "allocatedPorts": .array(allocatedPorts.map(\.canonical)),
            "publicPorts": .array(publicPorts.map(\.canonical)),
            "capabilities": .strings(capabilities.sorted()),
            "sharedCapabilities": .strings(sharedCapabilities.sorted()),
            "memory": memory.canonical,
            "pids": pids.canonical,
            "standardCPUs": standardCPUs.map(JSON.int),
            "maximumCPUs": maximumCPUs.map(JSON.int),
            "maximumReplicas": .int(Int64(maximumReplicas)),
            "maximumServices": .int(Int64(maximumServices)),
            "maximumPorts": .int(Int64(maximumPorts)),
            "maximumInput": .int(maximumInput),
            "reservedLabels": .strings(reservedLabels.sorted()),
            "names": .strings(names.sorted()),
            "hosts": .strings(hosts.sorted()), "site_hosts": .strings(siteHosts.sorted()),
            "routes": routes.map(JSON.string),
            "networkDrivers": .strings(networkDrivers.sorted()),
            "subnets": .strings(subnets.sorted()),
            "logDrivers": .strings(logDrivers.sorted()),
            "maximumLogs": .int(maximumLogs),
            "sysctls": .strings(sysctls.sorted()),
            "openFiles": .int(openFiles),
            "quota": quota.canonical,
            "shared": .strings(shared.sorted()),
        ])
    }
}

extension Quota {
    fileprivate var canonical: JSON {
        .members([
            "containers": containers.map { .int(Int64($0)) },
            "replicas": replicas.map { .int(Int64($0)) },
            "memory": memory.map { .int($0.bytes) },
            "nanoCPUs": nanoCPUs.map(JSON.int),
            "pids": pids.map(JSON.int),
            "volumes": volumes.map { .int(Int64($0)) },
            "ports": ports.map { .int(Int64($0)) },
            "networks": networks.map { .int(Int64($0)) },
        ])
    }
}

extension ProfileChoice {
    fileprivate var canonical: JSON {
        .members([
            "profile": .string(profile.rawValue),
            "stack": condition.stack.map(JSON.string),
            "service": condition.service.map(JSON.string),
            "mounts": condition.mounts.map(JSON.string),
            "publishes": condition.publishes.map(JSON.bool),
            "ports": condition.ports.isEmpty ? nil : .array(condition.ports.map(\.canonical)),
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
    fileprivate var canonical: JSON {
        .members([
            "rule": .string(rule), "stack": stack.map(JSON.string),
            "service": service.map(JSON.string), "owner": .string(owner),
            "reason": .string(reason), "expires": .int(expires.milliseconds),
        ])
    }
}

extension MountGrant {
    fileprivate var canonical: JSON {
        ["path": .string(path), "readOnly": .bool(readOnly), "isShared": .bool(isShared)]
    }
}

extension Grants.Limit {
    fileprivate var canonical: JSON {
        ["standard": .int(standard), "maximum": .int(maximum)]
    }
}

extension ClosedRange<Int> {
    fileprivate var canonical: JSON { [.int(Int64(lowerBound)), .int(Int64(upperBound))] }
}
