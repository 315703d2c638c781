internal import Model

extension Record {
    /// A service: what is its own, then its container, then its workload.
    static let service = Record(
        "a service",
        own + container + workload,
        gone: [
            "net": "write networks:", "log_driver": "write logging:", "log_opt": "write logging:",
            "dockerfile": "write build:", "volume_driver": "declare the volume at the top",
        ]
    )

    /// A job, new in Docker Compose 5.6: a container that runs when it is asked to.
    static let job = Record(
        "a job",
        [
            Attribute("profiles", .texts(identity: .whole)),
            Attribute("triggers", .record(triggers), required: true),
        ] + container + workload
    )

    /// A container that runs before a service's own.
    static let preStart = Record(
        "a pre_start hook",
        container + [Attribute("per_replica", .flag)]
    )

    private static let own: [Attribute] = [
        Attribute("profiles", .texts(identity: .whole)),
        Attribute("deploy", .deploy, keepsEmpty: true),
        Attribute("develop", .develop, keepsEmpty: true),
        Attribute("restart", .text),
        Attribute("scale", .integer, keepsEmpty: true),
        Attribute("attach", .flag, keepsEmpty: true),
        Attribute("container_name", .containerName),
        Attribute("provider", .record(provider), keepsEmpty: true),
        Attribute("external_links", .texts()),
        Attribute("links", .texts(identity: .name)),
        Attribute("extends", .extends),
        Attribute("pre_start", .records(preStart)),
        Attribute("post_start", .records(hook)),
        Attribute("pre_stop", .records(hook)),
    ]

    private static let workload: [Attribute] = [
        Attribute("build", .build, keepsEmpty: true),
        Attribute("depends_on", .dependencies),
        Attribute("expose", .exposedPorts),
        Attribute("healthcheck", .record(healthcheck), keepsEmpty: true),
        Attribute("ports", .ports),
        Attribute("stdin_open", .flag),
        Attribute("tty", .flag),
    ]

    private static let healthcheck = Record(
        "a healthcheck",
        [
            Attribute("test", .healthTest), Attribute("timeout", .duration, keepsEmpty: true),
            Attribute("interval", .duration, keepsEmpty: true),
            Attribute(
                "retries",
                .integer([.number, .string], counts: true),
                keepsEmpty: true
            ),
            Attribute("start_period", .duration, keepsEmpty: true),
            Attribute("start_interval", .duration, keepsEmpty: true), Attribute("disable", .flag),
        ]
    )

    /// A command in a container that is already there.
    static let hook = Record(
        "a hook",
        [
            Attribute("command", .command, required: true, keepsEmpty: true, absent: .null),
            Attribute("user", .text), Attribute("privileged", .flag),
            Attribute("working_dir", .text), Attribute("environment", .environment),
        ]
    )

    private static let provider = Record(
        "a provider",
        [
            Attribute("type", .text, required: true), Attribute("options", .providerOptions),
        ]
    )

    private static let triggers = Record(
        "the triggers of a job",
        [
            Attribute("manual", .flag, keepsEmpty: true),
            Attribute("schedule", .records(schedule, short: { $0.asMember("cron") })),
        ]
    )

    private static let schedule = Record(
        "a schedule",
        [
            Attribute("cron", .text, required: true), Attribute("timezone", .text),
            Attribute("concurrency", .word("forbid", "queue")),
            Attribute("missed_fires", .word("one", "skip")),
        ]
    )
}
