internal import Admission
package import Model

extension Desired {
    /// The tasks that have run to their end, as far as `observation` shows it, for the journal.
    ///
    /// A task of several replicas is done when all of them are. A slot with two containers tells
    /// nothing: one may have been stopped to make way for the other.
    package func completedTasks(in observation: Observation, owned: Set<String>) -> Set<PinKey> {
        if let swarm = observation.swarm { return completedTasks(in: swarm, owned) }
        let ours = observation.containers.filter { owned.contains($0.id) }
        let slots = Dictionary(grouping: ours) { $0.slot }
        let done = admitted.stack.services.compactMap { name, service -> PinKey? in
            guard isTask(name), service.replicas > 0, let spec = specs[name] else { return nil }
            let isDone = (1...service.replicas).allSatisfy { number in
                let containers = slots[Slot(service: name, number: number)] ?? []
                guard containers.count == 1, let container = containers.first else { return false }
                return container.state == .exited && container.exitCode == 0
                    && container.labels[Labels.spec] == spec
            }
            return isDone ? PinKey(stack: id, service: name, spec: spec) : nil
        }
        return Set(done)
    }

    /// The same of a Swarm, whose tasks are no slots.
    ///
    /// As many have ended well as the service was to have, or one on each node that had any where
    /// no number is said; and none is under way.
    private func completedTasks(in swarm: ObservedSwarm, _ owned: Set<String>) -> Set<PinKey> {
        let done = swarm.services.compactMap { service -> PinKey? in
            guard owned.contains(service.id), let name = service.labels[Labels.service],
                isTask(name), let spec = specs[name], service.labels[Labels.spec] == spec
            else { return nil }
            let current = taskSpecs(of: name).current
            let tasks = service.tasks.filter {
                [spec, current].contains($0.labels[Labels.spec])
            }
            let complete = tasks.filter(\.isComplete)
            let isEnough =
                service.replicas.map { complete.count >= $0 }
                ?? (Set(complete.map(\.node)) == Set(tasks.map(\.node)))
            let isDone = isEnough && !complete.isEmpty && !tasks.contains(where: \.isWanted)
            return isDone ? PinKey(stack: id, service: name, spec: spec) : nil
        }
        return Set(done)
    }
}
