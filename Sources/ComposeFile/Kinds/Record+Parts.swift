internal import Model

/// The long forms of what a service lists.
extension Record {
    /// A port that a container publishes.
    static let port = Record(
        "a port",
        [
            Attribute("name", .text), Attribute("mode", .text), Attribute("host_ip", .text),
            Attribute("target", .count), Attribute("published", .publishedPort),
            Attribute("protocol", .text), Attribute("app_protocol", .text),
        ]
    )

    /// Something that a container mounts.
    static let mount = Record(
        "a volume of a service",
        [
            Attribute(
                "type",
                .word("bind", "volume", "tmpfs", "cluster", "npipe", "image"),
                required: true
            ),
            Attribute("source", .text), Attribute("target", .text), Attribute("read_only", .flag),
            Attribute("consistency", .text), Attribute("bind", .record(bind), keepsEmpty: true),
            Attribute("volume", .record(volumeMount), keepsEmpty: true),
            Attribute("tmpfs", .record(memory), keepsEmpty: true),
            Attribute("image", .record(imageMount), keepsEmpty: true),
        ]
    )

    private static let bind = Record(
        "bind",
        [
            Attribute("selinux", .word("z", "Z")), Attribute("propagation", .text),
            Attribute("create_host_path", .unlessTrue, keepsEmpty: true),
            Attribute("recursive", .word("enabled", "disabled", "writable", "readonly")),
        ]
    )

    private static let volumeMount = Record(
        "volume",
        [
            Attribute("labels", .labels), Attribute("nocopy", .flag), Attribute("subpath", .text),
        ]
    )

    private static let memory = Record(
        "tmpfs",
        [
            Attribute("size", .size([.integer, .string], 0...Int.max)),
            Attribute("mode", .plainInteger(counts: true)),
        ]
    )

    private static let imageMount = Record("image", [Attribute("subpath", .text)])

    /// A config or secret of a service, as a file in its container.
    static let mountedFile = Record(
        "a config or secret of a service",
        [
            Attribute("source", .text), Attribute("target", .text), Attribute("uid", .text),
            Attribute("gid", .text), Attribute("mode", .fileMode, keepsEmpty: true),
        ]
    )

    /// A device of the node.
    static let device = Record(
        "a device",
        [
            Attribute("source", .text, required: true), Attribute("target", .text),
            Attribute("permissions", .text),
        ]
    )

    /// A file of variables.
    static let environmentFile = Record(
        "an env_file",
        [
            Attribute("path", .file, required: true),
            Attribute("required", .unlessTrue, keepsEmpty: true),
            Attribute("format", .text),
        ],
        isExtensible: false
    )

    /// How a service joins a network.
    static let attachment = Record(
        "a network of a service",
        [
            Attribute("aliases", .texts(identity: .whole)), Attribute("driver_opts", .options()),
            Attribute("gw_priority", .integer(.number)), Attribute("interface_name", .text),
            Attribute("ipv4_address", .text), Attribute("ipv6_address", .text),
            Attribute("link_local_ips", .texts(identity: .whole)),
            Attribute("mac_address", .text), Attribute("priority", .integer(.number)),
        ]
    )

    /// How a service uses a model.
    static let modelReference = Record(
        "a model of a service",
        [Attribute("endpoint_var", .text), Attribute("model_var", .text)]
    )

    /// What a service needs of another before it starts.
    static let dependency = Record(
        "a dependency",
        [
            Attribute(
                "condition",
                .word("service_started", "service_healthy", "service_completed_successfully"),
                required: true
            ),
            Attribute("restart", .flag),
            Attribute("required", .strictCastFlag, keepsEmpty: true),
        ]
    )

    /// The soft and hard limit of one kind.
    static let ulimit = Record(
        "a ulimit",
        [
            Attribute("soft", .integer, required: true, keepsZeroInYAML: true),
            Attribute("hard", .integer, required: true, keepsZeroInYAML: true),
        ]
    )

    /// The service of this or another file that a service builds on.
    static let extended = Record(
        "extends",
        [Attribute("service", .text, required: true), Attribute("file", .text)],
        isExtensible: false
    )
}
