/// All that a stack may come to hold of what it shares with others, until its next decision.
///
/// It belongs to the journal; see `Docs/Decisions/0014-one-ledger.md`.
package struct Reservation: Hashable, Codable, Sendable {
    /// Sorted by service and spec.
    package private(set) var shares: [Share]
    /// Names of the volumes that it makes, sorted.
    package private(set) var volumes: [String]

    package init(_ shares: some Sequence<Share> = [], volumes: some Sequence<String> = []) {
        self.shares = Set(shares).sorted()
        self.volumes = Set(volumes).sorted()
    }

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

        package init(
            service: String,
            spec: String,
            replicas: Int,
            isTask: Bool = false,
            memory: Int64 = 0,
            nanoCPUs: Int64 = 0,
            pids: Int64 = 0
        ) {
            self.service = service
            self.spec = spec
            self.replicas = replicas
            self.isTask = isTask
            self.memory = memory
            self.nanoCPUs = nanoCPUs
            self.pids = pids
        }

        package static func < (a: Share, b: Share) -> Bool {
            (a.service, a.spec, a.replicas) < (b.service, b.spec, b.replicas)
        }
    }

    /// What is in either of the two.
    package func union(_ other: Reservation) -> Reservation {
        Reservation(shares + other.shares, volumes: volumes + other.volumes)
    }
}
