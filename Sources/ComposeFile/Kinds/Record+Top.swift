internal import Model

extension Record {
    /// The top of a compose file.
    static let file = Record(
        "a compose file",
        [
            Attribute("name", .text), Attribute("version", .text),
            Attribute("include", .inclusions),
            Attribute("services", .table(.record(service))),
            Attribute("jobs", .table(.record(job))),
            Attribute("networks", .table(.declaration(network))),
            Attribute("volumes", .table(.declaration(volume, path: .volume))),
            Attribute("secrets", .table(.record(secret))),
            Attribute("configs", .table(.record(config))),
            Attribute("models", .table(.record(model))),
        ]
    )

    /// An element of `include`.
    static let inclusion = Record(
        "an include",
        [
            Attribute("path", .includedFiles), Attribute("project_directory", .textOrNull),
            Attribute("env_file", .includedFiles),
        ],
        isExtensible: false,
        isOpen: true
    )

    private static let network = Record(
        "a network",
        [
            Attribute("name", .text), Attribute("driver", .text),
            Attribute("driver_opts", .options()),
            Attribute("ipam", .record(addresses), isValue: true, absent: [:]),
            Attribute("external", .external), Attribute("internal", .flag),
            Attribute("attachable", .flag), Attribute("labels", .labels),
            Attribute("enable_ipv4", .flag, keepsEmpty: true),
            Attribute("enable_ipv6", .flag, keepsEmpty: true),
        ]
    )

    private static let addresses = Record(
        "ipam",
        [
            Attribute("driver", .text), Attribute("config", .pools),
            Attribute("options", Kind(mapping: .named(.text, .some))),
        ]
    )

    /// A range of addresses.
    static let pool = Record(
        "an ipam config",
        [
            Attribute("subnet", .text), Attribute("gateway", .text), Attribute("ip_range", .text),
            Attribute("aux_addresses", Kind(mapping: .named(.text, .some))),
        ]
    )

    private static let volume = Record(
        "a volume",
        [
            Attribute("name", .text), Attribute("driver", .text),
            Attribute("driver_opts", .options()), Attribute("external", .external),
            Attribute("labels", .labels),
        ]
    )

    private static let secret = Record(
        "a secret",
        [
            Attribute("name", .text), Attribute("file", .storedFile),
            Attribute("environment", .text),
            Attribute("external", .external), Attribute("labels", .labels),
            Attribute("driver", .text), Attribute("driver_opts", .options()),
            Attribute("template_driver", .text),
        ]
    )

    private static let config = Record(
        "a config",
        [
            Attribute("name", .text), Attribute("file", .storedFile),
            Attribute("environment", .text),
            Attribute("content", .text), Attribute("external", .external),
            Attribute("labels", .labels), Attribute("template_driver", .text),
        ]
    )

    private static let model = Record(
        "a model",
        [
            Attribute("name", .text), Attribute("model", .text, required: true),
            Attribute("context_size", Kind(scalar: ScalarRule(types: .integer))),
            Attribute("runtime_flags", .texts(isSet: false)),
        ]
    )
}
