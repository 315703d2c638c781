internal import Admission
internal import Model

/// The way down of a whole stack: what depends on something goes before it, as with
/// `docker compose down`.
///
/// Source: compose 5, `pkg/compose/down.go`, `InReverseDependencyOrder`.
extension Plan {
    /// Stops and removes containers; a service stops when those that depend on it have stopped.
    mutating func takeDown(
        _ containers: [ObservedContainer],
        of files: Stack?,
        _ reason: Reason
    ) {
        let there = containers.sortedByName.filter { $0.state != .removing }
        let byService = Dictionary(grouping: there) { $0.slot?.service ?? "" }
        descend(through: files, from: Set(byService.keys)) { plan, name, before in
            var stops: [Step.ID] = []
            for container in byService[name] ?? [] {
                var last = before
                if container.state.holdsResources {
                    let grace = container.details?.stopTimeout
                    let stop = Operation.stop(container.reference, grace: grace)
                    last = [plan.add(stop, after: before, because: reason)]
                    stops += last
                }
                plan.add(.remove(container.reference), after: last, because: reason)
            }
            return stops
        }
    }

    /// Removes services of a Swarm, each when those that depend on it are gone; gives the steps.
    mutating func takeDown(_ services: [ObservedService], of files: Stack?) -> [Step.ID] {
        let there = services.sorted { $0.name < $1.name }
        let byService = Dictionary(grouping: there) { $0.labels[Labels.service] ?? "" }
        var all: [Step.ID] = []
        descend(through: files, from: Set(byService.keys)) { plan, name, before in
            let steps = (byService[name] ?? []).map { service in
                let change = SwarmChange(.remove(id: service.id), .service, service.name)
                return plan.add(.change(change), after: before, because: .stackRemoved)
            }
            all += steps
            return steps
        }
        return all
    }

    /// Has each service end after all that depend on it; `end` gives the steps that this takes.
    ///
    /// What the files don't have may depend on anything, so it goes first.
    private mutating func descend(
        through files: Stack?,
        from there: Set<String>,
        end: (inout Plan, String, [Step.ID]) -> [Step.ID]
    ) {
        let strangers = there.filter { files?.services[$0] == nil }.sorted()
        let first = strangers.flatMap { end(&self, $0, []) }
        var dependents: [String: [String]] = [:]
        for (name, service) in files?.services ?? [:] {
            for needed in service.dependsOn.keys { dependents[needed, default: []].append(name) }
        }
        var ends: [String: [Step.ID]] = [:]
        for name in files?.serviceOrder.reversed() ?? [] {
            let before = first + (dependents[name] ?? []).flatMap { ends[$0] ?? [] }
            let own = there.contains(name) ? end(&self, name, before) : []
            // What nothing runs of stands between those that depend on it and what it needs.
            ends[name] = own.isEmpty ? before : own
        }
    }
}
