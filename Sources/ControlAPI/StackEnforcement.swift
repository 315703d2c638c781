internal import Model
package import Reconciliation

/// What enforcing policy on a stack would do, without the bodies of the calls.
package struct StackEnforcement: Hashable, Codable, Sendable {
    package var standing: PolicyStanding
    /// Services that would be stopped; empty: containers would be re-created.
    package var stops: [String]
    package var steps: [PlannedStep]
    /// What `--confirm` takes.
    package var change: String

    package init(
        standing: PolicyStanding,
        stops: [String],
        steps: [PlannedStep],
        change: String
    ) {
        self.standing = standing
        self.stops = stops
        self.steps = steps
        self.change = change
    }

    /// What of `enforcement` may leave the controller.
    package init(_ enforcement: PolicyEnforcement) {
        self.init(
            standing: enforcement.standing,
            stops: enforcement.stops,
            steps: enforcement.plan.steps.map(PlannedStep.init),
            change: enforcement.change
        )
    }
}
