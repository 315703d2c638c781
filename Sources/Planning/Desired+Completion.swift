internal import Admission
package import Model

extension Desired {
    /// The tasks that have run to their end, as far as `observation` shows it, for the journal.
    ///
    /// A task of several replicas is done when all of them are. A slot with two containers tells
    /// nothing: one may have been stopped to make way for the other.
    package func completedTasks(in observation: Observation, owned: Set<String>) -> Set<PinKey> {
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
}
