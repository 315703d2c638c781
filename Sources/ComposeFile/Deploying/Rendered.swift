/// What of the model Gyre can make of an engine, and what to write instead of the rest.
///
/// The one place that says it: what a file writes and no line here names is refused where a stack
/// is loaded to be run, with its place, and never dropped in silence. Whoever teaches the renderer
/// an attribute adds its line here. `docker compose config` prints all of it meanwhile.
enum Rendered {
    /// Paths of the model.
    ///
    /// In a path `*` is any name or any element. All that stands below a path is named
    /// with it, unless a path of `refused` goes deeper.
    static let paths: Set<String> = Set(
        """
        services.*.image services.*.command services.*.entrypoint services.*.environment
        services.*.env_file services.*.labels services.*.label_file services.*.user
        services.*.working_dir services.*.hostname services.*.read_only services.*.init
        services.*.tty services.*.tmpfs services.*.expose services.*.links services.*.depends_on
        services.*.restart services.*.stop_signal services.*.stop_grace_period services.*.scale
        services.*.profiles services.*.mem_limit services.*.mem_reservation services.*.cpus
        services.*.pids_limit services.*.cap_add services.*.cap_drop services.*.privileged
        services.*.devices services.*.security_opt services.*.network_mode services.*.pid
        services.*.ipc services.*.uts services.*.userns_mode services.*.cgroup
        services.*.ports.*.target services.*.ports.*.published services.*.ports.*.protocol
        services.*.ports.*.host_ip services.*.ports.*.mode
        services.*.volumes.*.type services.*.volumes.*.source services.*.volumes.*.target
        services.*.volumes.*.read_only services.*.volumes.*.tmpfs
        services.*.networks.*.aliases
        services.*.healthcheck.test services.*.healthcheck.interval services.*.healthcheck.timeout
        services.*.healthcheck.start_period services.*.healthcheck.retries
        services.*.healthcheck.disable
        services.*.deploy.replicas services.*.deploy.resources.limits.cpus
        services.*.deploy.resources.limits.memory services.*.deploy.resources.limits.pids
        services.*.deploy.resources.reservations.cpus
        services.*.deploy.resources.reservations.memory
        services.*.group_add services.*.sysctls services.*.ulimits services.*.extra_hosts
        services.*.logging services.*.shm_size services.*.oom_score_adj
        services.*.oom_kill_disable services.*.memswap_limit services.*.mem_swappiness
        services.*.cpu_shares services.*.cpuset services.*.domainname services.*.stdin_open
        services.*.dns services.*.dns_opt services.*.dns_search
        services.*.container_name services.*.volumes_from services.*.platform
        services.*.annotations services.*.cpu_quota services.*.cpu_period
        services.*.cpu_rt_period services.*.cpu_rt_runtime services.*.blkio_config
        services.*.deploy.placement.constraints services.*.gpus
        services.*.deploy.resources.reservations.devices services.*.device_cgroup_rules
        services.*.healthcheck.start_interval services.*.volumes.*.volume.nocopy
        services.*.volumes.*.volume.subpath
        services.*.networks.*.ipv4_address services.*.networks.*.ipv6_address
        services.*.networks.*.priority services.*.deploy.mode
        services.*.deploy.restart_policy.condition services.*.deploy.restart_policy.max_attempts
        services.*.networks.*.gw_priority services.*.networks.*.interface_name
        services.*.networks.*.mac_address services.*.networks.*.link_local_ips
        services.*.networks.*.driver_opts services.*.mac_address
        services.*.runtime services.*.cgroup_parent services.*.storage_opt
        services.*.volumes.*.bind.create_host_path services.*.volumes.*.bind.propagation
        services.*.volumes.*.bind.recursive services.*.volumes.*.bind.selinux
        services.*.volumes.*.volume.labels services.*.deploy.placement.max_replicas_per_node
        networks.*.name networks.*.driver networks.*.driver_opts networks.*.internal
        networks.*.labels networks.*.external networks.*.ipam networks.*.attachable
        networks.*.enable_ipv4 networks.*.enable_ipv6
        volumes.*.name volumes.*.driver volumes.*.driver_opts volumes.*.labels
        volumes.*.external
        services.*.configs
        configs.*.file configs.*.content configs.*.environment configs.*.external configs.*.name
        services.*.secrets
        services.*.deploy.update_config.parallelism services.*.deploy.update_config.delay
        services.*.deploy.update_config.failure_action services.*.deploy.update_config.monitor
        services.*.deploy.update_config.max_failure_ratio services.*.deploy.update_config.order
        services.*.deploy.rollback_config.parallelism services.*.deploy.rollback_config.delay
        services.*.deploy.rollback_config.monitor services.*.deploy.rollback_config.order
        secrets.*.file secrets.*.environment secrets.*.external secrets.*.name
        """.split { $0 == " " || $0 == "\n" }.map(String.init)
    )

    /// Paths of what changes nothing, most of it where there is no Swarm: taken, with a warning.
    static let idle: Set<String> = [
        "services.*.attach", "services.*.ports.*.name", "services.*.ports.*.app_protocol",
        "services.*.deploy.endpoint_mode", "services.*.deploy.restart_policy.delay",
        "services.*.deploy.rollback_config.failure_action",
        "services.*.deploy.rollback_config.max_failure_ratio",
        "services.*.deploy.restart_policy.window", "services.*.volumes.*.consistency",
        "services.*.pull_policy", "services.*.pull_refresh_after",
        "services.*.cpu_count", "services.*.cpu_percent",
        "services.*.deploy.placement.preferences", "services.*.isolation",
        "secrets.*.labels", "configs.*.labels", "services.*.deploy.labels", "services.*.develop",
    ]

    /// What a warning says of an idle path that no Swarm would heed either.
    static let reasons: [String: String] = [
        "services.*.pull_policy": "changes nothing: Gyre pulls when what image: means has changed",
        "services.*.pull_refresh_after":
            "changes nothing: Gyre pulls when what image: means has changed",
        "services.*.cpu_count": "changes nothing: Windows alone has it",
        "services.*.cpu_percent": "changes nothing: Windows alone has it",
        "services.*.isolation": "changes nothing: Windows alone has others than default",
        "services.*.deploy.rollback_config.failure_action": triedAgain,
        "services.*.deploy.rollback_config.max_failure_ratio": triedAgain,
        "services.*.develop": "changes nothing: it is for working on one's own machine",
    ]

    private static let triedAgain =
        "changes nothing without Swarm: going back is tried again until it is through"

    /// What to write instead of a path that isn't there.
    static let fixes: [String: String] = [
        "jobs": "write a service with restart: \"no\"",
        "models": "run the models as services",
        "services.*.build": "build the image in CI, push it to a registry and name it in image:",
        "services.*.credential_spec": "remove it; Windows alone has it",
        "services.*.external_links":
            "put both services into one stack, or join a network of the other with external: true",
        "services.*.isolation": "remove it; Windows alone has others than default",
        "services.*.provider": "remove it; Gyre runs containers alone",
        "services.*.models": "run the model as a service",
        "services.*.post_start": "let the image's entrypoint or another service do it",
        "services.*.pre_stop": "let the program do it when it gets its stop_signal",
        "services.*.pre_start":
            "write a service with restart: \"no\", and wait for it in depends_on",
        "services.*.deploy.resources.reservations.generic_resources":
            "remove it; no grant says whose such devices are",
        "services.*.use_api_socket": "remove it; what a stack runs does not reach its engine",
        "services.*.volumes.*.image":
            "copy the files into the image of the service, with COPY --from in its Dockerfile",
        "secrets.*.driver": "remove it, write file:, and commit what it names",
        "secrets.*.driver_opts": "remove it; it is for driver:",
        "secrets.*.template_driver": "remove it, and commit what the template comes to",
        "configs.*.template_driver": "remove it, and commit what the template comes to",
    ]

    /// Whether all of what stands at `path` is rendered.
    static func isWhole(_ path: String) -> Bool { paths.contains(path) || idle.contains(path) }

    /// Whether some of what stands below `path` is rendered.
    static func isPart(_ path: String) -> Bool { prefixes.contains(path) }

    /// Every path on the way to a rendered one.
    private static let prefixes: Set<String> = {
        var prefixes: Set<String> = [
            "services.*.volumes.*.bind", "services.*.volumes.*.volume",
        ]
        for path in paths.union(idle) {
            var parts = path.split(separator: ".")
            while parts.popLast() != nil, !parts.isEmpty {
                prefixes.insert(parts.joined(separator: "."))
            }
        }
        return prefixes
    }()

    /// What to do where nothing better is known.
    static let remove = "remove it if the service can do without"
}
