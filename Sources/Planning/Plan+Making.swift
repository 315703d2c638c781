package import Model

extension Plan {
    /// The change from what is observed to what is desired; empty when there is none.
    ///
    /// Deterministic: the same input gives the same text, in whatever order it lists things.
    package init(from input: PlanningInput) {
        var draft = PlanDraft(input)
        draft.noteUnknownSecrets()
        draft.noteIdleIngress()
        draft.pullImages()
        draft.createNetworks()
        if let rules = input.swarm {
            draft.bringToSwarm(rules)
            self = draft.plan
            return
        }
        draft.createVolumes()
        for service in input.desired.order { draft.bring(service) }
        draft.removeWhatGoes()
        draft.shipContents()
        draft.removeContents()
        self = draft.plan
        noteLeavings(input.observation)
    }

    /// Notes the volumes that the engine made for containers which go, and for no name.
    mutating func noteLeavings(_ observation: Observation) {
        let removed = Set(
            steps.compactMap { step in
                if case .remove(let container) = step.operation { container.id } else { nil }
            }
        )
        for container in observation.containers where removed.contains(container.id) {
            let volumes = container.volumes.filter(Plan.isAnonymous)
            if !volumes.isEmpty { leavings[container.id] = volumes.sorted() }
        }
    }

    /// The engine calls a volume without a name by 64 hexadecimal digits.
    private static func isAnonymous(_ volume: String) -> Bool {
        volume.utf8.count == 64
            && volume.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// Takes a whole stack away, but for its volumes.
    ///
    /// What depends on something stops before it, as far as `files` tell, which it was made from
    /// last; all at once where nobody can read them.
    package init(
        removing stack: StackID,
        as files: Stack? = nil,
        observed observation: Observation,
        owned: Set<String>,
        because reason: Reason = .stackRemoved
    ) {
        self.init(stack: stack, commit: nil)
        takeDown(observation.containers.filter { owned.contains($0.id) }, of: files, reason)
        let networks = observation.networks.sortedByName.filter { owned.contains($0.id) }
        if let swarm = observation.swarm {
            let services = takeDown(swarm.services.filter { owned.contains($0.id) }, of: files)
            for network in networks {
                add(.removeNetwork(network.reference), after: services, because: .stackRemoved)
            }
            removeFiles(swarm, owned, after: services)
            return
        }
        remove(networks, from: observation, because: reason)
        removeContents(owned.contents, from: observation, because: reason)
        noteLeavings(observation)
    }

    /// Stops the containers of `services`, which policy denies; they stay, with all they have.
    package init(
        stopping services: [String],
        of stack: StackID,
        observed observation: Observation,
        owned: Set<String>
    ) {
        self.init(stack: stack, commit: nil)
        for container in observation.containers.sortedByName
        where owned.contains(container.id) && container.state.holdsResources {
            guard let slot = container.slot, services.contains(slot.service) else { continue }
            let grace = container.details?.stopTimeout
            add(.stop(container.reference, grace: grace), because: .againstPolicy)
        }
    }

    /// Starts again what stands still and should run, creating and removing nothing: all that
    /// may be done for a stack whose desired state can't be known or is not admitted.
    ///
    /// At most one container of a slot: none while another runs, and of several that stand still
    /// the one with the slot's name, which is what ran before a candidate came. Those of `stopped`
    /// services stand still because a person wants it. With a way `back`, what runs of a version
    /// that was given up makes way for what ran there before.
    package init(
        startingAgain stack: StackID,
        observed observation: Observation,
        notBefore: [Slot: Instant] = [:],
        butNot stopped: [String] = [],
        back: WayBack? = nil
    ) {
        self.init(stack: stack, commit: nil)
        let all = back?.exchanges(in: observation) ?? [:]
        let exchanges = all.filter { slot, _ in !stopped.contains(slot.service) }
        let stops = goBack(exchanges)
        let containers = observation.containers.sortedByName.filter { container in
            container.slot.map { !stopped.contains($0.service) } ?? false
        }
        let slots = Dictionary(grouping: containers) { $0.reference.slot }
        for (slot, containers) in slots.sorted(by: { $0.key < $1.key })
        where exchanges[slot] == nil {
            let isRunning = containers.contains { $0.state == .running || $0.state == .restarting }
            let paused = containers.first { $0.state == .paused }
            let own = slot.containerName(in: stack)
            let standing = containers.first { $0.name == own } ?? original(of: containers)
            let only = containers.count == 1 ? containers[0] : nil
            guard !isRunning, let container = paused ?? standing ?? only else { continue }
            let isEarly = notBefore[slot].map { $0 > observation.time } ?? false
            if isEarly, container.state == .exited { continue }
            if let back, back.bars(container, in: observation, exchanges) { continue }
            startAgain(container, after: Plan.letting(container, go: stops))
        }
    }

    /// The one whose name all others have with a mark behind it, as candidates do; only the file
    /// would tell what it calls a container.
    private func original(of containers: [ObservedContainer]) -> ObservedContainer? {
        containers.first { holder in
            containers.allSatisfy { $0.id == holder.id || $0.name.hasPrefix(holder.name + ".") }
        }
    }

    mutating func startAgain(_ container: ObservedContainer, after before: [Step.ID] = []) {
        let fate = Fate(
            state: container.state,
            exitCode: container.exitCode,
            restart: container.details?.limits.restart.unlessDefault,
            isTask: container.labels[Labels.run] == "task",
            startsOnCreate: false,
            restarts: container.details?.restartCount
        )
        let reason = Reason.notRunning(state: container.state, exitCode: container.exitCode)
        switch fate {
        case .start: add(.start(container.reference), after: before, because: reason)
        case .unpause: add(.unpause(container.reference), after: before, because: reason)
        case .leave, .done, .failed, .recreate: return
        }
    }

    /// Appends a step and gives its number.
    @discardableResult
    mutating func add(
        _ operation: Operation,
        after: [Step.ID] = [],
        because reason: Reason
    ) -> Step.ID {
        let id = steps.count + 1
        let order = Set(after).sorted()
        steps.append(Step(id: id, operation: operation, after: order, reason: reason))
        return id
    }
}

extension Service.RestartPolicy {
    /// The engine can't tell "no" from nothing said; our label `run` can.
    fileprivate var unlessDefault: Service.RestartPolicy? { self == .no ? nil : self }
}
