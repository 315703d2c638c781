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
        for (name, service) in stack.services {
            let count = Int64(max(0, service.replicas))
            var one = Usage()
            one.containers = 1
            one.replicas = stack.isTask(name) ? 0 : 1
            one.memory = service.resources.memory?.bytes ?? 0
            one.nanoCPUs = service.processors ?? 0
            one.pids = service.resources.pids ?? 0
            one.volumes = service.anonymousVolumes
            one.ports = Int64(service.ports.count)
            self = self + one * count
        }
    }

    /// One of its amounts.
    package subscript(kind: QuotaKind) -> Int64 {
        get { self[keyPath: Usage.amount(kind)] }
        set { self[keyPath: Usage.amount(kind)] = newValue }
    }

    private static func amount(_ kind: QuotaKind) -> WritableKeyPath<Usage, Int64> {
        switch kind {
        case .containers: \.containers
        case .replicas: \.replicas
        case .memory: \.memory
        case .cpus: \.nanoCPUs
        case .pids: \.pids
        case .volumes: \.volumes
        case .ports: \.ports
        case .networks: \.networks
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
        if services[name]?.deployment?.isJob == true { return true }
        return switch services[name]?.restart {
        case .no, .onFailure: true
        case .always, .unlessStopped: false
        case nil: isAwaited(name)
        }
    }

    /// Whether another service waits for it to complete.
    package func isAwaited(_ name: String) -> Bool {
        services.values.contains { $0.dependsOn[name]?.condition == .completed }
    }
}

extension Service {
    /// Volumes of one container that have no name, but for its image's.
    package var anonymousVolumes: Int64 {
        Int64(volumes.count { $0.source == .anonymous })
    }
}
