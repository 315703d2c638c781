internal import Model

extension PlanDraft {
    /// Starts a slot's container; what it replaces is stopped just before, unless the two may run
    /// side by side.
    mutating func start(
        _ filling: Filling,
        _ fate: Fate,
        of service: Service,
        replacing old: [ObservedContainer],
        restartedWith dependency: String?,
        after before: [Step.ID]
    ) -> Step.ID {
        let (container, keep) = (filling.container, filling.observed)
        let live = filling.isBeside ? [] : old.filter(\.state.holdsResources)
        let stops = live.map { container in
            halt(container, after: before, because: .replaced)
        }
        var ready = before + stops
        if fate == .unpause, let keep {
            let reason = Reason.notRunning(state: keep.state, exitCode: nil)
            ready = [plan.add(.unpause(container), after: ready, because: reason)]
            // It goes on as it was, so what came meanwhile is still news to it.
            guard dependency != nil else { return ready[0] }
        }
        if let dependency, let keep {
            let restart = Operation.restart(container, grace: grace(of: keep))
            let reason = Reason.dependencyReplaced(dependency)
            ready = drain(keep, after: ready + successions(of: dependency), because: reason)
            return plan.add(restart, after: ready, because: reason)
        }
        let reason: Reason =
            if let live = old.first {
                filling.isBeside ? .beside(name: live.name) : .replaces(name: live.name)
            } else if let keep {
                input.untried.contains(keep.id)
                    ? .endedBefore(exitCode: keep.exitCode)
                    : .notRunning(state: keep.state, exitCode: keep.exitCode)
            } else {
                .missing
            }
        return plan.add(.start(container), after: ready, because: reason)
    }

    /// Tells of services that a file leads to, where nobody is asked.
    mutating func noteIdleIngress() {
        let led = stack.services.filter { $0.value.ingress != nil }.keys.sorted()
        guard input.drain == nil, !led.isEmpty else { return }
        note("nobody is led to \(led.joined(separator: ", ")): gyre.yaml has no ingress")
    }

    /// Stops a container that exists, with the time that it has to end, once nobody outside is led
    /// to it any more.
    mutating func halt(
        _ container: ObservedContainer,
        after before: [Step.ID],
        because reason: Reason
    ) -> Step.ID {
        let ready = drain(container, after: before, because: reason)
        let stop = Operation.stop(container.reference, grace: grace(of: container))
        return plan.add(stop, after: ready, because: reason)
    }

    /// What must be done before a container may go down: a wait, where somebody may be led to it.
    private mutating func drain(
        _ container: ObservedContainer,
        after before: [Step.ID],
        because reason: Reason
    ) -> [Step.ID] {
        guard let drain = input.drain, container.state == .running,
            container.health != .unhealthy, let service = container.slot?.service,
            stack.services[service]?.ingress != nil || input.led.contains(service)
        else { return before }
        let wait = Operation.wait(container.reference, .drained(for: drain))
        return [plan.add(wait, after: before, because: reason)]
    }

    /// How long a container may take to end: what it was created with, as an inspect or the file
    /// of the same spec tells; nil where neither does, and the engine knows alone.
    private func grace(of container: ObservedContainer) -> Nanoseconds? {
        if let details = container.details { return details.stopTimeout }
        guard let slot = container.slot, let service = stack.services[slot.service],
            container.labels[Labels.spec] == input.desired.specs[slot.service]
        else { return nil }
        return service.stopGracePeriod
    }

    /// Judges what was started, then removes what it replaced and takes its name.
    mutating func finish(
        _ slot: Slot,
        of service: Service,
        _ fate: Fate,
        old: [ObservedContainer],
        isNews: Bool,
        after ready: [Step.ID]
    ) -> Step.ID? {
        guard let filling = filled[slot] else { return nil }
        var last = filling.start.map { [$0] } ?? ready
        let runs = filling.start != nil || filling.observed?.state.holdsResources == true
        // One that ended badly is judged, or the old one would go, and the version count as good.
        if isNews, runs || fate.isFailure {
            let reason: Reason = old.first.map { .replaces(name: $0.name) } ?? .mustProve
            let proof = Operation.wait(filling.container, .stable)
            last = [plan.add(proof, after: last, because: reason)]
            last = monitor(filling, of: service, isReplacing: !old.isEmpty, after: last)
            filled[slot]?.proof = last.last
        }
        guard runs || fate.isEnd || !service.startOnCreate else { return last.last }
        let isStopped = filling.start != nil && !filling.isBeside
        let freed = retire(old, isStopped: isStopped, after: last)
        if !freed.isEmpty { last = freed }
        let own = stack.containerName(of: slot)
        let isTaken = old.contains { $0.state == .removing && $0.name == own }
        guard filling.container.name != own, !isTaken else { return last.last }
        return plan.add(.rename(filling.container, to: own), after: last, because: .takesName)
    }

    /// A wait for as long as the file has a container watched before it counts.
    private mutating func monitor(
        _ filling: Filling,
        of service: Service,
        isReplacing: Bool,
        after last: [Step.ID]
    ) -> [Step.ID] {
        let span = rollout(of: service).monitor
        guard span.count > 0, isReplacing || !input.isProven else { return last }
        let watch = Operation.wait(filling.container, .running(for: span))
        return [plan.add(watch, after: last, because: .monitored)]
    }

    /// The steps after which those containers of a service are gone beside which new ones came.
    private func successions(of service: String) -> [Step.ID] {
        filled.values.filter { $0.container.slot.service == service && $0.isBeside }
            .compactMap(\.end).sorted()
    }

    /// Removes what was replaced; what the engine is removing already is left to it.
    private mutating func retire(
        _ old: [ObservedContainer],
        isStopped: Bool,
        after last: [Step.ID]
    ) -> [Step.ID] {
        old.filter { $0.state != .removing }.map { container in
            var before = last
            if !isStopped, container.state.holdsResources {
                before = [halt(container, after: last, because: .replaced)]
            }
            return plan.add(.remove(container.reference), after: before, because: .replaced)
        }
    }
}
