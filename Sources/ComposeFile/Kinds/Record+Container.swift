internal import Model

extension Record {
    /// What services, jobs and `pre_start` hooks say of their container.
    static let container: [Attribute] = [
        Attribute("annotations", .labels),
        Attribute("blkio_config", .record(blockIO), keepsEmpty: true),
        Attribute("cap_add", .texts(identity: .name)),
        Attribute("cap_drop", .texts(identity: .name)),
        Attribute("cgroup_parent", .text),
        Attribute("cgroup", .word("host", "private")),
        Attribute("cpu_count", .integer([.integer, .string], 0...Int.max)),
        Attribute("cpu_percent", .float([.integer, .string], 0...100)),
        Attribute("cpu_period", .integer([.number, .string])),
        Attribute("cpu_quota", .integer([.number, .string])),
        Attribute("cpu_rt_period", .integer([.number, .string])),
        Attribute("cpu_rt_runtime", .integer([.number, .string])),
        Attribute("cpus", .float()),
        Attribute("cpuset", .text),
        Attribute("cpu_shares", .integer([.number, .string])),
        Attribute("command", .command, keepsEmpty: true, absent: .null),
        Attribute("configs", .files("")),
        Attribute("credential_spec", .record(credential), keepsEmpty: true),
        Attribute("device_cgroup_rules", .texts()),
        Attribute("devices", .devices),
        Attribute("dns", .textOrTexts(identity: .whole, dropsEmpty: true)),
        Attribute("dns_opt", .texts(identity: .whole, merging: .sequence)),
        Attribute("dns_search", .textOrTexts(identity: .whole, isLengthened: false)),
        Attribute("domainname", .text),
        Attribute("entrypoint", .command, keepsEmpty: true, absent: .null),
        Attribute("environment", .environment),
        Attribute("env_file", .environmentFiles),
        Attribute("extra_hosts", .hosts),
        Attribute("group_add", .groups),
        Attribute("gpus", .gpus),
        Attribute("hostname", .text),
        Attribute("image", .text),
        Attribute("init", .flag, keepsEmpty: true),
        Attribute("ipc", .text),
        Attribute("isolation", .text),
        Attribute("labels", .labels),
        Attribute("label_file", .textOrTexts(isSet: false, path: .file, merging: .files)),
        Attribute("logging", .record(logging, merging: .logging), keepsEmpty: true),
        Attribute("mem_limit", .size),
        Attribute("mem_reservation", .size([.string, .integer])),
        Attribute("memswap_limit", .size),
        Attribute("mem_swappiness", .size([.integer, .string])),
        Attribute("mac_address", .text),
        Attribute("models", .modelReferences),
        Attribute("network_mode", .text),
        Attribute("networks", .attachments),
        Attribute("oom_kill_disable", .flag),
        Attribute("oom_score_adj", .integer([.integer, .string], -1000...1000)),
        Attribute("pid", .textOrNull),
        Attribute("pids_limit", .integer([.number, .string])),
        Attribute("platform", .text),
        Attribute("privileged", .flag),
        Attribute("pull_policy", .pullPolicy),
        Attribute("pull_refresh_after", .text),
        Attribute("read_only", .flag),
        Attribute("runtime", .text),
        Attribute("secrets", .files("/run/secrets")),
        Attribute("security_opt", .texts()),
        Attribute("shm_size", .size),
        Attribute("stop_grace_period", .duration, keepsEmpty: true),
        Attribute("stop_signal", .text),
        Attribute("storage_opt", .options([.string, .number, .null])),
        Attribute("sysctls", .labels),
        Attribute("tmpfs", .textOrTexts(identity: .name, isLengthened: false)),
        Attribute("ulimits", .ulimits),
        Attribute("use_api_socket", .strictFlag),
        Attribute("user", .text),
        Attribute("userns_mode", .text),
        Attribute("uts", .text),
        Attribute("volumes", .mounts),
        Attribute("volumes_from", .texts()),
        Attribute("working_dir", .text),
    ]

    private static let blockIO = Record(
        "blkio_config",
        [
            Attribute("weight", .plainInteger([.integer, .string], counts: true)),
            Attribute("weight_device", weights),
            Attribute("device_read_bps", .records(rate)),
            Attribute("device_read_iops", .records(rate)),
            Attribute("device_write_bps", .records(rate)),
            Attribute("device_write_iops", .records(rate)),
        ],
        isExtensible: false
    )

    /// Weights of devices, zero where none is given.
    private static let weights = Kind(
        list: ListRule(
            Kind(
                mapping: .record(weight),
                settled: { $0.node.defaulting("weight", to: .integer(0)) }
            )
        )
    )

    private static let weight = Record(
        "a weight of a device",
        [
            Attribute("path", .text, absent: "", printed: "Path"),
            Attribute(
                "weight",
                .plainInteger([.integer, .string], counts: true),
                keepsEmpty: true,
                printed: "Weight"
            ),
        ],
        isExtensible: false
    )

    private static let rate = Record(
        "a rate of a device",
        [
            Attribute("path", .text, absent: "", printed: "Path"),
            Attribute("rate", .size([.integer, .string]), absent: "0", printed: "Rate"),
        ],
        isExtensible: false
    )

    private static let credential = Record(
        "credential_spec",
        [Attribute("config", .text), Attribute("file", .text), Attribute("registry", .text)]
    )

    private static let logging = Record(
        "logging",
        [
            Attribute("driver", .text),
            Attribute("options", .options([.string, .number, .null])),
        ]
    )
}
