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

    /// A wait for one slot of a dependency; none when what is waited for is so already.
    private mutating func wait(
        for filling: Filling,
        _ condition: WaitCondition,
        _ dependent: String
    ) -> [Step.ID] {
        let slot = filling.container.slot
        if let step = waits[slot]?[condition] { return [step] }
        if condition == .completed, isCompleted(slot.service) { return [] }
        if filling.start == nil, let observed = filling.observed {
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

    /// A dependency that says `restart: true` and is replaced, so that a running container has
    /// to be restarted.
    func replacedDependency(
        of service: Service,
        filledBy keep: ObservedContainer?
    ) -> String? {
        guard keep?.state == .running else { return nil }
        let replaced = service.dependsOn.filter { name, dependency in
            dependency.restart && filled.contains { $0.key.service == name && $0.value.isReplaced }
        }
        return replaced.keys.min()
    }
}
