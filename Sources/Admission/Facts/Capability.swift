internal import Model

/// Linux capabilities by the engine's names, without `CAP_`.
enum Capability {
    /// What Docker 20.10 gives a container unasked.
    ///
    /// Source: `oci/caps/defaults.go` of moby, release 20.10.
    static let standard: Set<String> = [
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD",
        "NET_BIND_SERVICE", "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    ]

    /// All that Linux 5.9 and later know; source: capabilities(7).
    static let known: Set<String> = standard.union([
        "AUDIT_CONTROL", "AUDIT_READ", "BLOCK_SUSPEND", "BPF", "CHECKPOINT_RESTORE",
        "DAC_READ_SEARCH", "IPC_LOCK", "IPC_OWNER", "LEASE", "LINUX_IMMUTABLE", "MAC_ADMIN",
        "MAC_OVERRIDE", "NET_ADMIN", "NET_BROADCAST", "PERFMON", "SYS_ADMIN", "SYS_BOOT",
        "SYS_MODULE", "SYS_NICE", "SYS_PACCT", "SYS_PTRACE", "SYS_RAWIO", "SYS_RESOURCE",
        "SYS_TIME", "SYS_TTY_CONFIG", "SYSLOG", "WAKE_ALARM",
    ])

    /// Stands for all of them in `cap_add` and `cap_drop`.
    static let all = "ALL"

    /// The engine's name for `text`, which may have any case and a `CAP_` in front; nil when it
    /// names none, nor `ALL`.
    static func named(_ text: String) -> String? {
        // Bytes, because `uppercased()` and `==` take letters outside ASCII for ASCII ones.
        let upper = text.utf8.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        guard upper.allSatisfy({ $0 < 0x80 }) else { return nil }
        var name = String(decoding: upper, as: UTF8.self)
        if name.hasPrefix("CAP_") { name.removeFirst(4) }
        return name == all || known.contains(name) ? name : nil
    }

    /// What a container gets: the engine's default set and `added`, within what is granted,
    /// without `dropped`; a dropped `ALL` drops the default set.
    ///
    /// An added `ALL` that is granted stays that word, which means what the node's kernel knows,
    /// unless some are dropped.
    static func effective(
        adding added: [String],
        dropping dropped: [String],
        granted: Set<String>
    ) -> Set<String> {
        let added = Set(added.compactMap(named))
        let dropped = Set(dropped.compactMap(named))
        if added.contains(all), granted.contains(all) {
            let named = dropped.subtracting([all])
            return named.isEmpty ? [all] : known.subtracting(named)
        }
        let asked = dropped.contains(all) ? added : standard.union(added)
        return asked.intersection(granted).subtracting(dropped).subtracting([all])
    }
}

extension Grants {
    /// What containers may have, by whether they mount a shared file system.
    func capabilities(withShared isShared: Bool) -> Set<String> {
        Set((isShared ? sharedCapabilities : capabilities).compactMap(Capability.named))
            .subtracting([Capability.all])
    }
}
