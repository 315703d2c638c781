internal import Model

extension Record {
    /// How an image is built; Gyre builds none, but says what a file asks for.
    static let build = Record(
        "build",
        [
            Attribute("context", Kind(scalar: Kind.text.scalar, path: .context)),
            Attribute("dockerfile", .text), Attribute("dockerfile_inline", .text),
            Attribute("entitlements", .texts(isSet: false)), Attribute("args", .pairs()),
            Attribute("provenance", .flagText), Attribute("sbom", .flagText),
            Attribute("ssh", .agents), Attribute("labels", .labels),
            Attribute("cache_from", .texts(isSet: false)),
            Attribute("cache_to", .texts(isSet: false)), Attribute("no_cache", .flag),
            Attribute("no_cache_filter", .textOrTexts()),
            Attribute("additional_contexts", .contexts), Attribute("pull", .flag),
            Attribute("extra_hosts", .hosts), Attribute("isolation", .text),
            Attribute("network", .text), Attribute("target", .text),
            Attribute("secrets", .files(nil)), Attribute("shm_size", .size([.integer, .string])),
            Attribute("tags", .texts(isSet: false, identity: .whole)),
            Attribute("ulimits", .ulimits),
            Attribute("platforms", .texts(isSet: false, identity: .whole)),
            Attribute("privileged", .flag),
        ]
    )

    /// What `docker compose watch` looks at.
    static let watch = Record(
        "a watch",
        [
            Attribute("path", .file, required: true),
            Attribute(
                "action",
                .word("rebuild", "sync", "restart", "sync+restart", "sync+exec"),
                required: true
            ),
            Attribute("target", .text),
            Attribute("exec", .record(hook), absent: ["command": .null]),
            Attribute("include", .textOrTexts()), Attribute("ignore", .textOrTexts()),
            Attribute("initial_sync", .strictFlag),
        ]
    )
}
