internal import Model

/// One service's create body for a Swarm.
struct SwarmService {
    private let service: Service
    private let key: String
    private let scope: SwarmScope
    private let deployment: Service.Deployment

    init(_ service: Service, _ key: String, _ scope: SwarmScope) {
        self.service = service
        self.key = key
        self.scope = scope
        deployment = service.deployment ?? Service.Deployment()
    }

    var body: JSON {
        get throws(SwarmRefusal) {
            var labels = scope.labels(deployment.labels).objectValue ?? [:]
            labels["com.docker.stack.image"] = .string(service.image)
            return .members([
                "EndpointSpec": endpoints,
                "Labels": .object(labels),
                "Mode": try mode,
                "Name": .string("\(scope.name)_\(key)"),
                "RollbackConfig": deployment.rollback.map(update),
                "TaskTemplate": try task,
                "UpdateConfig": deployment.update.map(update),
            ])
        }
    }

    private var mode: JSON {
        get throws(SwarmRefusal) {
            let replicas = deployment.replicas.map(JSON.int)
            switch deployment.mode ?? "replicated" {
            case "replicated", "": return ["Replicated": .members(["Replicas": replicas])]
            case "replicated-job":
                return [
                    "ReplicatedJob": .members([
                        "MaxConcurrent": replicas, "TotalCompletions": replicas,
                    ])
                ]
            case "global" where replicas == nil: return ["Global": [:]]
            case "global-job" where replicas == nil: return ["GlobalJob": [:]]
            case "global", "global-job":
                throw SwarmRefusal(
                    message: "service \(key): replicas can only be used with replicated or "
                        + "replicated-job mode"
                )
            case let mode: throw SwarmRefusal(message: "service \(key): unknown mode: \(mode)")
            }
        }
    }

    private func update(_ update: Service.Update) -> JSON {
        .members([
            "Parallelism": .int(update.parallelism ?? 1),
            "Delay": .unlessZero(update.delay?.count),
            "FailureAction": .unlessEmpty(update.failureAction),
            "Monitor": .unlessZero(update.monitor?.count),
            "MaxFailureRatio": update.maximumFailureRatio == 0
                ? 0 : .double(update.maximumFailureRatio),
            "Order": .string(update.order ?? ""),
        ])
    }

    private var endpoints: JSON {
        let ports = service.ports.sorted { ($0.published ?? 0) < ($1.published ?? 0) }
        return .members([
            "Mode": .unlessEmpty(deployment.endpointMode?.lowercased()),
            "Ports": .unlessEmpty(
                ports.map { port in
                    .members([
                        "Protocol": .unlessEmpty(port.protocol),
                        "PublishMode": .unlessEmpty(port.mode),
                        "PublishedPort": .unlessZero(port.published.map(Int64.init)),
                        "TargetPort": .int(Int64(port.target)),
                    ])
                }
            ),
        ])
    }

    private var task: JSON {
        get throws(SwarmRefusal) {
            .members([
                "ContainerSpec": try SwarmContainer(service, key, scope).body,
                "ForceUpdate": 0,
                "LogDriver": service.logging.map { logging in
                    .members([
                        "Name": .unlessEmpty(logging.driver),
                        "Options": .unlessEmpty(logging.options),
                    ])
                },
                "Networks": .array(networks),
                "Placement": placement,
                "Resources": .members([
                    "Limits": deployment.limits.map(share),
                    "Reservations": deployment.reservations.map(share),
                ]),
                "RestartPolicy": try restart,
            ])
        }
    }

    private func share(_ share: Service.Share) -> JSON {
        .members([
            "GenericResources": .unlessEmpty(
                share.generic.map { generic in
                    [
                        "DiscreteResourceSpec": [
                            "Kind": .string(generic.kind), "Value": .int(generic.value),
                        ]
                    ]
                }
            ),
            "MemoryBytes": .unlessZero(share.memory), "NanoCPUs": .unlessZero(share.nanoCPUs),
            "Pids": .unlessZero(share.pids),
        ])
    }

    private var placement: JSON {
        .members([
            "Constraints": .unlessEmpty(deployment.placement.constraints),
            "MaxReplicas": .unlessZero(deployment.placement.maximumPerNode),
            "Preferences": .unlessEmpty(
                deployment.placement.spreads.map { spread in
                    ["Spread": ["SpreadDescriptor": .string(spread)]]
                }
            ),
        ])
    }

    /// That of `deploy`, else what `restart` means to a Swarm.
    private var restart: JSON? {
        get throws(SwarmRefusal) {
            if let policy = deployment.restart {
                return .members([
                    "Condition": .unlessEmpty(policy.condition),
                    "Delay": policy.delay.map { .int($0.count) },
                    "MaxAttempts": policy.attempts.map(JSON.int),
                    "Window": policy.window.map { .int($0.count) },
                ])
            }
            let parts = (service.writtenRestart ?? "").split(separator: ":").map(String.init)
            switch parts.first {
            case "always", "unless-stopped": return ["Condition": "any"]
            case "on-failure":
                let attempts = parts.count > 1 ? Int64(parts[1]) ?? 0 : 0
                return ["Condition": "on-failure", "MaxAttempts": .int(attempts)]
            case "no", nil: return nil
            case let name?:
                throw SwarmRefusal(message: "service \(key): unknown restart policy: \(name)")
            }
        }
    }

    /// By the network's name; a service has its own name on each.
    private var networks: [JSON] {
        let keys = service.networks.isEmpty ? ["default": .init()] : service.networks
        let joined = keys.map { key, attachment in
            (scope.stack.networks[key]?.name ?? "\(scope.name)_\(key)", attachment)
        }
        return joined.sorted { $0.0 < $1.0 }.map { name, attachment in
            let isOwn = !["bridge", "host", "none", "default"].contains(name)
            return .members([
                "Target": .string(name),
                "Aliases": .unlessEmpty(attachment.aliases + (isOwn ? [key] : [])),
                "DriverOpts": .unlessEmpty(attachment.options),
            ])
        }
    }
}
