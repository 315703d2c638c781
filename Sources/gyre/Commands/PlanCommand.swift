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
            waits for a confirmation, with 5 when the engine or a repository does not answer.

            Examples:
              gyre plan
              gyre plan shop/web
              gyre plan shop/web --json | jq -r '.plans[].steps[].text'
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?

    func run() async throws {
        let session = options.session()
        let control = try await session.control()
        let (stacks, unanswered) = try await control.stacks(stack)
        var plans: [StackPlan] = []
        for stack in stacks { plans.append(try await control.plan(stack)) }
        try session.output.show(PlansAnswer(plans: plans, unanswered: unanswered))
        let code = ExitCode(of: plans, unanswered)
        if code != .success { throw Quit(code: code) }
    }
}

extension Control {
    /// The one stack asked for, or all, and what of the rest did not answer.
    func stacks(_ stack: StackID?) async throws -> ([StackID], [Unanswered]) {
        let status = try await status()
        guard let stack else { return (status.stacks.map(\.stack), status.unanswered) }
        guard status.stacks.contains(where: { $0.stack == stack }) else {
            throw status.unknown(stack)
        }
        return ([stack], [])
    }
}

extension ExitCode {
    /// What several plans come to.
    init(of plans: [StackPlan], _ unanswered: [Unanswered]) {
        let kinds = Set(plans.flatMap(\.problems).map(\.kind))
        if !kinds.isDisjoint(with: [.invalid, .denied]) {
            self = .denied
        } else if !kinds.isDisjoint(with: [.repository, .engine])
            || ExitCode(unanswered) == .unreachable
        {
            self = .unreachable
        } else if !kinds.isEmpty || plans.contains(where: { $0.confirmation != nil }) {
            self = .notConverged
        } else {
            self = ExitCode(unanswered)
        }
    }
}
