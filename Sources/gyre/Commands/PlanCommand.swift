internal import Admission
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
            With --policy it plans a folder instead, offline: what the folder would bring under a \
            policy that gyre policy publish wrote, against nothing or against --from, the folder \
            of the version before.

            Exits with 3 when a head is denied or can't be loaded, with 4 when it is held or \
            waits for a confirmation, with 5 when the engine or a repository does not answer.

            Examples:
              gyre plan
              gyre plan shop/web
              gyre plan shop/web --json | jq -r '.plans[].steps[].text'
              gyre plan deploy --policy shop.json
              gyre plan deploy --policy shop.json --from ../main/deploy --json
            """
    )

    @OptionGroup var options: CommonOptions
    @Option(
        help: ArgumentHelp(
            "Plan a folder, offline, by a policy that gyre policy publish wrote.",
            valueName: "file"
        )
    )
    var policy: String?
    @Option(
        help: ArgumentHelp("With --policy: the version before, as a folder.", valueName: "folder")
    )
    var from: String?
    @Option(
        name: .customLong("stack"),
        help: ArgumentHelp(
            "With --policy: the stack that the folder is. (default: the one of the project's name)",
            valueName: "name"
        )
    )
    var stackName: String?
    @Argument(
        help: ArgumentHelp(
            "PROJECT/STACK, or PROJECT for the stack of that name; with --policy a folder. "
                + "(default: all; with --policy .)",
            valueName: "stack"
        )
    )
    var subject: String?

    func validate() throws {
        guard policy == nil else { return }
        if from != nil || stackName != nil {
            throw ValidationError("--from and --stack go with --policy")
        }
        do {
            _ = try subject.map(StackID.argument)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    func run() async throws {
        guard policy == nil else { return try await planFolder() }
        let stack = try subject.map(StackID.argument)
        let session = options.session()
        let control = try await session.control()
        let (stacks, unanswered) = try await control.stacks(stack)
        var plans: [StackPlan] = []
        for stack in stacks { plans.append(try await control.plan(stack)) }
        try session.output.show(PlansAnswer(plans: plans, unanswered: unanswered))
        let code = ExitCode(of: plans, unanswered)
        if code != .success { throw Quit(code: code) }
    }

    private func planFolder() async throws {
        let config = options.file.config
        let judgement = try FolderJudgement(
            config: config,
            policy: policy,
            project: nil,
            stack: stackName
        )
        var before: AdmittedStack?
        if let from {
            let answer = try await PolicyAnswer(of: from, judgement)
            before = answer.admitted
            if before == nil {
                options.out.output.warn("\(from) is denied, so that all is shown as new")
            }
        }
        let judged = try await PolicyAnswer(of: subject ?? ".", judgement)
        let plan = FolderPlan(judged, of: judgement.stack, from: before)
        try options.out.output.show(plan)
        if plan.verdict == .deny { throw Quit(code: .denied) }
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
        if !kinds.isDisjoint(with: [.invalid, .denied, .againstPolicy]) {
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
