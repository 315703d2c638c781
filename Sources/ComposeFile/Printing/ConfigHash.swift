internal import Model
internal import YAMLTree

/// The hash by which Docker Compose knows whether a container is what its service says.
///
/// Source: Docker Compose 5.6's `ServiceHash`, `NetworkHash` and `VolumeHash`: SHA-256 of Go's
/// compact JSON. The order of a service's members is that of compose-go before 2.16, so that
/// containers of older versions stay what they are.
enum ConfigHash {
    private static let order = """
        annotations attach develop blkio_config cap_add cap_drop cgroup_parent cgroup cpu_count \
        cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpus cpuset cpu_shares \
        command configs container_name credential_spec deploy device_cgroup_rules devices dns \
        dns_opt dns_search domainname entrypoint provider environment env_file expose extends \
        external_links extra_hosts group_add gpus hostname healthcheck image init ipc isolation \
        labels label_file links logging mem_limit mem_reservation memswap_limit mem_swappiness \
        mac_address models network_mode networks oom_kill_disable oom_score_adj pid pids_limit \
        platform ports privileged read_only restart runtime secrets security_opt shm_size \
        stdin_open stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits \
        use_api_socket user userns_mode uts volumes volumes_from working_dir pre_start \
        post_start pre_stop
        """.split(separator: " ").map(String.init)

    /// The hash of a service of a settled model.
    static func of(service: Node) -> String {
        guard case .mapping(let members) = Printed(service, .record(.service), .json) else {
            return ""
        }
        let byName = Dictionary(members.map { ($0.key, $0.value) }) { first, _ in first }
        let kept = order.compactMap { name -> (key: String, value: Printed)? in
            guard let value = byName[name] else { return nil }
            return (name, name == "deploy" ? value.without("replicas") : value)
        }
        return SHA256Hex.of(GoJSON.compact(.mapping(kept)))
    }

    /// The hash of a network or a volume of a settled model.
    static func of(_ node: Node, _ kind: Kind, adding members: [(String, Node)] = []) -> String {
        var node = node
        for (key, value) in members where node[key] == nil {
            node = node.setting(key, to: value)
        }
        return SHA256Hex.of(GoJSON.compact(Printed(node, kind, .json)))
    }
}

extension Printed {
    fileprivate func without(_ name: String) -> Printed {
        guard case .mapping(let members) = self else { return self }
        return .mapping(members.filter { $0.key != name })
    }
}

extension ComposeProject {
    /// Compose's `config-hash` of every service.
    package var configHashes: [String: String] {
        Dictionary(
            (model["services"]?.entries ?? []).map { ($0.key, ConfigHash.of(service: $0.value)) }
        ) { first, _ in first }
    }
}
