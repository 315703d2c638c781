/// The most that a stack, or all stacks of a project, may take; nil is no bound of its own.
package struct Quota: Hashable, Codable, Sendable {
    package var containers: Int?
    /// Containers that don't end of their own accord.
    package var replicas: Int?
    /// Sum of the memory limits of all containers.
    package var memory: ByteCount?
    /// Sum of the CPU limits of all containers, in billionths.
    package var nanoCPUs: Int64?
    package var pids: Int64?
    package var volumes: Int?
    /// Ports of the node that are published.
    package var ports: Int?
    /// Networks that are made; those of others aren't.
    package var networks: Int?

    package init(
        containers: Int? = nil,
        replicas: Int? = nil,
        memory: ByteCount? = nil,
        nanoCPUs: Int64? = nil,
        pids: Int64? = nil,
        volumes: Int? = nil,
        ports: Int? = nil,
        networks: Int? = nil
    ) {
        self.containers = containers
        self.replicas = replicas
        self.memory = memory
        self.nanoCPUs = nanoCPUs
        self.pids = pids
        self.volumes = volumes
        self.ports = ports
        self.networks = networks
    }

    /// One of its bounds, in the unit in which ``Usage`` counts.
    package subscript(kind: QuotaKind) -> Int64? {
        switch kind {
        case .containers: containers.map(Int64.init)
        case .replicas: replicas.map(Int64.init)
        case .memory: memory?.bytes
        case .cpus: nanoCPUs
        case .pids: pids
        case .volumes: volumes.map(Int64.init)
        case .ports: ports.map(Int64.init)
        case .networks: networks.map(Int64.init)
        }
    }

    /// Whether it bounds nothing.
    package var isEmpty: Bool { self == Quota() }

    /// The kinds of which `usage` is more than is allowed.
    package func exceeded(by usage: Usage) -> [QuotaKind] {
        QuotaKind.allCases.filter { kind in self[kind].map { usage[kind] > $0 } ?? false }
    }
}

/// What a quota counts, under the name that `gyre.yaml` has for it.
package enum QuotaKind: String, Hashable, Codable, Sendable, CaseIterable {
    case containers, replicas, memory, cpus, pids, volumes, ports, networks

    /// An amount as people read it: `2 containers`, `1 GiB of memory`, `1.5 CPUs`.
    package func text(_ amount: Int64) -> String {
        switch self {
        case .memory: "\(ByteCount(amount)) of memory"
        case .cpus: amount == 1_000_000_000 ? "1 CPU" : "\(number(amount)) CPUs"
        case .pids: amount == 1 ? "1 process" : "\(amount) processes"
        case .containers, .replicas, .volumes, .ports, .networks:
            "\(amount) \(amount == 1 ? String(rawValue.dropLast()) : rawValue)"
        }
    }

    /// The same without the noun.
    package func number(_ amount: Int64) -> String {
        switch self {
        case .memory: return ByteCount(amount).description
        case .cpus:
            let (whole, rest) = amount.quotientAndRemainder(dividingBy: 1_000_000_000)
            guard rest != 0 else { return "\(whole)" }
            let digits = String(rest + 1_000_000_000).dropFirst()
            return "\(whole)."
                + digits.prefix(through: digits.lastIndex { $0 != "0" } ?? digits.startIndex)
        case .containers, .replicas, .pids, .volumes, .ports, .networks: return "\(amount)"
        }
    }
}
