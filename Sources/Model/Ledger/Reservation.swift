/// All that a stack may come to hold of what it shares with others, until its next decision.
///
/// It belongs to the journal; see `Docs/Decisions/0014-one-ledger.md`.
package struct Reservation: Hashable, Codable, Sendable {
    /// Sorted by service and spec.
    package private(set) var shares: [Share]
    /// Names of the volumes that it makes, sorted.
    package private(set) var volumes: [String]
    /// Names of the networks that it makes, sorted.
    package private(set) var networks: [String]
    /// Names that its files choose, sorted.
    package private(set) var names: [ReservedName]
    /// Where its services are led to, or may be still, sorted.
    package private(set) var routes: [ReservedRoute]
    /// Of its networks, sorted.
    package private(set) var subnets: [ReservedSubnet]

    package init(
        _ shares: some Sequence<Share> = [],
        volumes: some Sequence<String> = [],
        networks: some Sequence<String> = [],
        names: some Sequence<ReservedName> = [],
        routes: some Sequence<ReservedRoute> = [],
        subnets: some Sequence<ReservedSubnet> = []
    ) {
        self.shares = Set(shares).sorted()
        self.volumes = Set(volumes).sorted()
        self.networks = Set(networks).sorted()
        self.names = Set(names).sorted()
        self.routes = Set(routes).sorted()
        self.subnets = Set(subnets).sorted()
    }

    private enum CodingKeys: CodingKey {
        case shares, volumes, networks, names, routes, subnets
    }

    /// Few stacks choose names or routes, and what was written first had none, nor subnets or
    /// networks.
    package func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(shares, forKey: .shares)
        try members.encode(volumes, forKey: .volumes)
        if !networks.isEmpty { try members.encode(networks, forKey: .networks) }
        if !names.isEmpty { try members.encode(names, forKey: .names) }
        if !routes.isEmpty { try members.encode(routes, forKey: .routes) }
        if !subnets.isEmpty { try members.encode(subnets, forKey: .subnets) }
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        shares = try members.decode([Share].self, forKey: .shares)
        volumes = try members.decode([String].self, forKey: .volumes)
        networks = try members.decodeIfPresent([String].self, forKey: .networks) ?? []
        names = try members.decodeIfPresent([ReservedName].self, forKey: .names) ?? []
        routes = try members.decodeIfPresent([ReservedRoute].self, forKey: .routes) ?? []
        subnets = try members.decodeIfPresent([ReservedSubnet].self, forKey: .subnets) ?? []
    }

    /// Whether it holds nothing.
    package var isEmpty: Bool { self == Reservation() }

    /// What the containers of one service take that are made from one spec.
    package struct Share: Hashable, Codable, Sendable, Comparable {
        package var service: String
        /// As in ``Labels/spec``.
        package var spec: String
        /// Containers.
        package var replicas: Int
        /// Whether they end of their own accord.
        package var isTask: Bool
        /// Limits of one container; zero where it has none.
        package var memory: Int64
        package var nanoCPUs: Int64
        package var pids: Int64
        /// Volumes without a name that one container has, those of its image among them.
        package var volumes: Int64
        /// Ports of the node, sorted.
        package var ports: [ReservedPort]
        /// Containers that may run for a while beside those that they replace.
        package var surge = 0
        /// Whether each node of a Swarm has one, however many those are.
        package var isOnEachNode = false

        package init(
            service: String,
            spec: String,
            replicas: Int,
            isTask: Bool = false,
            memory: Int64 = 0,
            nanoCPUs: Int64 = 0,
            pids: Int64 = 0,
            volumes: Int64 = 0,
            ports: [ReservedPort] = []
        ) {
            self.service = service
            self.spec = spec
            self.replicas = replicas
            self.isTask = isTask
            self.memory = memory
            self.nanoCPUs = nanoCPUs
            self.pids = pids
            self.volumes = volumes
            self.ports = ports.sorted()
        }

        private enum CodingKeys: CodingKey {
            case service, spec, replicas, isTask, memory, nanoCPUs, pids, volumes, ports, surge
            case isOnEachNode
        }

        /// Most shares have no ports or volumes, and those that were written first could have none.
        package func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(service, forKey: .service)
            try members.encode(spec, forKey: .spec)
            try members.encode(replicas, forKey: .replicas)
            try members.encode(isTask, forKey: .isTask)
            try members.encode(memory, forKey: .memory)
            try members.encode(nanoCPUs, forKey: .nanoCPUs)
            try members.encode(pids, forKey: .pids)
            if volumes != 0 { try members.encode(volumes, forKey: .volumes) }
            if !ports.isEmpty { try members.encode(ports, forKey: .ports) }
            if surge != 0 { try members.encode(surge, forKey: .surge) }
            if isOnEachNode { try members.encode(isOnEachNode, forKey: .isOnEachNode) }
        }

        package init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            service = try members.decode(String.self, forKey: .service)
            spec = try members.decode(String.self, forKey: .spec)
            replicas = try members.decode(Int.self, forKey: .replicas)
            isTask = try members.decode(Bool.self, forKey: .isTask)
            memory = try members.decode(Int64.self, forKey: .memory)
            nanoCPUs = try members.decode(Int64.self, forKey: .nanoCPUs)
            pids = try members.decode(Int64.self, forKey: .pids)
            volumes = try members.decodeIfPresent(Int64.self, forKey: .volumes) ?? 0
            ports = try members.decodeIfPresent([ReservedPort].self, forKey: .ports) ?? []
            surge = try members.decodeIfPresent(Int.self, forKey: .surge) ?? 0
            isOnEachNode = try members.decodeIfPresent(Bool.self, forKey: .isOnEachNode) ?? false
        }

        package static func < (a: Share, b: Share) -> Bool {
            (a.service, a.spec, a.replicas, a.surge) < (b.service, b.spec, b.replicas, b.surge)
        }
    }

    /// All ports, sorted.
    package var ports: [ReservedPort] { Set(shares.flatMap(\.ports)).sorted() }

    /// What is in either of the two.
    package func union(_ other: Reservation) -> Reservation {
        Reservation(
            shares + other.shares,
            volumes: volumes + other.volumes,
            networks: networks + other.networks,
            names: names + other.names,
            routes: routes + other.routes,
            subnets: subnets + other.subnets
        )
    }
}
