internal import Admission
internal import ArgumentParser
internal import ControlAPI
internal import GitSource
internal import Model
internal import Reconciliation

/// `gyre plan`: what a pass would do.
struct PlanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what would be done now, and why, without doing it.",
        discussion: """
            With --policy it plans a folder instead, offline: what the folder would bring under a \
            policy that gyre policy publish wrote, against nothing or against --from, the version \
            before: another folder, or else a revision of the git repository that the folder lies \
            in.

            Exits with 3 when a head is denied or can't be loaded, with 4 when it is held or \
            waits for a confirmation, with 5 when the engine or a repository does not answer.

            Examples:
              gyre plan
              gyre plan shop/web
              gyre plan shop/web --json | jq -r '.plans[].steps[].text'
              gyre plan deploy --policy shop.json
              gyre plan deploy --policy shop.json --from origin/main
              gyre plan deploy --policy shop.json --from ../before/deploy --json
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
        help: ArgumentHelp(
            "With --policy: the version before, as a folder or a git revision.",
            valueName: "folder-or-revision"
        )
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
    @Option(
        help: ArgumentHelp(
            "With --policy and a .gyre.yaml: the environment. (default: the stack's own)",
            valueName: "name"
        )
    )
    var environment: String?
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
        if from != nil || stackName != nil || environment != nil {
            throw ValidationError("--from, --stack and --environment go with --policy")
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
        let answer = PlansAnswer(plans: plans, unanswered: unanswered)
        try session.output.show(Explained(answer, by: session.docs))
        let code = ExitCode(of: plans, unanswered)
        if code != .success { throw Quit(code: code) }
    }

    private func planFolder() async throws {
        let config = options.file.config
        let judgement = try FolderJudgement(
            config: config,
            policy: policy,
            project: nil,
            stack: stackName,
            environment: environment
        )
        var before: AdmittedStack?
        if let from {
            let answer = try await version(from, of: subject ?? ".", judgement)
            before = answer?.admitted
            if answer != nil, before == nil {
                options.out.output.warn("\(from) is denied, so that all is shown as new")
            }
        }
        let judged = try await PolicyAnswer(of: subject ?? ".", judgement)
        let plan = FolderPlan(judged, of: judgement.stack, from: before)
        try options.out.output.show(plan)
        if plan.verdict == .deny { throw Quit(code: .denied) }
    }
}

/// What policy says of the version before of `folder`: of another folder, or of the same one at a
/// revision of its repository; nil where the revision has no such folder.
private func version(
    _ name: String,
    of folder: String,
    _ judgement: FolderJudgement
) async throws -> PolicyAnswer? {
    if case .directory? = try FileBytes.kind(of: name, followingLink: true) {
        return try await PolicyAnswer(of: name, judgement)
    }
    let snapshot: Snapshot
    do {
        snapshot = try WorkingRepository.snapshot(of: folder, at: name)
    } catch {
        throw Failure(
            .usage,
            "\(name) is no folder, and no revision: \(error)",
            remedy: "name a folder, or a commit, branch or tag that the clone has"
        )
    }
    return snapshot.entries.isEmpty ? nil : try await PolicyAnswer(of: snapshot, judgement)
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
