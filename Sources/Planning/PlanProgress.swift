package import Model

/// Which steps of a plan may run now, as a state machine without I/O.
///
/// A step runs when all that it comes after is done. A failed step skips its dependents and
/// theirs, never its siblings.
package struct PlanProgress: Sendable {
    package let plan: Plan
    package private(set) var results: [Step.ID: StepResult] = [:]
    private var running: Set<Step.ID> = []
    private let width: Int

    /// At most `width` steps at once; waits don't count, they occupy nothing.
    package init(_ plan: Plan, width: Int) {
        precondition(width > 0, "a width of zero would never begin")
        self.plan = plan
        self.width = width
    }

    package var isFinished: Bool { results.count == plan.steps.count }

    /// The steps to begin now, in the plan's order; each is returned once.
    package mutating func next() -> [Step] {
        var free = width - running.count { !isWait($0) }
        var begun: [Step] = []
        for step in plan.steps where results[step.id] == nil && !running.contains(step.id) {
            guard step.after.allSatisfy({ results[$0] == .done }) else { continue }
            if !isWait(step.id) {
                guard free > 0 else { continue }
                free -= 1
            }
            running.insert(step.id)
            begun.append(step)
        }
        return begun
    }

    /// Takes in what became of a step that ``next()`` returned.
    package mutating func finished(_ id: Step.ID, _ result: StepResult) {
        precondition(running.remove(id) != nil, "a step finishes once, after it began")
        results[id] = result
        guard result != .done else { return }
        for step in plan.steps where results[step.id] == nil {
            if let cause = step.after.first(where: { results[$0].map { $0 != .done } ?? false }) {
                results[step.id] = result == .cancelled ? .cancelled : .skipped(because: cause)
            }
        }
    }

    /// Gives up what has not begun: a newer commit is waiting.
    package mutating func cancel() {
        for step in plan.steps where results[step.id] == nil && !running.contains(step.id) {
            results[step.id] = .cancelled
        }
    }

    private func isWait(_ id: Step.ID) -> Bool { plan.steps[id - 1].operation.isWait }
}
