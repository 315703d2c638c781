internal import Admission
internal import Model

extension PlanDraft {
    /// Whether an outdated container is a candidate that an earlier run gave up, not what ran
    /// before: it stands still, and came after the one that has the slot's name.
    private func isDebris(_ container: ObservedContainer, in slot: Slot) -> Bool {
        let own = stack.containerName(of: slot)
        guard !container.state.holdsResources, container.name != own,
            let holder = slots[slot]?.first(where: { $0.name == own })
        else { return false }
        return container.created > holder.created
    }

    /// Takes debris out of `containers` and removes it, to make room for a new candidate.
    mutating func clearAway(
        _ containers: inout [ObservedContainer],
        in slot: Slot
    ) -> [Step.ID] {
        let debris = containers.filter { isDebris($0, in: slot) && $0.state != .removing }
        containers.removeAll { debris.contains($0) }
        return debris.map { container in
            plan.add(.remove(container.reference), because: .abandoned)
        }
    }

    /// The slot's own name, or one that shows what it is a candidate for while that is taken.
    private func freeName(for slot: Slot, beside others: [ObservedContainer]) -> String {
        let own = stack.containerName(of: slot)
        // Another slot has it where a file moves a `container_name` between services.
        let elsewhere = slots.filter { $0.key != slot }.values.joined()
        let taken = Set(others.map(\.name)).union(elsewhere.map(\.name))
        guard taken.contains(own) else { return own }
        let pinned = input.desired.pins[slot.service]?.pinned ?? ""
        let mark = SHA256Hex.of((input.desired.specs[slot.service] ?? "") + pinned).prefix(8)
        let further = (2...taken.count + 1).map { "\(own).\(mark).\($0)" }
        return (["\(own).\(mark)"] + further).first { !taken.contains($0) } ?? own
    }

    /// Creates a candidate for a slot and joins it to its networks.
    ///
    /// - Returns: The container, and what must be done before it may be started.
    mutating func create(
        _ slot: Slot,
        of service: Service,
        instead old: [ObservedContainer],
        after cleared: [Step.ID]
    ) -> (ContainerRef, [Step.ID]) {
        let own = stack.containerName(of: slot)
        let name = freeName(for: slot, beside: old)
        var spec = ContainerSpec(
            slot: slot,
            name: name,
            of: input.desired,
            owner: input.controller
        )
        let reason =
            old.last.flatMap { staleness(of: $0, service) }
            ?? (old.isEmpty ? .missing : .replaces(name: own))
        spec.joins = joined(by: service)
        let images = [slot.service] + service.volumesFrom.map(\.service)
        let before =
            cleared + objectsNeeded(by: service) + images.compactMap { pulls[$0] }
            + spec.joins.values.compactMap { $0.id == nil ? made[$0.slot] : nil }
        let id = plan.add(.createContainer(spec), after: before, because: reason)
        creations.append(id)
        made[slot] = id
        let container = ContainerRef(slot: slot, id: nil, name: name)
        let joins = spec.furtherNetworks.map { network in
            plan.add(
                .connect(container, network),
                after: [id],
                because: .joins(network: network.network)
            )
        }
        return (container, [id] + joins)
    }

    private func objectsNeeded(by service: Service) -> [Step.ID] {
        let networks = service.networks.keys.compactMap { key in
            stack.networks[key].flatMap { networkSteps[$0.name] }
        }
        let volumes = service.volumes.compactMap { mount -> Step.ID? in
            if case .volume(let key) = mount.source { volumeSteps[key] } else { nil }
        }
        return networks + volumes
    }
}
