internal import Model

/// The attributes of a service.
///
/// Source: the Compose specification's schema, version 2.16.1 of compose-go.
extension Schema where Target == ServiceDraft {
    static let service = Schema(
        "a service",
        handled: container + runtime + limits + privileges,
        refused: serviceRefused
    )

    private static let container: [Attribute] = [
        Attribute("image") { $1.service.image = $0.nonEmptyString ?? "" },
        Attribute("command") { $1.service.command = $0.command },
        Attribute("entrypoint") { $1.service.entrypoint = $0.command },
        Attribute("environment") { $1.environment = $0.environment ?? [:] },
        Attribute("env_file") { $1.environmentFiles = $0.environmentFiles },
        Attribute("labels") { $1.service.labels = $0.labels ?? [:] },
        Attribute("user") { $1.service.user = $0.string },
        Attribute("working_dir") { $1.service.workingDirectory = $0.string },
        Attribute("hostname") { $1.service.hostname = $0.string },
        Attribute("read_only") { $1.service.readOnly = $0.bool ?? false },
        Attribute("init") { $1.service.initProcess = $0.bool },
        Attribute("tty") { $1.service.tty = $0.bool ?? false },
        Attribute("volumes") { $0.readVolumes(into: &$1.service) },
        Attribute("tmpfs") { $0.readTemporaryFileSystems(into: &$1.service) },
    ]

    private static let runtime: [Attribute] = [
        Attribute("ports") { $1.service.ports = $0.ports },
        Attribute("expose") { $1.service.expose = $0.exposedPorts },
        Attribute("networks") { $1.service.networks = $0.attachments },
        Attribute("links") { $1.service.links = $0.links },
        Attribute("depends_on") { $1.service.dependsOn = $0.dependencies },
        Attribute("healthcheck") { $1.service.healthcheck = $0.healthcheck },
        Attribute("restart") { $1.service.restart = $0.restartPolicy },
        Attribute("stop_signal") { $1.service.stopSignal = $0.nonEmptyString },
        Attribute("stop_grace_period") { $1.service.stopGracePeriod = $0.duration },
        Attribute("scale") { $1.scale = $0.count },
        Attribute("deploy") { value, draft in
            // `deploy:` without a value is as if it weren't written.
            if !value.isNull { Schema.deploy.read(value, into: &draft) }
        },
    ]

    private static let limits: [Attribute] = [
        Attribute("mem_limit") { $1.resources.memory = $0.size },
        Attribute("mem_reservation") { $1.resources.reservedMemory = $0.size },
        Attribute("cpus") { $1.resources.nanoCPUs = $0.nanoCPUs },
        Attribute("pids_limit") { $1.resources.pids = $0.limit },
    ]

    /// What Admission denies; read here so that it can say where.
    private static let privileges: [Attribute] = [
        Attribute("cap_add") { $1.service.capAdd = $0.recordedStrings },
        Attribute("cap_drop") { $1.service.capDrop = $0.recordedStrings },
        Attribute("privileged") { $1.service.privileges.privileged = $0.bool ?? false },
        Attribute("devices") { $1.service.privileges.devices = $0.devices },
        Attribute("security_opt") { $1.service.privileges.securityOptions = $0.recordedStrings },
        Attribute("network_mode") { $1.service.privileges.namespaces[$0.name] = $0.nonEmptyString },
        Attribute("pid") { $1.service.privileges.namespaces[$0.name] = $0.nonEmptyString },
        Attribute("ipc") { $1.service.privileges.namespaces[$0.name] = $0.nonEmptyString },
        Attribute("uts") { $1.service.privileges.namespaces[$0.name] = $0.nonEmptyString },
        Attribute("userns_mode") { $1.service.privileges.namespaces[$0.name] = $0.nonEmptyString },
        Attribute("cgroup") { $1.service.privileges.namespaces[$0.name] = $0.cgroup },
    ]

    private static let serviceRefused: [String: String] = [
        "build": "build the image in CI, push it to a registry and name it in image:",
        "container_name": "remove it; Gyre names containers after project, stack and service",
        "develop": "remove it; it is for working on one's own machine",
        "extends": "write the attributes of the extended service out",
        "profiles": "remove it, or put the service into a stack of its own",
        "secrets": "hold the value in env_file, or mount a granted path of the node",
        "configs": "build the file into the image, or mount a granted path of the node",
        "volumes_from": "name the volumes of the other service in volumes:",
        "external_links": "put both services into one stack",
        "label_file": "write the labels in labels:",
        "pull_policy": "remove it; Gyre pulls when what image: means has changed",
        "pull_refresh_after": "remove it; Gyre pulls when what image: means has changed",
        "provider": "remove it; Gyre runs containers alone",
        "models": "run the model as a service",
        "attach": "remove it; Gyre attaches to no container",
        "mac_address": remove, "annotations": remove, "blkio_config": remove,
        "cgroup_parent": remove, "cpu_count": remove, "cpu_percent": remove,
        "cpu_period": "write cpus:", "cpu_quota": "write cpus:", "cpu_rt_period": remove,
        "cpu_rt_runtime": remove, "cpu_shares": "write cpus:", "cpuset": remove,
        "credential_spec": remove, "device_cgroup_rules": remove, "dns": remove,
        "dns_opt": remove, "dns_search": remove, "domainname": remove, "extra_hosts": remove,
        "gpus": remove, "group_add": remove, "isolation": remove, "logging": remove,
        "mem_swappiness": remove, "memswap_limit": "write mem_limit: alone",
        "oom_kill_disable": remove, "oom_score_adj": remove, "platform": remove,
        "post_start": remove, "pre_start": remove, "pre_stop": remove, "runtime": remove,
        "shm_size": "mount tmpfs: at /dev/shm", "stdin_open": remove, "storage_opt": remove,
        "sysctls": remove, "ulimits": remove, "use_api_socket": remove,
    ]

    private static let serviceGone: [String: String] = [
        "net": "write networks:", "log_driver": "remove it", "log_opt": "remove it",
        "dockerfile": "build the image in CI and name it in image:",
        "volume_driver": "declare the volume under volumes: at the top",
    ]

    private static let remove = "remove it if the service can do without"
}
