package import Model
internal import OperatorFile
internal import Planning

/// What is known of a node, and what runs there.
package struct NodeStatus: Hashable, Codable, Sendable {
    package var name: String
    /// Address of its engine.
    package var engine: String
    /// Why it doesn't answer; nil when it does.
    package var problem: String?
    /// Who wants nothing to be there any more; nil: it takes stacks.
    package var drainedBy: String?
    /// Who vouches that it is off; nil: nobody does.
    package var fencedBy: String?
    /// Whether its stacks are given other nodes, as it has been silent for too long.
    package var isLost = false
    /// The engine's version, and that of the API that both sides know; nil while nobody knows.
    package var version: String?
    package var api: String?
    /// The host's own name.
    package var host: String?
    /// The operator's and the engine's.
    package var labels: [String: String]
    /// What its users' numbers mean; nil while nobody knows.
    package var users: NodeUsers?
    /// What it has and what stacks have reserved of that; nil while nobody knows what it has.
    package var memory: Int64?
    package var nanoCPUs: Int64?
    package var reserved: Usage
    /// How far its clock is ahead of the controller's; negative: behind; nil: not to speak of.
    package var clockOff: Nanoseconds?
    /// Sorted.
    package var stacks: [StackID]

    /// What it is called in one word.
    package var state: String {
        problem != nil ? (isLost ? "lost" : "unknown") : drainedBy != nil ? "drained" : "ready"
    }

    package init(name: String, engine: String) {
        self.name = name
        self.engine = engine
        labels = [:]
        reserved = Usage()
        stacks = []
    }
}

extension Controller {
    /// The nodes as they were when they last answered, by name.
    package func nodeStatuses() -> [NodeStatus] {
        let journal = parts.journal.state()
        let ledger = parts.ledger.now(journal, counting: .none)
        let known = journal.stacks.union(stacks.keys)
        return settings.cluster.sorted { $0.key < $1.key }.map { name, node in
            var status = NodeStatus(name: name, engine: node.engine.description)
            let state = nodes[name] ?? NodeState()
            status.problem = state.problem
            status.drainedBy = journal.drained[name]
            status.fencedBy = journal.fenced[name]
            status.isLost = isLost(name)
            status.clockOff = state.clockOff
            status.labels = state.facts?.labels ?? node.labels
            if let facts = state.facts {
                status.version = facts.version
                status.api = facts.apiVersion.description
                status.host = facts.name
                status.users = facts.users
                status.memory = facts.memory
                status.nanoCPUs = facts.nanoCPUs
            }
            status.stacks = known.filter { home(of: $0) == name }.sorted()
            let held = status.stacks.compactMap { ledger.reservations[$0]?.usage }
            status.reserved = held.reduce(Usage(), +)
            return status
        }
    }
}
