internal import Model
internal import Planning

/// Whether a run has to come to an end because something newer waits.
struct Preemption: Sendable {
    /// Something newer waits; the run gives up its waits.
    private(set) var isAsked = false
    private var isRunning = false
    /// The containers that were there at the last look, with their slots.
    private var present: [String: Slot?] = [:]
    /// Containers that the run deals with itself.
    private var busy: Set<String> = []

    mutating func saw(_ observed: Observation) {
        let there = observed.containers.filter { $0.state != .removing }
        present = Dictionary(there.map { ($0.id, $0.slot) }) { first, _ in first }
    }

    /// A plan is begun; its containers, and what else is in their slots, are its own business.
    mutating func begin(_ plan: Plan) {
        isAsked = false
        isRunning = true
        let slots = Set(plan.steps.compactMap(\.operation.slot))
        let beside = present.filter { $0.value.map(slots.contains) ?? false }
        busy = Set(plan.steps.compactMap { $0.operation.container?.id } + beside.keys)
    }

    /// The run has made a container.
    mutating func created(_ id: String) { busy.insert(id) }

    mutating func end() {
        isRunning = false
        busy = []
    }

    /// Asks the run to end: a newer commit is here, or a container needs a look.
    ///
    /// One that the run deals with itself does not count, nor one that was gone already when the
    /// plan was made.
    mutating func ask(because container: String?) {
        guard isRunning else { return }
        if let container {
            guard present.keys.contains(container), !busy.contains(container) else { return }
        }
        isAsked = true
    }
}

extension Operation {
    /// The slot that it brings, where it brings one.
    fileprivate var slot: Slot? {
        if case .createContainer(let spec) = self { spec.slot } else { container?.slot }
    }
}
