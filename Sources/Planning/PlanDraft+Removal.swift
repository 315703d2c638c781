internal import Admission
internal import Model

extension PlanDraft {
    /// Removes containers of slots that the file has no more, then networks that nothing uses.
    ///
    /// Only when all that is new has been created: a file whose new part can't be made takes
    /// nothing away.
    mutating func removeWhatGoes() {
        let gone = slots.filter { filled[$0.key] == nil && !isWanted($0.key) }
        for (slot, containers) in gone.sorted(by: { $0.key < $1.key }) {
            let isService = stack.services[slot.service] != nil
            let reason: Reason = isService ? .surplus : .serviceRemoved
            for container in containers where container.state != .removing {
                remove(container, because: reason)
            }
        }
        removeNetworks()
        letGoFirst()
    }

    /// A task that ran to its end keeps its slot though nothing was planned for it.
    private func isWanted(_ slot: Slot) -> Bool {
        slot.number <= stack.services[slot.service]?.replicas ?? 0
    }

    private mutating func remove(_ container: ObservedContainer, because reason: Reason) {
        var before = creations
        if container.state.holdsResources {
            before = [plan.add(stop(container), after: before, because: reason)]
        }
        plan.add(.remove(container.reference), after: before, because: reason)
    }

    /// A container that publishes ports starts after those that go have let theirs go.
    private mutating func letGoFirst() {
        let stops = plan.steps.filter { step in
            guard case .stop = step.operation else { return false }
            return step.reason == .surplus || step.reason == .serviceRemoved
        }.map(\.id)
        guard !stops.isEmpty else { return }
        let publishing = Set(stack.services.filter { !$0.value.ports.isEmpty }.keys)
        plan.reorder { step in
            guard case .start(let container) = step.operation else { return [] }
            return publishing.contains(container.slot.service) ? stops : []
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

    /// Makes steps come after others as well, and numbers all anew so that each step's number
    /// is higher than those it comes after.
    mutating func reorder(adding extra: (Step) -> [Step.ID]) {
        let wired = steps.map { step in
            var step = step
            step.after = Set(step.after + extra(step)).subtracting([step.id]).sorted()
            return step
        }
        var placed: [Step.ID: Step.ID] = [:]
        var ordered: [Step] = []
        while ordered.count < wired.count {
            let ready = wired.first { step in
                placed[step.id] == nil && step.after.allSatisfy { placed[$0] != nil }
            }
            guard let next = ready else { preconditionFailure("steps form a cycle") }
            placed[next.id] = ordered.count + 1
            ordered.append(next)
        }
        steps = ordered.enumerated().map { index, step in
            Step(
                id: index + 1,
                operation: step.operation,
                after: step.after.compactMap { placed[$0] }.sorted(),
                reason: step.reason
            )
        }
    }
}
