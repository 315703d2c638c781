internal import ArgumentParser
internal import ControlAPI
internal import Model
internal import Reconciliation

/// `gyre plan`: what a pass would do.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would be done now, and why, without doing it.",
        discussion: """
            Exits with 3 when a head is denied or can't be loaded, with 4 when it is held or \
            waits for a confirmation.

            Examples:
              gyre plan
              gyre plan shop/web
              gyre plan shop/web --json | jq -r '.plans[].steps[].text'
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?

    func run() async throws {
        let session = try options.session()
        let control = try await session.control()
        var plans: [StackPlan] = []
        for stack in try await control.stacks(stack) { plans.append(try await control.plan(stack)) }
        try session.output.show(PlansAnswer(plans: plans))
        let code = ExitCode(of: plans)
        if code != .success { throw Quit(code: code) }
    }
}

extension Control {
    /// The one stack asked for, or all.
    func stacks(_ stack: StackID?) async throws -> [StackID] {
        if let stack { return [stack] }
        return try await status().stacks.map(\.stack)
    }
}

extension ExitCode {
    /// What several plans come to.
    init(of plans: [StackPlan]) {
        let kinds = Set(plans.flatMap(\.problems).map(\.kind))
        if !kinds.isDisjoint(with: [.invalid, .denied]) {
            self = .denied
        } else if !kinds.isDisjoint(with: [.repository, .engine]) {
            self = .unreachable
        } else if !kinds.isEmpty || plans.contains(where: { $0.confirmation != nil }) {
            self = .notConverged
        } else {
            self = .success
        }
    }
}
