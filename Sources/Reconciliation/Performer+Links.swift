internal import Admission
internal import Model
internal import Planning

/// Links of teams and of all who may write below a granted path: an engine follows them to
/// wherever on the node they lead, when it mounts what is bound.
extension Performer {
    /// Refuses to create or start a container while there is a link on the way from a granted path
    /// to what it binds.
    ///
    /// What is not there is left to the engine to refuse.
    func refuseLinks(of container: ContainerRef) async throws {
        guard let (carrier, paths) = plan.paths(boundBy: container) else { return }
        guard let id = learned.container(carrier.container) else {
            throw StepFailure(.permanent, "what it binds could not be looked at")
        }
        for path in paths {
            guard let place = carrier.place(ofRoot: path.root) else { continue }
            try await refuseLinks(on: path, at: place, in: id, for: container)
        }
    }

    private func refuseLinks(
        on path: GrantedPath,
        at place: String,
        in carrier: String,
        for container: ContainerRef
    ) async throws {
        for count in 1...path.components.count {
            let below = ([place] + path.components.prefix(count)).joined(separator: "/")
            switch try await reconciler.engine.kind(of: below, in: carrier) {
            case .folder: continue
            case .other, nil: return
            case .link:
                throw StepFailure(
                    .verdict,
                    "\(container.slot.service) binds \(path.start(.max)), and \(path.start(count)) "
                        + "is a symbolic link, which may lead out of \(path.root) that is granted",
                    remedy: "bind the directory that is meant by its own path, or put it there "
                        + "in the place of the link"
                )
            }
        }
    }
}

extension Reconciler {
    /// What a plan that only starts has to know to have binds looked at first.
    func surroundings(_ observed: Observation) -> Plan.Surroundings {
        Plan.Surroundings(
            observed,
            owned: journal.state().owned(by: id, on: node.name),
            controller: settings.controller,
            grants: tenant.grants
        )
    }
}
