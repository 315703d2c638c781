package import Model
internal import Planning
package import Reconciliation

/// What a pass would do with a stack, without the bodies of the calls: those hold what a tenant's
/// environment holds.
package struct StackPlan: Hashable, Codable, Sendable {
    package var stack: StackID
    /// The commit that it leads to; nil when nothing can be planned.
    package var target: Commit?
    package var steps: [PlannedStep]
    /// What is taken over of what somebody else brought up, and what isn't.
    package var adoption: [String]
    /// What differs and is left alone on purpose.
    package var pending: [String]
    /// How services are replaced whose files say so.
    package var rollouts: [String]
    /// What stands in the way of the head; the plan leads to the last good commit then.
    package var problems: [Problem]
    /// Ports of the node that it publishes, those too that Gyre chose.
    package var ports: [ReservedPort]
    /// What policy fills in.
    package var mutations: [String]
    /// How containers are confined besides.
    package var hardening: [String]
    package var warnings: [Diagnostic]
    /// What a person has to agree to first.
    package var confirmation: AwaitedConfirmation?

    package init(stack: StackID, steps: [PlannedStep] = [], problems: [Problem] = []) {
        self.stack = stack
        self.steps = steps
        self.problems = problems
        adoption = []
        pending = []
        rollouts = []
        ports = []
        mutations = []
        hardening = []
        warnings = []
    }

    /// What of `preview` may leave the controller.
    package init(_ preview: Preview, of stack: StackID) {
        self.init(stack: stack, problems: preview.problems)
        target = preview.target
        steps = (preview.plan?.steps ?? []).map(PlannedStep.init)
        pending = preview.plan.map { $0.pending + $0.leavingsInWords } ?? []
        adoption = preview.adoption
        rollouts = preview.plan?.rollouts ?? []
        ports = preview.ports
        mutations = preview.mutations
        hardening = preview.hardening
        warnings = preview.warnings
        confirmation = preview.confirmation.map {
            AwaitedConfirmation(change: $0.change, why: $0.why, names: $0.names)
        }
    }

    /// Whether it leads to no commit at all.
    package var isImpossible: Bool { target == nil }
}

/// One step of a plan, in words.
package struct PlannedStep: Hashable, Codable, Sendable {
    package var id: Int
    /// An imperative phrase, such as `create container shop-web-1`.
    package var text: String
    /// A clause that follows "because".
    package var reason: String
    /// Steps that must be done first.
    package var after: [Int]

    package init(id: Int, text: String, reason: String, after: [Int] = []) {
        self.id = id
        self.text = text
        self.reason = reason
        self.after = after
    }

    package init(_ step: Step) {
        self.init(
            id: step.id,
            text: step.operation.description,
            reason: step.reason.description,
            after: step.after
        )
    }
}

/// A removal that a person has to agree to.
package struct AwaitedConfirmation: Hashable, Codable, Sendable {
    /// What `gyre confirm` takes.
    package var change: String
    package var why: String
    /// What a commit's `Gyre-Remove:` trailers would have to name.
    package var names: [String]

    package init(change: String, why: String, names: [String]) {
        self.change = change
        self.why = why
        self.names = names
    }
}
