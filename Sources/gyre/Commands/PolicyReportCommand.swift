internal import ArgumentParser
internal import ControlAPI
internal import Model
internal import OperatorFile
internal import Reconciliation

/// `gyre policy report`: what policy says of what runs.
struct PolicyReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Judge what runs, by the policy in force or by a file that isn't yet.",
        discussion: """
            Of each stack the commit that serves is judged, and what its containers have is \
            compared with what policy would give them now. ok: nothing would be otherwise. \
            changes: policy would fill in other values; they come with the next re-creation. \
            against: it would be denied. It runs on all the same.

            Without --config the running controller answers, by its policy. With --config FILE \
            that file is asked, whether it is in force or not, before it is: nothing is fetched, \
            changed or written. Where a controller runs, its own verdict stands before the arrow.

            Exits with 3 when a stack is against policy, else with 1 when one can't be judged.

            Examples:
              gyre policy report
              gyre policy report shop
              gyre policy report shop/web --json | jq '.stacks[].findings'
              gyre policy report --config new.yaml           before it is taken up
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(
        help: ArgumentHelp(
            "PROJECT for all its stacks, or PROJECT/STACK. (default: all)",
            valueName: "scope"
        ),
        transform: PolicyScope.argument
    )
    var scope: PolicyScope?

    func run() async throws {
        let session = options.session()
        let scope = scope ?? .all
        // A file that can't be used is told of before anybody is asked.
        if options.file.config != nil { _ = try session.configuration }
        let running = try options.file.config == nil ? session.running() : try? session.running()
        let before = try await running?.policyReport(of: scope)
        var answer: PolicyReportAnswer
        if options.file.config == nil, let before {
            answer = PolicyReportAnswer(before, by: nil)
        } else {
            let file = try session.configuration
            answer = PolicyReportAnswer(try await file.policyReport(of: scope), by: file.path)
            answer.before = before
        }
        try answer.requireSome(of: scope)
        try session.output.show(Explained(answer, by: session.docs))
        if answer.exit != .success { throw Quit(code: answer.exit) }
    }
}

extension ConfigurationFile {
    /// Judges what runs by this file: from the journal and the mirrors that are there, with a look
    /// at the engine where it answers.
    fileprivate func policyReport(of scope: PolicyScope) async throws -> PolicyReport {
        for (name, project) in settings.projects.sorted(by: { $0.key < $1.key }) {
            try project.policy.checkRules(of: name, in: self)
        }
        let controller = try await CompositionRoot(settings, .quiet).look()
        await controller.recall()
        return try await controller.policyReport(of: scope)
    }
}

extension PolicyScope {
    /// Reads what people write: a name with a slash is a stack.
    static func argument(_ text: String) throws -> PolicyScope {
        let stack = try StackID(parsing: text)
        return text.contains("/") ? .stack(stack) : .project(stack.project)
    }
}

extension PolicyReportAnswer {
    /// Refuses a name that nothing has, which is a slip.
    fileprivate func requireSome(of scope: PolicyScope) throws {
        guard report.stacks.isEmpty, case .project(let project) = scope else { return }
        throw Failure(.usage, "no stack of a project \(project) is known")
    }
}
