internal import Model

/// The order of a plan's steps, while more of it becomes known.
struct PlanGraph {
    private let original: Plan
    private var after: [Step.ID: Set<Step.ID>]

    init(_ plan: Plan) {
        original = plan
        after = Dictionary(uniqueKeysWithValues: plan.steps.map { ($0.id, Set($0.after)) })
    }

    /// Makes `first` come before `second`; whatever made it come after is given up.
    mutating func order(_ first: Step.ID, before second: Step.ID) {
        let given = after[first, default: []]
        after[first] = given.filter { $0 != second && !depends($0, on: second) }
        after[second, default: []].insert(first)
    }

    private func depends(_ step: Step.ID, on other: Step.ID) -> Bool {
        var pending = [step]
        var seen: Set<Step.ID> = []
        while let next = pending.popLast() {
            for before in after[next] ?? [] where seen.insert(before).inserted {
                if before == other { return true }
                pending.append(before)
            }
        }
        return false
    }

    /// The plan with its steps numbered so that each comes after those that it waits for.
    var plan: Plan {
        var placed: [Step.ID: Step.ID] = [:]
        var ordered: [Step] = []
        while ordered.count < original.steps.count {
            let ready = original.steps.first { step in
                placed[step.id] == nil
                    && after[step.id, default: []].allSatisfy { placed[$0] != nil }
            }
            guard let next = ready else { preconditionFailure("steps form a cycle") }
            placed[next.id] = ordered.count + 1
            ordered.append(next)
        }
        var plan = original
        plan.steps = ordered.enumerated().map { index, step in
            Step(
                id: index + 1,
                operation: step.operation,
                after: after[step.id, default: []].compactMap { placed[$0] }.sorted(),
                reason: step.reason
            )
        }
        return plan
    }
}
