internal import Model

extension Policy {
    /// Over the parameters and the rules: two policies with one digest decide alike.
    package var digest: String {
        let text: JSON = [
            "policy": tenant.canonical, "rules": .strings(rules.map(\.id)),
            "version": .int(Rule.version),
        ]
        return SHA256Hex.of(text.text)
    }
}

extension TenantPolicy {
    /// All parameters in one text that doesn't depend on the order of sets.
    var canonical: JSON {
        [
            "profile": .string(profile.rawValue),
            "grants": [
                "mounts": .array(grants.mounts.map(\.canonical)),
                "registries": .strings(grants.registries.sorted()),
                "uids": .array(grants.uids.map(\.canonical)),
                "gids": .array(grants.gids.map(\.canonical)),
                "ports": .array(grants.ports.map(\.canonical)),
                "capabilities": .strings(grants.capabilities.sorted()),
                "sharedCapabilities": .strings(grants.sharedCapabilities.sorted()),
                "memory": grants.memory.canonical,
                "pids": grants.pids.canonical,
                "maximumReplicas": .int(Int64(grants.maximumReplicas)),
                "maximumServices": .int(Int64(grants.maximumServices)),
            ],
        ]
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
