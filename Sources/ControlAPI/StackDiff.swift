package import Model
package import Reconciliation

/// What a stack's head would change against the version that ran stable last.
package struct StackDiff: Hashable, Codable, Sendable {
    package var stack: StackID
    /// The last good commit; nil when none was yet.
    package var from: Commit?
    package var to: Commit?
    /// Field by field of the compose model, by path; nil when one of the two can't be loaded.
    package var changes: [ModelChange]?
    package var plan: StackPlan

    package init(
        stack: StackID,
        from: Commit? = nil,
        to: Commit? = nil,
        changes: [ModelChange]? = [],
        plan: StackPlan
    ) {
        self.stack = stack
        self.from = from
        self.to = to
        self.changes = changes
        self.plan = plan
    }

    /// What of `comparison` may leave the controller.
    package init(_ comparison: Comparison) {
        self.init(
            stack: comparison.stack,
            from: comparison.good,
            to: comparison.head,
            changes: comparison.changes,
            plan: StackPlan(comparison.preview, of: comparison.stack)
        )
    }
}
