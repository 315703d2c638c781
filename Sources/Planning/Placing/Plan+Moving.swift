internal import Admission
package import Model

extension Plan {
    /// Takes a whole stack away from its node because it moves to another: what depends on
    /// something stops before it, and no volume is touched.
    ///
    /// Nobody has to agree to it (law 5): an operator drained the node, and all that goes comes up
    /// elsewhere, as it was.
    package init(
        moving stack: Stack,
        to node: String,
        observed observation: Observation,
        owned: Set<String>
    ) {
        let reason = Reason.moves(to: node)
        self.init(stack: stack.id, commit: nil)
        let ours = observation.containers.sortedByName.filter {
            owned.contains($0.id) && $0.state != .removing
        }
        let byService = Dictionary(grouping: ours) { $0.slot?.service ?? "" }
        var stops: [String: [Step.ID]] = [:]
        // What the file doesn't have may depend on anything.
        let strangers = byService.keys.filter { stack.services[$0] == nil }.sorted()
        for name in strangers + stack.serviceOrder.reversed() {
            let dependents = stack.services.filter { $0.value.dependsOn[name] != nil }.keys
            let before = (dependents + (strangers.contains(name) ? [] : strangers))
                .flatMap { stops[$0] ?? [] }
            for container in byService[name] ?? [] {
                var last = before
                if container.state.holdsResources {
                    let grace = container.details?.stopTimeout
                    let stop = Operation.stop(container.reference, grace: grace)
                    last = [add(stop, after: before, because: reason)]
                    stops[name, default: []] += last
                }
                add(.remove(container.reference), after: last, because: reason)
            }
        }
        let networks = observation.networks.sortedByName.filter { owned.contains($0.id) }
        remove(networks, from: observation, because: reason)
        removeContents(owned.contents, from: observation, because: reason)
        noteLeavings(observation)
    }

    /// Stops what writes of a stack on a node that is not its own any more; it stays, with all it
    /// has.
    package init(
        stoppingWritersOf stack: StackID,
        observed observation: Observation,
        owned: Set<String>,
        movedTo home: String
    ) {
        self.init(stack: stack, commit: nil)
        for container in observation.containers.sortedByName
        where owned.contains(container.id) && container.state.holdsResources && container.writes {
            let grace = container.details?.stopTimeout
            add(.stop(container.reference, grace: grace), because: .moved(to: home))
        }
    }

    /// The images that it needs first, and nothing else of it.
    package var pulls: Plan {
        var pulls = Plan(stack: stack, commit: commit)
        for step in steps {
            if case .pullImage = step.operation { pulls.add(step.operation, because: step.reason) }
        }
        return pulls
    }
}

extension ObservedContainer {
    /// Whether it has something to write that outlives it: a mount, or a volume without a name.
    fileprivate var writes: Bool {
        let read = Set(mounts.filter(\.readOnly).map(\.source))
        return mounts.contains { !$0.readOnly } || !Set(volumes).subtracting(read).isEmpty
    }
}
