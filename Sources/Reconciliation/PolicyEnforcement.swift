package import Model

/// What would be done to enforce policy on what runs.
package struct PolicyEnforcement: Sendable {
    package var standing: PolicyStanding
    /// Services that would be stopped; empty: containers would be re-created.
    package var stops: [String]
    package var plan: Plan

    init(_ standing: PolicyStanding, _ demand: PolicyDemand, _ plan: Plan) {
        self.standing = standing
        stops = demand.stops
        self.plan = plan
    }

    /// Identifies just this: what is done, of which stack and under which policy.
    package var change: String {
        let text = [
            "\(standing.stack)", standing.policy, stops.joined(separator: ","), "\(plan)",
        ]
        return String(SHA256Hex.of(text.joined(separator: "\n")).prefix(12))
    }
}

/// Policy enforced on what runs, for whoever demands it.
extension Controller {
    /// What enforcing policy on a stack would do now.
    package func enforcement(of id: StackID) async throws -> PolicyEnforcement {
        guard let state = stacks[id] else { throw unknown(id) }
        guard let node = home(of: id).flatMap({ parts.nodes[$0] }) else {
            throw NotPossible("\(id) is on no node")
        }
        if let problem = nodes[node.name]?.problem {
            throw NotPossible("the engine does not answer: \(problem)")
        }
        try requireJournal()
        state.memory.touch(nil)
        return try await reconciler(for: id, state, on: node).enforcement()
    }

    /// Brings what runs to what policy says; `change` must be what was shown.
    package func enforce(_ id: StackID, change: String, by person: Person) async throws {
        let found = try await enforcement(of: id)
        guard found.change == change else {
            throw NotPossible(
                "what would be done to \(id) is not \(change) any more; "
                    + "see gyre policy enforce \(id)"
            )
        }
        var details = JSON.clipped("stops", found.stops.map(JSON.clipped))
        details["change"] = .string(change)
        details["policy"] = .string(found.standing.policy)
        let rules = Set(found.standing.findings.map(\.code)).sorted()
        details.merge(JSON.clipped("rules", rules.map(JSON.string))) { first, _ in first }
        let act = AuditEntry.acted("policy enforce", id, by: person, details)
        try await parts.audit.append([act], at: parts.now())
        let demand = PolicyDemand(
            policy: found.standing.policy,
            stops: found.stops,
            by: person.name
        )
        try await parts.journal.append([.enforced(id, demand)], at: parts.now())
        stacks[id]?.memory.touch(nil)
        stacks[id]?.memory.forgetFailures()
        beginAnew(id)
        schedule(.reconcile(id))
    }
}
