internal import Model

/// `deploy` and what stands below it.
extension Schema where Target == ServiceDraft {
    static let deploy = Schema(
        "deploy",
        handled: [
            Attribute("replicas") { $1.replicas = $0.count },
            Attribute("placement") { value, _ in
                value.checkEmpty(fix: "remove it; the operator assigns stacks to nodes")
            },
            Attribute("resources") { Schema.resources.read($0, into: &$1) },
        ],
        refused: [
            "mode": "remove it; a service runs deploy.replicas containers",
            "endpoint_mode": "remove it; it is for Swarm",
            "labels": "write labels: of the service, which are its containers'",
            "update_config": "remove it; new containers are judged before old ones go",
            "rollback_config": "remove it; a version that fails is rolled back",
            "restart_policy": "write restart: of the service",
        ]
    )

    private static let resources = Schema(
        "deploy.resources",
        handled: [
            Attribute("limits") { value, draft in
                var limits = Service.Resources()
                Schema<Service.Resources>.limits.read(value, into: &limits)
                draft.limits = limits
            },
            Attribute("reservations") { value, draft in
                var reservations = Service.Resources()
                Schema<Service.Resources>.reservations.read(value, into: &reservations)
                draft.reservations = reservations
            },
        ]
    )
}

extension Schema where Target == Service.Resources {
    fileprivate static let limits = Schema(
        "deploy.resources.limits",
        handled: [
            Attribute("cpus") { $1.nanoCPUs = $0.nanoCPUs },
            Attribute("memory") { $1.memory = $0.size },
            Attribute("pids") { $1.pids = $0.limit },
        ]
    )

    fileprivate static let reservations = Schema(
        "deploy.resources.reservations",
        handled: [
            Attribute("cpus") { $1.reservedNanoCPUs = $0.nanoCPUs },
            Attribute("memory") { $1.reservedMemory = $0.size },
        ],
        refused: [
            "devices": "remove it; devices are not granted",
            "generic_resources": "remove it; it is for Swarm",
        ]
    )
}
