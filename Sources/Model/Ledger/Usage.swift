/// What containers take in all, by their limits.
package struct Usage: Hashable, Codable, Sendable {
    package var containers: Int64 = 0
    /// Containers that don't end of their own accord.
    package var replicas: Int64 = 0
    /// Bytes.
    package var memory: Int64 = 0
    package var nanoCPUs: Int64 = 0
    package var pids: Int64 = 0
    package var volumes: Int64 = 0
    /// Ports of the node.
    package var ports: Int64 = 0
    package var networks: Int64 = 0

    package init() {}

    /// Of all services of `stack`.
    package init(of stack: Stack) {
        volumes = Int64(stack.volumes.values.count { !$0.isExternal })
        networks = Int64(stack.networks.values.count { !$0.isExternal })
        lazy var awaited = stack.awaited
        for (name, service) in stack.services {
            let count = Int64(max(0, service.replicas))
            var one = Usage()
            one.containers = 1
            one.replicas = service.isTask(isAwaited: awaited.contains(name)) ? 0 : 1
            one.memory = service.resources.memory?.bytes ?? 0
            one.nanoCPUs = service.processors ?? 0
            one.pids = service.resources.pids ?? 0
            one.volumes = service.anonymousVolumes
            if !stack.isForSwarm { one.ports = Int64(service.ports.count) }
            self = self + one * count
            // Those of a service of a Swarm are led to its tasks, or are the same on each node.
            if stack.isForSwarm { ports += Int64(service.ports.count) }
        }
    }

    /// One of its amounts.
    package subscript(kind: QuotaKind) -> Int64 {
        get {
            switch kind {
            case .containers: containers
            case .replicas: replicas
            case .memory: memory
            case .cpus: nanoCPUs
            case .pids: pids
            case .volumes: volumes
            case .ports: ports
            case .networks: networks
            }
        }
        set {
            switch kind {
            case .containers: containers = newValue
            case .replicas: replicas = newValue
            case .memory: memory = newValue
            case .cpus: nanoCPUs = newValue
            case .pids: pids = newValue
            case .volumes: volumes = newValue
            case .ports: ports = newValue
            case .networks: networks = newValue
            }
        }
    }

    /// Sums stop at the largest number there is.
    package static func + (a: Usage, b: Usage) -> Usage {
        a.combined(b) { first, second in
            let (sum, isTooLarge) = first.addingReportingOverflow(second)
            return isTooLarge ? .max : sum
        }
    }

    /// `count` times as much.
    package static func * (a: Usage, count: Int64) -> Usage {
        a.combined(a) { first, _ in
            let (product, isTooLarge) = first.multipliedReportingOverflow(by: count)
            return isTooLarge ? .max : product
        }
    }

    /// The larger of each two amounts.
    package func most(_ other: Usage) -> Usage { combined(other, max) }

    private func combined(_ other: Usage, _ combine: (Int64, Int64) -> Int64) -> Usage {
        var result = Usage()
        for kind in QuotaKind.allCases { result[kind] = combine(self[kind], other[kind]) }
        return result
    }
}

extension Stack {
    /// Whether the containers of a service may end of their own accord: its restart policy says
    /// so, it is a job, or another service waits for it to complete.
    package func isTask(_ name: String) -> Bool {
        services[name]?.isTask(isAwaited: isAwaited(name)) ?? isAwaited(name)
    }

    /// Whether another service waits for it to complete.
    package func isAwaited(_ name: String) -> Bool {
        services.values.contains { $0.dependsOn[name]?.condition == .completed }
    }

    /// The services of which another one waits for that.
    fileprivate var awaited: Set<String> {
        Set(services.values.flatMap { $0.dependsOn.filter { $1.condition == .completed }.keys })
    }
}

extension Service {
    fileprivate func isTask(isAwaited: @autoclosure () -> Bool) -> Bool {
        if deployment?.isJob == true { return true }
        return switch restart {
        case .no, .onFailure: true
        case .always, .unlessStopped: false
        case nil: isAwaited()
        }
    }

    /// Volumes of one container that have no name, but for its image's.
    package var anonymousVolumes: Int64 {
        Int64(volumes.count { $0.source == .anonymous })
    }
}
