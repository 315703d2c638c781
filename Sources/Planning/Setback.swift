internal import Admission
package import Model

/// What failed of a version before, and what that leaves as it is.
package struct Setback: Hashable, Sendable {
    /// Whether the plan leads back to what was good, since something newer failed.
    package var isRollback: Bool
    /// Ids of containers of a version that is paused: they came up, and fill their slots.
    package var left: Set<String>
    /// Slots in which this version failed: they are left to what ran there before.
    package var slots: Set<Slot>

    package init(isRollback: Bool = false, left: Set<String> = [], slots: Set<Slot> = []) {
        self.isRollback = isRollback
        self.left = left
        self.slots = slots
    }
}

extension PlanningInput {
    /// How many containers of each service may run beside those that they replace.
    package var surges: [String: Int] {
        if let swarm { return swarmSurges(swarm) }
        let services = desired.admitted.stack.services
        let isDeclared = services.values.contains { service in
            let rollout = setback.isRollback ? service.rollback : service.rollout
            return rollout?.order == .startFirst
        }
        guard isDeclared else { return [:] }
        let draft = PlanDraft(self)
        return services.reduce(into: [:]) { surges, named in
            let (name, service) = named
            guard draft.startsFirst(name) else { return }
            let count = (0..<max(0, service.replicas)).count { index in
                let slot = Slot(service: name, number: index + 1)
                let (keep, others) = draft.sort(draft.slots[slot] ?? [], of: service)
                let isFree = keep.map { $0.state == .running } ?? !draft.isSetAside(slot)
                return isFree && others.contains { $0.state.holdsResources }
            }
            let most = draft.rollout(of: service).parallelism
            if count > 0 { surges[name] = most > 0 ? min(most, count) : count }
        }
    }
}
