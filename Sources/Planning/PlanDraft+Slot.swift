internal import Admission
internal import Model

extension PlanDraft {
    /// Brings one slot to the one container that should fill it.
    ///
    /// Whatever a crash left behind, the rest of the way is the same: new one created, old one
    /// stopped, new one started and judged, old one removed, name taken (law 6). So a plan made
    /// after any interruption is the remainder of the plan that was interrupted.
    ///
    /// - Parameters:
    ///   - slot: The slot to bring.
    ///   - service: Its service.
    ///   - previous: What must be done before this slot may be taken down.
    /// - Returns: The step after which the next slot may be taken down; nil when it may be now.
    mutating func fill(
        _ slot: Slot,
        of service: Service,
        after previous: [Step.ID]
    ) -> Step.ID? {
        let (keep, others) = sort(slots[slot] ?? [], of: service)
        if keep == nil, others.isEmpty, isCompleted(slot.service) { return nil }
        // Whatever is there failed; something else comes when the rollout is through.
        if keep == nil, isSetAside(slot) { return nil }
        let isForeign = keep.map { isLeft($0) } ?? false || isSetAside(slot)
        var old = others
        let (container, ready): (ContainerRef, [Step.ID])
        let fate: Fate
        if let keep {
            fate = self.fate(of: keep, beside: others, service)
            let isMended = !fate.isEnd && !isForeign
            (container, ready) = isMended ? repair(keep, of: service) : (keep.reference, [])
        } else {
            fate = service.startOnCreate ? .start : .leave
            let cleared = clearAway(&old, in: slot)
            (container, ready) = create(slot, of: service, instead: old, after: cleared)
        }
        let isReplaced = keep == nil && !others.isEmpty
        var filling = Filling(container: container, observed: keep, isReplaced: isReplaced)
        let isLive = old.contains { $0.state.holdsResources }
        let staysAsItWas = fate == .leave || fate == .unpause
        let cause =
            staysAsItWas && !isForeign ? replacedDependency(of: service, filledBy: keep) : nil
        filling.isBeside =
            isLive && fate == .start && !isForeign && startsFirst(slot.service)
        if fate.isStart || cause != nil {
            let takesDown = isLive || cause != nil
            let needed = isForeign ? [] : requirements(of: service, named: slot.service)
            let before = ready + needed + (takesDown ? previous : [])
            filling.start = start(
                filling,
                fate,
                of: service,
                replacing: old,
                restartedWith: cause,
                after: before
            )
        }
        filled[slot] = filling
        let isNews = filling.start != nil || !old.isEmpty || !isForeign && !input.isProven
        let end = finish(slot, of: service, fate, old: old, isNews: isNews, after: ready)
        filled[slot]?.end = end
        return end
    }

    /// Whether it fills its slot although it is of another version.
    func isLeft(_ container: ObservedContainer) -> Bool {
        input.setback.left.contains(container.id) && container.state != .dead
            && container.state != .removing
    }

    /// Whether the slot is left to what ran there before.
    func isSetAside(_ slot: Slot) -> Bool { input.setback.slots.contains(slot) }

    /// The container to keep, and all others of the slot, oldest first.
    func sort(
        _ containers: [ObservedContainer],
        of service: Service
    ) -> (keep: ObservedContainer?, others: [ObservedContainer]) {
        let isAside = containers.first?.slot.map(isSetAside) ?? false
        let current = containers.filter { container in
            if isLeft(container) { return true }
            return isCurrent(container, service) != isAside
        }
        let keep = current.min { a, b in
            (rank(a), isLeft(a) ? 0 : 1) < (rank(b), isLeft(b) ? 0 : 1)
        }
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
        let spec = input.desired.specs[name] ?? ""
        if label != spec, !SpecHash.matches(label, service, in: stack) {
            return .specChanged(from: label, to: spec)
        }
        let secrets = changedSecrets(of: container, service)
        if !secrets.isEmpty { return .secretsChanged(secrets) }
        if let pin = input.desired.pins[name], pin.imageID != container.imageID {
            return .imageChanged
        }
        if input.enforcesPolicy,
            let differences = input.desired.admitted.differences(of: container),
            !differences.isEmpty
        {
            return .policyChanged(differences.map(\.field))
        }
        // What it can't do any more, a task that is done need not do.
        if isCompleted(name), container.state.hasEnded { return nil }
        if container.state == .dead || container.state == .removing {
            return .unusable(state: container.state)
        }
        for attachment in ContainerSpec.attachments(of: name, in: stack) {
            guard let id = container.networks[attachment.network], !id.isEmpty else { continue }
            if isStale(attachment.network, joinedAs: id) {
                return .staleNetwork(network: attachment.network)
            }
        }
        return replacedHost(of: container, service).map(Reason.staleNamespace)
    }

    /// Whether another network has the name by now; one that somebody else makes is known where it
    /// was asked for.
    private func isStale(_ network: String, joinedAs id: String) -> Bool {
        let isExternal = stack.networks.values.contains { $0.isExternal && $0.name == network }
        guard isExternal else { return networks[network]?.id != id }
        return input.externals[.network, network].map { $0 != id } ?? false
    }

    /// Whether the service is a task that ran to its end, and is not run again because somebody
    /// removed it.
    func isCompleted(_ service: String) -> Bool {
        guard input.desired.isTask(service), let spec = input.desired.specs[service] else {
            return false
        }
        return input.completed.contains(PinKey(stack: stack.id, service: service, spec: spec))
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

    /// Whether it ended as it should not have.
    var isFailure: Bool { if case .failed = self { true } else { false } }
}
