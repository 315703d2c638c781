internal import Admission
internal import Model

extension PlanDraft {
    /// Removes containers of slots that the file has no more, then networks that nothing uses.
    ///
    /// Only when all that is new has been created and has been stable: a file whose new part
    /// can't be made, or does not come up, takes nothing away.
    mutating func removeWhatGoes() {
        let gone = slots.filter { filled[$0.key] == nil && !isWanted($0.key) }
        for (slot, containers) in gone.sorted(by: { $0.key < $1.key }) {
            let isService = stack.services[slot.service] != nil
            let reason: Reason = isService ? .surplus : .serviceRemoved
            for container in containers where container.state != .removing {
                if isLeft(container) {
                    plan.startAgain(container)
                } else {
                    remove(container, because: reason)
                }
            }
        }
        removeNetworks()
        letGoFirst()
        takeNamesLast()
    }

    /// A task that ran to its end keeps its slot though nothing was planned for it.
    private func isWanted(_ slot: Slot) -> Bool {
        slot.number <= stack.services[slot.service]?.replicas ?? 0
    }

    /// Once all that is new is stable, or at once where something new needs what it has.
    private mutating func remove(_ container: ObservedContainer, because why: Reason) {
        var reason = why
        var before = creations + proofs
        if container.state.holdsResources, let newcomer = newcomer(needing: container) {
            reason = .makesWay(for: newcomer.service, needing: newcomer.thing)
            before = creations
        }
        if container.state.holdsResources {
            before = [halt(container, after: before, because: reason)]
        }
        plan.add(.remove(container.reference), after: before, because: reason)
    }

    /// The steps after which what the plan starts has been stable.
    private var proofs: [Step.ID] {
        plan.steps.compactMap { step in
            switch step.operation {
            case .wait(_, .stable), .wait(_, .running): step.id
            default: nil
            }
        }
    }

    private mutating func removeNetworks() {
        let wanted = Set(stack.networks.values.map(\.name))
        let unused = input.observation.networks.sortedByName.filter {
            input.owned.contains($0.id) && !wanted.contains($0.name)
        }
        plan.remove(unused, from: input.observation, because: .unused)
    }
}

extension Plan {
    /// Removes those of `networks` that no container will be left on, after the last has gone.
    mutating func remove(
        _ networks: [ObservedNetwork],
        from observation: Observation,
        because reason: Reason
    ) {
        var removals: [String: Step.ID] = [:]
        for step in steps {
            if case .remove(let container) = step.operation, let id = container.id {
                removals[id] = step.id
            }
        }
        for network in networks {
            let attached = observation.containers.filter { container in
                container.networks[network.name].map { [network.id, ""].contains($0) } ?? false
            }
            let before = attached.compactMap { removals[$0.id] }
            guard before.count == attached.count else { continue }
            add(.removeNetwork(network.reference), after: before, because: reason)
        }
    }
}
