internal import ArgumentParser
internal import ControlAPI
internal import Model
internal import Planning
internal import Reconciliation

/// `gyre policy enforce`: what runs, brought to what policy says.
struct PolicyEnforceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enforce",
        abstract: "Bring what runs of a stack to what policy says now.",
        discussion: """
            A change of policy stops and re-creates nothing by itself. This shows what enforcing \
            it on one stack would do, and an id; with --confirm ID just that is done. Containers \
            that policy gives other values are re-created, one after the other, as for a new \
            version. Of a stack that policy denies, containers of services with a finding are \
            stopped, all of them where a finding is about the whole; they are kept, and started \
            again as soon as a version is admitted.

            Exits with 3 when the stack is against policy and --confirm isn't given.

            Examples:
              gyre policy enforce shop/web
              gyre policy enforce shop/web --confirm 3f2a91c4d05e
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stack, transform: StackID.argument) var stack: StackID
    @Option(
        help: ArgumentHelp("Do it, if that is what would be done.", valueName: "change")
    )
    var confirm: String?

    func run() async throws {
        let session = options.session()
        if let confirm {
            try await session.deciding().enforce(stack, change: confirm, by: .own)
            return try session.output.show(Remark("enforced: \(stack) goes on with \(confirm)"))
        }
        let found = try await session.control().enforcement(of: stack)
        let answer = EnforcementAnswer(enforcement: found)
        try session.output.show(Explained(answer, by: session.docs))
        if found.standing.verdict == .against { throw Quit(code: .denied) }
    }
}

/// What enforcing policy would do.
struct EnforcementAnswer: FindingAnswer {
    let enforcement: StackEnforcement

    var codes: [String] { enforcement.standing.findings.map(\.code) }
    var shownCodes: [String] { denials.map(\.code) }

    private var denials: [Diagnostic] {
        enforcement.standing.findings.filter { $0.severity == .error }
    }

    func text(_ style: Style) -> String {
        let standing = enforcement.standing
        var lines = ["\(standing.stack): \(standing.verdict.rawValue)"]
        lines += denials.map { Excerpt($0).text(style) }.indented()
        lines += standing.changes.map(\.description).indented()
        if enforcement.steps.isEmpty { lines.append("what is denied stands still already") }
        lines += enforcement.steps.map { "\($0.id). \($0.text), because \($0.reason)" }
        let what =
            enforcement.stops.isEmpty
            ? "containers are re-created"
            : "stopped until a version is admitted: \(enforcement.stops.joined(separator: ", "))"
        lines.append(what)
        lines.append(
            "→ gyre policy enforce \(standing.stack) --confirm \(enforcement.change)"
        )
        return lines.asLines
    }

    func encode(to encoder: any Encoder) throws {
        let standing = enforcement.standing
        let shown = Shown(
            stack: standing.stack,
            verdict: standing.verdict.rawValue,
            policy: standing.policy,
            findings: standing.findings.map(Finding.init),
            stops: enforcement.stops,
            steps: enforcement.steps,
            change: enforcement.change
        )
        try shown.encode(to: encoder)
    }

    private struct Shown: Encodable {
        var stack: StackID
        var verdict: String
        var policy: String
        var findings: [Finding]
        var stops: [String]
        var steps: [PlannedStep]
        var change: String
    }
}
