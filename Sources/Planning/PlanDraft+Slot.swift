internal import Admission
internal import Model

extension PlanDraft {
    /// Brings one slot to the one container that should fill it.
    ///
    /// Whatever a crash left behind, the rest of the way is the same: new one created, old one
    /// stopped, new one started and judged, old one removed, name taken (law 6). So a plan made
    /// after any interruption is the remainder of the plan that was interrupted.
    ///
    /// - Returns: the step after which the next slot may be taken down, if this one was.
    mutating func fill(
        _ slot: Slot,
        of service: Service,
        after previous: [Step.ID]
    ) -> Step.ID? {
        let (keep, others) = sort(slots[slot] ?? [], of: service)
        if keep == nil, others.isEmpty, isCompleted(slot.service) { return nil }
        let cleared = clearAway(others.filter { isDebris($0, in: slot) }, because: .abandoned)
        let old = others.filter { !isDebris($0, in: slot) }

        let (container, ready): (ContainerRef, [Step.ID])
        let fate: Fate
        if let keep {
            (container, ready) = repair(keep, of: service)
            fate = self.fate(of: keep, service)
        } else {
            (container, ready) = create(slot, of: service, instead: old, after: cleared)
            fate = service.startOnCreate ? .start : .leave
        }
        var filling = Filling(container: container, observed: keep, isReplaced: keep == nil)
        let isLive = old.contains { $0.state.holdsResources }
        let isRestarted = fate == .leave && mustRestart(service, keep)
        if fate.isStart || isRestarted {
            let before = ready + requirements(of: service) + (isLive ? previous : [])
            filling.start = start(
                container,
                fate,
                of: service,
                replacing: old,
                isRestarted: isRestarted,
                keep,
                after: before
            )
        }
        filled[slot] = filling
        let isSettled = fate.isEnd || !service.startOnCreate
        return finish(slot, filling, old: old, isSettled: isSettled, after: ready)
    }

    /// The container to keep, and all others of the slot, oldest first.
    private func sort(
        _ containers: [ObservedContainer],
        of service: Service
    ) -> (keep: ObservedContainer?, others: [ObservedContainer]) {
        let current = containers.filter { isCurrent($0, service) }
        let keep = current.min { a, b in rank(a) < rank(b) }
        return (keep, containers.filter { $0.id != keep?.id })
    }

    /// Running before standing, healthy before not; the oldest of equals, which min keeps.
    private func rank(_ container: ObservedContainer) -> Int {
        switch (container.state, container.health) {
        case (.running, .unhealthy): 1
        case (.running, _): 0
        case (.restarting, _), (.paused, _): 2
        case (.exited, _): 3
        case (.created, _): 4
        case (.removing, _), (.dead, _): 5
        }
    }

    /// Whether a container is what the file says now: in spec, image and networks, and able to
    /// run.
    func isCurrent(_ container: ObservedContainer, _ service: Service) -> Bool {
        staleness(of: container, service) == nil
    }

    /// Why a container can't stay; nil when it can.
    func staleness(of container: ObservedContainer, _ service: Service) -> Reason? {
        let label = container.labels[Labels.spec] ?? ""
        let name = container.slot?.service ?? ""
        if !SpecHash.matches(label, service, in: stack) {
            return .specChanged(from: label, to: input.desired.specs[name] ?? "")
        }
        if let pin = input.desired.pins[name], pin.imageID != container.imageID {
            return .imageChanged
        }
        if container.state == .dead || container.state == .removing {
            return .unusable(state: container.state)
        }
        for attachment in ContainerSpec.attachments(of: name, in: stack) {
            guard let id = container.networks[attachment.network], !id.isEmpty else { continue }
            if networks[attachment.network]?.id != id {
                return .staleNetwork(network: attachment.network)
            }
        }
        return nil
    }

    /// Whether an outdated container is a candidate that an earlier run gave up, not what ran
    /// before: it stands still and never had the slot's name.
    private func isDebris(_ container: ObservedContainer, in slot: Slot) -> Bool {
        !container.state.holdsResources && container.name != slot.containerName(in: stack.id)
    }

    /// Removes containers that stand still.
    private mutating func clearAway(
        _ containers: [ObservedContainer],
        because reason: Reason
    ) -> [Step.ID] {
        containers.filter { $0.state != .removing }.map { container in
            let id = plan.add(.remove(container.reference), because: reason)
            removals.append(id)
            return id
        }
    }

    private func isCompleted(_ service: String) -> Bool {
        guard let spec = input.desired.specs[service] else { return false }
        return input.completed.contains(PinKey(stack: stack.id, service: service, spec: spec))
    }

    private mutating func create(
        _ slot: Slot,
        of service: Service,
        instead old: [ObservedContainer],
        after cleared: [Step.ID]
    ) -> (ContainerRef, [Step.ID]) {
        let own = slot.containerName(in: stack.id)
        let isTaken = old.contains { $0.name == own }
        let pinned = input.desired.pins[slot.service]?.pinned ?? ""
        let mark = SHA256Hex.of((input.desired.specs[slot.service] ?? "") + pinned).prefix(8)
        let name = isTaken ? "\(own).\(mark)" : own
        let spec = ContainerSpec(
            slot: slot,
            name: name,
            of: input.desired,
            owner: input.controller
        )
        let reason =
            old.last.flatMap { staleness(of: $0, service) }
            ?? (old.isEmpty ? .missing : .replaces(name: own))
        let before = cleared + objectsNeeded(by: service) + (pulls[slot.service].map { [$0] } ?? [])
        let id = plan.add(.createContainer(spec), after: before, because: reason)
        creations.append(id)
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

    /// Starts a slot's container; what it replaces is stopped just before.
    private mutating func start(
        _ container: ContainerRef,
        _ fate: Fate,
        of service: Service,
        replacing old: [ObservedContainer],
        isRestarted: Bool,
        _ keep: ObservedContainer?,
        after before: [Step.ID]
    ) -> Step.ID {
        if fate == .unpause, let keep {
            let reason = Reason.notRunning(state: keep.state, exitCode: nil)
            return plan.add(.unpause(container), after: before, because: reason)
        }
        var stops = old.filter(\.state.holdsResources).map { container in
            plan.add(.stop(container.reference), after: before, because: .replaced)
        }
        if isRestarted {
            let reason = Reason.dependency(of: container.slot.service)
            stops.append(plan.add(.stop(container), after: before, because: reason))
        }
        let reason: Reason =
            if let live = old.first {
                .replaces(name: live.name)
            } else if let keep, !isRestarted {
                .notRunning(state: keep.state, exitCode: keep.exitCode)
            } else {
                .missing
            }
        return plan.add(.start(container), after: before + stops, because: reason)
    }

    /// Judges what was started, then removes what it replaced and takes its name.
    private mutating func finish(
        _ slot: Slot,
        _ filling: Filling,
        old: [ObservedContainer],
        isSettled: Bool,
        after ready: [Step.ID]
    ) -> Step.ID? {
        var last: [Step.ID] = filling.start.map { [$0] } ?? []
        let runs = filling.start != nil || filling.observed?.state.holdsResources == true
        let isNew = filling.start != nil || !old.isEmpty || !input.isProven
        if runs, isNew {
            let reason: Reason = old.first.map { .replaces(name: $0.name) } ?? .mustProve
            last = [plan.add(.wait(filling.container, .stable), after: last, because: reason)]
        } else if last.isEmpty {
            last = ready
        }
        guard !old.isEmpty, runs || isSettled else { return nil }
        var freed: [Step.ID] = []
        for container in old {
            var before = last
            if filling.start == nil, container.state.holdsResources {
                before = [
                    plan.add(.stop(container.reference), after: last, because: .replaced)
                ]
            }
            freed.append(plan.add(.remove(container.reference), after: before, because: .replaced))
        }
        removals += freed
        let own = slot.containerName(in: stack.id)
        guard filling.container.name != own else { return freed.last }
        return plan.add(.rename(filling.container, to: own), after: freed, because: .takesName)
    }
}

extension Fate {
    /// Whether the plan makes the container run.
    var isStart: Bool { self == .start || self == .unpause }

    /// Whether the container's work is over.
    var isEnd: Bool {
        switch self {
        case .done, .failed: true
        case .start, .unpause, .leave, .recreate: false
        }
    }
}
