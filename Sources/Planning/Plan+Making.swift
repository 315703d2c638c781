package import Model

extension Plan {
    /// The change from what is observed to what is desired; empty when there is none.
    ///
    /// Deterministic: the same input gives the same text, in whatever order it lists things.
    package init(from input: PlanningInput) {
        var draft = PlanDraft(input)
        draft.pullImages()
        draft.createNetworks()
        draft.createVolumes()
        for service in input.desired.order { draft.bring(service) }
        draft.removeWhatGoes()
        self = draft.plan
    }

    /// Takes a whole stack away, but for its volumes.
    package init(
        removing stack: StackID,
        observed observation: Observation,
        owned: Set<String>
    ) {
        self.init(stack: stack, commit: nil)
        var removals: [Step.ID] = []
        for container in observation.containers.sortedByName where owned.contains(container.id) {
            var before: [Step.ID] = []
            if container.state.holdsResources {
                before = [add(.stop(container.reference), because: .stackRemoved)]
            }
            removals.append(
                add(.remove(container.reference), after: before, because: .stackRemoved)
            )
        }
        for network in observation.networks.sortedByName where owned.contains(network.id) {
            add(.removeNetwork(network.reference), after: removals, because: .stackRemoved)
        }
    }

    /// Starts again what stands still and should run, creating and removing nothing: all that
    /// may be done for a stack whose desired state can't be known or is not admitted.
    package init(startingAgain stack: StackID, observed observation: Observation) {
        self.init(stack: stack, commit: nil)
        for container in observation.containers.sortedByName
        where container.name == container.slot?.containerName(in: stack) {
            let fate = Fate(
                state: container.state,
                exitCode: container.exitCode,
                restart: container.details?.limits.restart.unlessDefault,
                isTask: container.labels[Labels.run] == "task",
                startsOnCreate: false
            )
            let reason = Reason.notRunning(state: container.state, exitCode: container.exitCode)
            switch fate {
            case .start: add(.start(container.reference), because: reason)
            case .unpause: add(.unpause(container.reference), because: reason)
            case .leave, .done, .failed, .recreate: continue
            }
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
