internal import Model
internal import YAMLTree

/// What `docker stack` refuses of a file before it reads what the file means.
///
/// Source: docker/cli 28, `cli/compose/loader` and its schema 3.13: attributes that need one engine
/// are forbidden, those of the newer specification unknown.
struct SwarmFiles {
    private let loading: Loading

    init(_ loading: Loading) { self.loading = loading }

    func check(_ paths: [String]) {
        for path in paths {
            for document in loading.documents(path) {
                check(Value(document, at: FieldPath(), in: loading))
            }
        }
    }

    private func check(_ file: Value) {
        if let version = file["version"], let text = version.node.text,
            !text.isEmpty, text.split(separator: ".").first != "3"
        {
            refuse(version, "unsupported Compose file version: \(text)")
        }
        for part in file.members where !SwarmFiles.parts.contains(part.name) {
            guard !part.name.hasPrefix("x-") else { continue }
            refuse(part, "(root) Additional property \(part.name) is not allowed")
        }
        for service in file["services"]?.members ?? [] {
            for attribute in service.members { check(attribute, of: service.name) }
        }
    }

    private func check(_ attribute: Value, of service: String) {
        let name = attribute.name
        if let instead = SwarmFiles.forbidden[name] {
            return refuse(
                attribute,
                "Compose file contains unsupported options: \(name): \(instead)"
            )
        }
        guard SwarmFiles.attributes.contains(name) || name.hasPrefix("x-") else {
            return refuse(
                attribute,
                "services.\(service) Additional property \(name) is not allowed"
            )
        }
        if name == "depends_on", !attribute.isList {
            refuse(attribute, "services.\(service).depends_on must be a list")
        }
    }

    private func refuse(_ value: Value, _ message: String) {
        loading.report(
            "not-for-swarm",
            message,
            at: value.keyLocation,
            field: value.path,
            fix: "remove it, or deploy to one engine"
        )
    }

    private static let parts: Set<String> = [
        "version", "services", "networks", "volumes", "secrets", "configs", "name",
    ]

    private static let forbidden = [
        "extends": "services of one file can't extend others",
        "volume_driver": "declare the volume at the top with its driver",
        "volumes_from": "declare the volume at the top and name it in each service",
        "cpu_quota": "write deploy.resources", "cpu_shares": "write deploy.resources",
        "cpuset": "write deploy.resources", "mem_limit": "write deploy.resources",
        "memswap_limit": "write deploy.resources",
    ]

    private static let attributes: Set<String> = Set(
        """
        build cap_add cap_drop cgroupns_mode cgroup_parent command configs container_name
        credential_spec depends_on deploy devices dns dns_search domainname entrypoint env_file
        environment expose external_links extra_hosts healthcheck hostname image init ipc isolation
        labels links logging mac_address network_mode networks oom_score_adj pid ports privileged
        profiles read_only restart security_opt shm_size secrets stdin_open stop_grace_period
        stop_signal sysctls tmpfs tty ulimits user userns_mode volumes working_dir
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
    )
}
