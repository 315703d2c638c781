/// Where containers run, as far as the operator's file tells.
///
/// What an engine says of itself is no part of it: a node that lies must not get other rules.
package struct NodePlace: Hashable, Sendable {
    /// What a node is one of.
    package enum Cluster: String, Codable, Sendable, CaseIterable {
        /// Engines, one or several, of which a stack has one.
        case nodes
        /// A Swarm, which is one place: it decides itself on which of its machines something runs.
        case swarm
    }

    package var node: String
    /// What the operator wrote of it.
    package var labels: [String: String]
    package var cluster: Cluster

    package init(_ node: String, labels: [String: String] = [:], cluster: Cluster = .nodes) {
        self.node = node
        self.labels = labels
        self.cluster = cluster
    }

    /// What a place is like; all that is given has to be so.
    package struct Condition: Hashable, Codable, Sendable {
        package var node: String?
        package var labels: [String: String] = [:]
        package var cluster: Cluster?

        package init(
            node: String? = nil,
            labels: [String: String] = [:],
            cluster: Cluster? = nil
        ) {
            self.node = node
            self.labels = labels
            self.cluster = cluster
        }

        /// Whether it asks for nothing.
        package var isEmpty: Bool { self == Condition() }

        /// Whether a place is as it says.
        package func fits(_ place: NodePlace) -> Bool {
            (node ?? place.node) == place.node && (cluster ?? place.cluster) == place.cluster
                && labels.allSatisfy { place.labels[$0.key] == $0.value }
        }
    }
}

extension TenantPolicy {
    /// The same for a stack that runs in one of `places`: choices that hold in none of them are
    /// left out, and those that hold in all of them ask no more where something runs.
    ///
    /// With one place nothing is left to be asked. What is, both checks take for the strictest.
    package func on(_ places: [NodePlace]) -> TenantPolicy {
        var policy = self
        policy.choices = choices.compactMap { choice in
            let condition = choice.condition.place
            guard !condition.isEmpty, !places.isEmpty else { return choice }
            let fitting = places.filter(condition.fits)
            guard !fitting.isEmpty else { return nil }
            guard fitting.count == places.count else { return choice }
            var choice = choice
            choice.condition.place = .init()
            return choice
        }
        return policy
    }
}
