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
        post_start pre_stop pull_refresh_after
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
        hashes("services") { ConfigHash.of(service: $0) }
    }

    /// The same as Docker Compose writes it on containers: there a container that is no service's
    /// is named in `volumes_from` by its name alone, and the engine's socket is written out.
    package var createdHashes: [String: String] {
        hashes("services") { ConfigHash.of(service: $0.withEngineSocket.withOthersContainers) }
    }

    /// Compose's `config-hash` of every network.
    package var networkHashes: [String: String] {
        let kind = Record.file["networks"]?.kind.member("") ?? .anything
        return hashes("networks") { ConfigHash.of($0, kind) }
    }

    /// Compose's `config-hash` of every volume.
    package var volumeHashes: [String: String] {
        let kind = Record.file["volumes"]?.kind.member("") ?? .anything
        return hashes("volumes") { node in
            let driver = Node(.text("local"), like: node)
            return ConfigHash.of(node, kind, adding: [("driver", driver)])
        }
    }

    /// What of `part`, such as `services`, holds a path of the folder that it was read from, so
    /// that its hash is another one elsewhere.
    package func placed(in part: String) -> Set<String> {
        let home = environment["HOME"].map { $0 + "/" } ?? "~/"
        let entries = model[part]?.entries ?? []
        return Set(entries.filter { $0.value.holdsPath(outside: home) }.map(\.key))
    }

    private func hashes(_ part: String, _ hash: (Node) -> String) -> [String: String] {
        Dictionary(
            (model[part]?.entries ?? []).map { ($0.key, hash($0.value)) }
        ) { first, _ in first }
    }
}

extension Node {
    fileprivate var withOthersContainers: Node {
        guard let sources = self["volumes_from"]?.elements else { return self }
        let named = sources.map { source -> Node in
            let parts = (source.string ?? "").split(separator: ":").map(String.init)
            guard parts.count > 1, parts[0] == "container" else { return source }
            return Node(.text(parts[1]), like: source)
        }
        return setting("volumes_from", to: Node(.sequence(named), location: location))
    }

    /// A service that uses the engine's socket has what that means written out where Docker Compose
    /// hashes it.
    fileprivate var withEngineSocket: Node {
        guard self["use_api_socket"]?.scalar == .bool(true) else { return self }
        func mapping(_ members: [(String, String)]) -> Node {
            let entries = members.map { key, text in
                Entry(key: key, location: location, value: Node(.text(text), like: self))
            }
            return Node(.mapping(entries), location: location)
        }
        func list(_ name: String, adding members: [(String, String)]) -> Node {
            Node(
                .sequence((self[name]?.elements ?? []) + [mapping(members)]),
                location: location
            )
        }
        let socket = "/var/run/docker.sock"
        let folder = "/run/secrets/docker"
        let environment = self["environment"] ?? Node(.mapping([]), location: location)
        return setting(
            "volumes",
            to: list("volumes", adding: [("type", "bind"), ("source", socket), ("target", socket)])
        ).setting(
            "configs",
            to: list(
                "configs",
                adding: [("source", "#apisocket"), ("target", folder + "/config.json")]
            )
        ).setting(
            "environment",
            to: environment.setting("DOCKER_CONFIG", to: Node(.text(folder), like: self))
        )
    }

    fileprivate func holdsPath(outside home: String) -> Bool {
        switch content {
        case .scalar(let text, _): marks.contains(.rooted) && !text.hasPrefix(home)
        case .sequence(let elements): elements.contains { $0.holdsPath(outside: home) }
        case .mapping(let entries): entries.contains { $0.value.holdsPath(outside: home) }
        }
    }
}
