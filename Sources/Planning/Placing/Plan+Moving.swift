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
        self.init(
            removing: stack.id,
            as: stack,
            observed: observation,
            owned: owned,
            because: .moves(to: node)
        )
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
