internal import Admission
internal import Model

extension PlanDraft {
    /// Mends what somebody changed about a container that stays: its networks and limits.
    mutating func repair(
        _ container: ObservedContainer,
        of service: Service
    ) -> (ContainerRef, [Step.ID]) {
        let reference = container.reference
        var ready: [Step.ID] = []
        let wanted = ContainerSpec.attachments(of: reference.slot.service, in: stack)
        for attachment in wanted {
            let network = networkSteps[attachment.network].map { [$0] } ?? []
            ready += network
            guard container.networks[attachment.network] == nil else { continue }
            ready.append(
                plan.add(
                    .connect(reference, attachment),
                    after: network,
                    because: .disconnected(network: attachment.network)
                )
            )
        }
        if let (limits, changed) = drift(of: container),
            !pendingDefaults(container, limits, changed)
        {
            let update = Operation.update(reference, limits)
            ready.append(plan.add(update, because: .limitsChanged(changed)))
        }
        return (reference, ready)
    }

    /// The limits that the container was created with, as far as they are told by its spec,
    /// and the names of those that differ now; nil when none does or nobody looked.
    private mutating func drift(
        of container: ObservedContainer
    ) -> (ObservedContainer.Limits, [String])? {
        guard let now = container.details?.limits, let slot = container.slot,
            let service = input.desired.admitted.effective[slot.service]?.service
        else { return nil }
        let resources = service.resources
        let wanted = ObservedContainer.Limits(
            nanoCPUs: resources.nanoCPUs ?? 0,
            memory: resources.memory?.bytes ?? 0,
            memoryReservation: resources.reservedMemory?.bytes ?? 0,
            pids: resources.pids ?? 0,
            restart: service.restart ?? .no,
            memoryAndSwap: resources.memoryAndSwap,
            processors: service.scheduling.observed
        )
        var changed = changedProcessors(now.processors, wanted.processors)
        if now.nanoCPUs != wanted.nanoCPUs { changed.append("cpus") }
        if now.memory != wanted.memory { changed.append("memory") }
        if now.memoryReservation != wanted.memoryReservation {
            changed.append("memory reservation")
        }
        if max(0, now.pids) != max(0, wanted.pids) { changed.append("pids") }
        if now.restart != wanted.restart { changed.append("restart policy") }
        let lasting = lasting(changed, wanted)
        if !lasting.isEmpty {
            let names = lasting.joined(separator: ", ")
            note("\(container.name): somebody limited \(names), which only a new container undoes")
        }
        changed.removeAll(where: lasting.contains)
        return changed.isEmpty ? nil : (wanted, changed)
    }

    private func changedProcessors(
        _ now: ObservedContainer.Processors?,
        _ wanted: ObservedContainer.Processors?
    ) -> [String] {
        guard let now, let wanted else { return [] }
        var changed: [String] = []
        if now.shares != wanted.shares { changed.append("cpu shares") }
        if now.quota != wanted.quota { changed.append("cpu quota") }
        if now.period != wanted.period { changed.append("cpu period") }
        if now.set != wanted.set { changed.append("cpuset") }
        return changed
    }

    /// Names of the limits in `changed` that an update can't set to none: to the engine a zero
    /// there says "as it is" (Engine API reference, `ContainerUpdate`).
    private func lasting(
        _ changed: [String],
        _ wanted: ObservedContainer.Limits
    ) -> [String] {
        changed.filter { field in
            switch field {
            case "cpus": wanted.nanoCPUs == 0
            case "memory": wanted.memory == 0
            case "memory reservation": wanted.memoryReservation == 0
            case "cpu shares": wanted.processors?.shares == 0
            case "cpu quota": wanted.processors?.quota == 0
            case "cpu period": wanted.processors?.period == 0
            case "cpuset": wanted.processors?.set.isEmpty == true
            default: false
            }
        }
    }

    /// Whether the difference is in values that policy filled in, and no one but the operator
    /// who changed the policy is behind it; such a change waits for the next re-creation
    /// (law 9) and is shown as pending.
    private mutating func pendingDefaults(
        _ container: ObservedContainer,
        _ limits: ObservedContainer.Limits,
        _ changed: [String]
    ) -> Bool {
        guard let slot = container.slot, let asked = stack.services[slot.service]?.resources,
            let filled = container.labels[Labels.filled], filled != filledText(slot.service)
        else { return false }
        let isFilled = changed.allSatisfy { field in
            switch field {
            case "memory": asked.memory == nil || asked.memory?.bytes == 0
            case "pids": (asked.pids ?? 0) == 0
            case "cpus": (asked.nanoCPUs ?? 0) == 0
            default: false
            }
        }
        if isFilled {
            note("\(container.name): new defaults for \(changed.joined(separator: ", "))")
        }
        return isFilled
    }

    /// What policy fills in for a service now, as ``Labels/filled`` has it.
    private func filledText(_ service: String) -> String {
        input.desired.admitted.effective[service].map {
            Rendering.filled($0.service, asked: stack.services[service])
        } ?? ""
    }

    /// What became of an existing container, with the back-off of those that keep dying.
    mutating func fate(
        of container: ObservedContainer,
        beside others: [ObservedContainer],
        _ service: Service
    ) -> Fate {
        let slot = container.reference.slot
        if isCompleted(slot.service), container.state.hasEnded { return .done }
        let fate = Fate(
            state: container.state,
            exitCode: container.exitCode,
            restart: service.restart,
            isTask: input.desired.isTask(slot.service),
            startsOnCreate: service.startOnCreate,
            restarts: container.details?.restartCount
        )
        if fate.isEnd, gaveWay(container, to: others) { return .start }
        // How it ended says nothing of a version that hasn't run it.
        if fate.isFailure, input.untried.contains(container.id), !isSetAside(slot) {
            return service.startOnCreate ? .start : .leave
        }
        if fate == .start, container.state == .exited, let time = input.notBefore[slot],
            time > input.observation.time
        {
            note("\(container.name) keeps dying; it is started again later")
            return .leave
        }
        if case .failed(let code) = fate {
            note("\(container.name) ended with status \(code); its restart policy leaves it there")
        }
        return fate
    }

    /// Whether a container was stopped for a candidate that is given up now: it did not end of
    /// its own accord, so it is started again whatever its restart policy says of ending.
    private func gaveWay(_ container: ObservedContainer, to others: [ObservedContainer]) -> Bool {
        others.contains { $0.created > container.created }
    }
}

extension Service.Scheduling {
    /// As an inspect tells what an update can change of it.
    fileprivate var observed: ObservedContainer.Processors {
        ObservedContainer.Processors(shares: shares, quota: quota, period: period, set: set ?? "")
    }
}
