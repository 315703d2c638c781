internal import Model

extension Record {
    /// `deploy` of a service.
    static let deploy = Record(
        "deploy",
        [
            Attribute("mode", .text), Attribute("replicas", .integer, keepsEmpty: true),
            Attribute("labels", .labels),
            Attribute("update_config", .record(update), keepsEmpty: true),
            Attribute("rollback_config", .record(update), keepsEmpty: true),
            Attribute("resources", .record(resources), isValue: true, absent: [:]),
            Attribute("restart_policy", .record(restart), keepsEmpty: true),
            Attribute("placement", .record(placement), isValue: true, absent: [:]),
            Attribute("endpoint_mode", .text),
        ]
    )

    private static let update = Record(
        "an update",
        [
            Attribute("parallelism", .count, keepsEmpty: true),
            Attribute("delay", .durationOrZero),
            Attribute("failure_action", .text), Attribute("monitor", .durationOrZero),
            Attribute("max_failure_ratio", .float()),
            Attribute("order", .word("start-first", "stop-first")),
        ]
    )

    private static let resources = Record(
        "deploy.resources",
        [
            Attribute("limits", .record(limits), keepsEmpty: true),
            Attribute("reservations", .record(reservations), keepsEmpty: true),
        ]
    )

    private static let limits = Record(
        "deploy.resources.limits",
        [
            Attribute("cpus", .float(cast: nil)), Attribute("memory", .size(.string)),
            Attribute("pids", .integer),
        ]
    )

    private static let reservations = Record(
        "deploy.resources.reservations",
        [
            Attribute("cpus", .float(cast: nil)), Attribute("memory", .size(.string)),
            Attribute("devices", .deviceRequests),
            Attribute("generic_resources", .records(generic)),
        ]
    )

    private static let generic = Record(
        "a generic resource",
        [Attribute("discrete_resource_spec", .record(discrete))]
    )

    private static let discrete = Record(
        "a discrete resource",
        [Attribute("kind", .text), Attribute("value", .integer([.number, .string]))]
    )

    private static let restart = Record(
        "deploy.restart_policy",
        [
            Attribute("condition", .text), Attribute("delay", .duration, keepsEmpty: true),
            Attribute("max_attempts", .count, keepsEmpty: true),
            Attribute("window", .duration, keepsEmpty: true),
        ]
    )

    private static let placement = Record(
        "deploy.placement",
        [
            Attribute("constraints", .texts(isSet: false)),
            Attribute("preferences", .records(preference)),
            Attribute("max_replicas_per_node", .count),
        ]
    )

    private static let preference = Record("a placement preference", [Attribute("spread", .text)])

    private static let requestAttributes: [Attribute] = [
        Attribute("capabilities", .texts()), Attribute("driver", .text),
        Attribute("count", .deviceCount), Attribute("device_ids", .texts()),
        Attribute("options", .labels),
    ]

    /// Devices that a service reserves.
    static let deviceRequest = Record(
        "a device request",
        requestAttributes.map {
            Attribute($0.name, $0.kind, required: $0.name == "capabilities")
        }
    )

    /// An element of `gpus`, in which Compose passes over what it doesn't know.
    static let gpu = Record("a gpu", requestAttributes, isOpen: true)
}
