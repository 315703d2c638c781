/// What of the model a Swarm takes otherwise than an engine.
///
/// As `Rendered`, which says all that both take.
enum SwarmRendered {
    /// Paths that mean something to a Swarm alone.
    static let paths: Set<String> = Set(
        """
        services.*.deploy.endpoint_mode services.*.deploy.labels
        services.*.deploy.placement.preferences services.*.deploy.restart_policy.delay
        services.*.deploy.restart_policy.window
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
    )

    /// Paths that an engine takes and a Swarm has no word for, and what to write instead.
    static let refused: [String: String] = {
        var refused: [String: String] = [:]
        let plain = """
            services.*.security_opt services.*.pid services.*.ipc services.*.uts
            services.*.userns_mode services.*.cgroup services.*.shm_size services.*.domainname
            services.*.oom_score_adj services.*.oom_kill_disable services.*.memswap_limit
            services.*.mem_swappiness services.*.cpu_shares services.*.cpuset
            services.*.container_name services.*.volumes_from services.*.annotations
            services.*.cpu_quota services.*.cpu_period services.*.cpu_rt_period
            services.*.cpu_rt_runtime services.*.blkio_config services.*.gpus
            services.*.deploy.resources.reservations.devices services.*.device_cgroup_rules
            services.*.networks.*.ipv4_address services.*.networks.*.ipv6_address
            services.*.networks.*.priority services.*.networks.*.gw_priority
            services.*.networks.*.interface_name services.*.networks.*.mac_address
            services.*.networks.*.link_local_ips services.*.mac_address services.*.runtime
            services.*.cgroup_parent services.*.storage_opt services.*.volumes.*.bind.selinux
            services.*.volumes.*.bind.recursive services.*.volumes.*.volume.subpath
            services.*.volumes.*.volume.labels services.*.privileged
            """
        for path in plain.split(whereSeparator: \.isWhitespace) {
            refused[String(path)] = "remove it, or run the stack on one engine"
        }
        refused["services.*.devices"] = "remove it; a Swarm gives no devices to tasks"
        refused["services.*.links"] = "remove it; a service has its name on each of its networks"
        refused["services.*.network_mode"] = "remove it, and list networks:"
        refused["services.*.platform"] = "write node.platform.arch in deploy.placement.constraints"
        refused["services.*.ports.*.host_ip"] =
            "remove it; a Swarm listens on all addresses of its nodes"
        return refused
    }()

    /// Whether something below `path` is known to a Swarm alone, or refused.
    static func isPart(_ path: String) -> Bool { prefixes.contains(path) }

    private static let prefixes: Set<String> = {
        var prefixes: Set<String> = []
        for path in paths.union(refused.keys) {
            var parts = path.split(separator: ".")
            while parts.popLast() != nil, !parts.isEmpty {
                prefixes.insert(parts.joined(separator: "."))
            }
        }
        return prefixes
    }()
}
