internal import Admission
internal import Model

extension PlanDraft {
    /// The steps that must be done before a service may start, from its `depends_on`.
    ///
    /// A dependency that is not `required` orders nothing: the service starts without it.
    mutating func requirements(of service: Service, named dependent: String) -> [Step.ID] {
        var steps: [Step.ID] = []
        for (name, dependency) in service.dependsOn.sorted(by: { $0.key < $1.key })
        where dependency.required {
            for index in 0..<(stack.services[name]?.replicas ?? 0) {
                let slot = Slot(service: name, number: index + 1)
                guard let filling = filled[slot] else { continue }
                switch dependency.condition {
                case .started: steps += filling.start.map { [$0] } ?? []
                case .healthy: steps += wait(for: filling, .healthy, dependent)
                case .completed: steps += wait(for: filling, .completed, dependent)
                }
            }
        }
        return steps
    }

    /// A wait for one slot of a dependency; none when what is waited for is so already, nor, for
    /// what was good before, when it has ended for good: the others are repaired without it.
    private mutating func wait(
        for filling: Filling,
        _ condition: WaitCondition,
        _ dependent: String
    ) -> [Step.ID] {
        let slot = filling.container.slot
        if let step = waits[slot]?[condition] { return [step] }
        if condition == .completed, isCompleted(slot.service) { return [] }
        if filling.start == nil, let observed = filling.observed {
            if input.isProven, observed.state.hasEnded { return [] }
            let isHealthy = observed.state == .running && observed.health == .healthy
            if condition == .healthy, isHealthy { return [] }
            let isCompleted = observed.state == .exited && observed.exitCode == 0
            if condition == .completed, isCompleted { return [] }
        }
        let step = plan.add(
            .wait(filling.container, condition),
            after: filling.start.map { [$0] } ?? [],
            because: .dependency(of: dependent)
        )
        waits[slot, default: [:]][condition] = step
        return [step]
    }

    /// A dependency that says `restart: true` and runs in containers that came after `keep` was
    /// started, so that `keep` has to be restarted.
    ///
    /// It is told from facts, so that a controller that ended before the restart makes up for it.
    /// A dependency's restart by the engine is none of it, nor is a further replica. One that is
    /// not `required` may come at any time; it counts only while it is being replaced.
    func replacedDependency(
        of service: Service,
        filledBy keep: ObservedContainer?
    ) -> String? {
        guard let keep, keep.state == .running || keep.state == .paused else { return nil }
        if let host = restartedHost(of: service, filledBy: keep) { return host }
        let replaced = service.dependsOn.filter { name, dependency in
            guard dependency.restart else { return false }
            let fillings = filled.filter { $0.key.service == name }.values
            if fillings.contains(where: \.isReplaced) { return true }
            guard dependency.required, !fillings.isEmpty else { return false }
            return fillings.allSatisfy { $0.isNewer(than: keep) }
        }
        return replaced.keys.min()
    }
}

extension PlanDraft.Filling {
    /// Whether it runs, or will, in a container that was created after `other` was last started.
    fileprivate func isNewer(than other: ObservedContainer) -> Bool {
        guard let observed else { return start != nil }
        guard observed.state == .running || start != nil, let started = other.details?.started
        else { return false }
        return observed.created > started
    }
}
