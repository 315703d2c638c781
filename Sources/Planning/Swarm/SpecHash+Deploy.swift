internal import Admission
internal import Model

/// What version 1 hashes of `deploy` where a Swarm runs the service.
extension SpecHash {
    /// How many replicas it has is no part, as with containers; its labels are on the service.
    static func deploy1(_ service: Service) -> JSON {
        let deployment = service.deployment ?? Service.Deployment()
        return .members([
            "mode": .unlessEmpty(deployment.mode),
            "labels": .unlessEmpty(deployment.labels),
            "endpoint_mode": .unlessEmpty(deployment.endpointMode),
            "update": deployment.update.map(update1),
            "restart": deployment.restart.map(restart1),
            "constraints": .unlessEmpty(deployment.placement.constraints),
            "spreads": .unlessEmpty(deployment.placement.spreads),
            "max_replicas_per_node": .unlessZero(deployment.placement.maximumPerNode),
            "port_modes": .unlessEmpty(service.ports.map { $0.mode ?? "" }),
        ])
    }

    /// Version and hash of what a task has of a service: a change of how it is updated, of its own
    /// labels and of how its name is answered is the service's alone.
    static func ofTasks(_ service: Service, in stack: Stack) -> String {
        var service = service
        service.deployment?.update = nil
        service.deployment?.labels = [:]
        service.deployment?.endpointMode = nil
        return of(service, in: stack)
    }

    private static func update1(_ update: Service.Update) -> JSON {
        .members([
            "parallelism": update.parallelism.map(JSON.int),
            "delay": update.delay.map { .int($0.count) },
            "monitor": update.monitor.map { .int($0.count) },
            "order": .unlessEmpty(update.order),
        ])
    }

    private static func restart1(_ restart: Service.Restart) -> JSON {
        .members([
            "condition": .unlessEmpty(restart.condition),
            "delay": restart.delay.map { .int($0.count) },
            "attempts": restart.attempts.map(JSON.int),
            "window": restart.window.map { .int($0.count) },
        ])
    }
}

extension Desired {
    /// What a service's tasks on a Swarm bear that are as its file says: what they are made with,
    /// and what an earlier Gyre gave them, the service's own.
    func taskSpecs(of name: String) -> (current: String, former: String) {
        let former = specs[name] ?? ""
        let stack = admitted.stack
        return (stack.services[name].map { SpecHash.ofTasks($0, in: stack) } ?? former, former)
    }
}
