internal import Admission
package import Model

/// What becomes of a version of which some containers did not come up.
package enum FailureCourse: Hashable, Sendable {
    /// On in all slots but these, which are left to what ran there before.
    case goOn(without: Set<Slot>)
    /// No further; what came up stays.
    case pause
    /// Back to what was good, all of it.
    case goBack
}

extension Desired {
    /// What the files say is to become of it after `outcome`, where it failed in `before` already;
    /// the gravest of what they say for the services that failed.
    ///
    /// Source: the Compose Deploy Specification, `failure_action` and `max_failure_ratio`. What is
    /// no container's failure is none that a service could bear.
    package func course(after outcome: Outcome, setAside before: Set<Slot>) -> FailureCourse {
        if admitted.stack.isForSwarm { return swarmCourse(after: outcome) }
        let services = admitted.stack.services
        var failed = before
        for (step, failure) in outcome.failures where failure.kind == .verdict {
            let slots = slots(of: step.operation)
            guard !slots.isEmpty else { return .goBack }
            failed.formUnion(slots)
        }
        var isPaused = false
        for (name, slots) in Dictionary(grouping: failed, by: \.service) {
            guard let service = services[name], let rollout = service.rollout else {
                return .goBack
            }
            let most = rollout.maximumFailureRatio * Double(service.replicas)
            guard Double(slots.count) > most + 1e-9 else { continue }
            switch rollout.failureAction {
            case .rollback: return .goBack
            case .pause: isPaused = true
            case .continue: continue
            }
        }
        return isPaused ? .pause : .goOn(without: failed)
    }

    /// The slots that get nothing when a step fails.
    private func slots(of operation: Operation) -> [Slot] {
        let services = admitted.stack.services
        switch operation {
        case .pullImage(let pull):
            return pull.services.flatMap { name in
                (0..<max(0, services[name]?.replicas ?? 0)).map {
                    Slot(service: name, number: $0 + 1)
                }
            }
        case .createContainer(let spec): return [spec.slot]
        default:
            return [operation.container?.slot].compactMap(\.self).filter {
                services[$0.service] != nil
            }
        }
    }

    /// Ids of the containers of this version that `outcome` leaves in their slots: those that came
    /// up, and tasks that are done.
    package func standing(
        in observation: Observation,
        owned: Set<String>,
        after outcome: Outcome,
        setAside: Set<Slot>
    ) -> [String] {
        if let swarm = observation.swarm { return standing(in: swarm, owned, after: outcome) }
        let unfinished = outcome.plan.steps.filter { outcome.results[$0.id] != .done }
        let open = Set(unfinished.flatMap { slots(of: $0.operation) }).union(setAside)
        return observation.containers.filter { container in
            guard owned.contains(container.id), let slot = container.slot, !open.contains(slot),
                let spec = specs[slot.service], container.labels[Labels.spec] == spec
            else { return false }
            let isImage = pins[slot.service].map { $0.imageID == container.imageID } ?? true
            return isImage && container.state != .dead && container.state != .removing
        }.map(\.id).sorted()
    }
}
