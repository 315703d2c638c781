internal import Admission
internal import Model

/// What becomes of a version on a Swarm of which some services did not come up.
extension Desired {
    /// The gravest of what the files say for the services that failed.
    ///
    /// How many tasks of a service may fail the Swarm has counted before. One of which some did not
    /// come up is never good, so `continue` ends as a pause.
    func swarmCourse(after outcome: Outcome) -> FailureCourse {
        let failed = outcome.failures.filter { $0.failure.kind == .verdict }
        let bears =
            !failed.isEmpty
            && failed.allSatisfy { step, _ in
                let names = services(of: step.operation)
                return !names.isEmpty
                    && names.allSatisfy { name in
                        guard let rollout = admitted.stack.services[name]?.rollout else {
                            return false
                        }
                        return rollout.failureAction != .rollback
                    }
            }
        return bears ? .pause : .goBack
    }

    /// The services of this version that `outcome` leaves as they are: those that are not in its
    /// way, and those that failed whose update the Swarm has stopped, or is about to.
    ///
    /// A service that was made anew has nothing to be half of.
    func standing(
        in swarm: ObservedSwarm,
        _ owned: Set<String>,
        after outcome: Outcome
    ) -> [String] {
        let failed = Set(outcome.failures.flatMap { services(of: $0.step.operation) })
        return swarm.services.filter { service in
            guard owned.contains(service.id), let name = service.labels[Labels.service],
                let spec = specs[name], service.labels[Labels.spec] == spec,
                pins[name].map({ $0.pinned == service.image }) ?? true
            else { return false }
            return !failed.contains(name) || ["paused", "updating"].contains(service.update)
        }.map(\.standing).sorted()
    }

    private func services(of operation: Operation) -> [String] {
        let names: [String: String] = Dictionary(
            uniqueKeysWithValues: admitted.stack.services.keys.map {
                ("\(admitted.stack.composeProjectName)_\($0)", $0)
            }
        )
        return switch operation {
        case .pullImage(let pull): pull.services
        case .change(let change) where change.kind == .service:
            [names[change.name]].compactMap(\.self)
        case .settle(let service): [names[service.name]].compactMap(\.self)
        default: []
        }
    }
}
