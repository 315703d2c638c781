internal import Model
internal import Planning
internal import Reconciliation

/// What policy says of what runs, as `gyre policy report` shows it.
struct PolicyReportAnswer: Answer {
    let report: PolicyReport
    /// The file that it is judged by; nil: what the controller has in force.
    let file: String?
    /// What the controller says, where the file is judged by.
    var before: PolicyReport?

    init(_ report: PolicyReport, by file: String?) {
        self.report = report
        self.file = file
    }

    /// What to end with.
    var exit: ExitCode {
        let verdicts = Set(report.stacks.map(\.verdict))
        return verdicts.contains(.against)
            ? .denied : verdicts.contains(.unknown) ? .failed : .success
    }

    func text(_ style: Style) -> String {
        let head = heading(style)
        guard !report.stacks.isEmpty else { return (head + ["nothing runs"]).asLines }
        var table = Table("STACK", "POLICY", "COMMIT")
        for stack in report.stacks {
            table.add("\(stack.stack)", words(stack), stack.commit.map(\.short) ?? "-")
        }
        let lines = table.lines(style) { row, column in
            column == 1 ? report.stacks[row].verdict.face : nil
        }
        var blocks = head + [lines[0]]
        for (stack, line) in zip(report.stacks, lines.dropFirst()) {
            blocks.append(line)
            blocks += details(of: stack, style).indented()
        }
        return (blocks + [sum] + advice).asLines
    }

    private func heading(_ style: Style) -> [String] {
        var lines: [String] = []
        if let file {
            lines.append("judged by \(file)\(inForce)")
        }
        if let remapping = report.users?.found {
            lines.append(style(.yellow, "\(remapping): ") + "what rests on uids is denied")
        }
        if let problem = report.engineProblem {
            lines.append(
                style(.yellow, "the engine does not answer: ") + "\(problem); commits are judged, "
                    + "containers are not"
            )
        }
        return lines
    }

    /// Whether the file says what the controller goes by.
    private var inForce: String {
        guard let before else { return "; no controller runs" }
        let known = Dictionary(before.stacks.map { ($0.stack, $0.policy) }) { first, _ in first }
        let isSame = report.stacks.allSatisfy { known[$0.stack] == $0.policy }
        return isSame ? ", which is in force" : ", which is not in force"
    }

    /// `ok -> against`, where that was another before.
    private func words(_ stack: PolicyStanding) -> String {
        let was = before?.stacks.first { $0.stack == stack.stack }?.verdict
        let now = stack.verdict.rawValue
        guard let was, was != stack.verdict else { return now }
        return "\(was.rawValue) -> \(now)"
    }

    private func details(of stack: PolicyStanding, _ style: Style) -> [String] {
        var lines = stack.reason.map { [$0] } ?? []
        if stack.showsFindings {
            lines += stack.findings.map { Excerpt($0).text(style) }
        }
        lines += stack.changes.map(\.description)
        if !stack.others.isEmpty {
            lines.append("not judged, of another version: \(stack.others.joined(separator: ", "))")
        }
        return lines
    }

    private var sum: String {
        let counts = [
            (PolicyStanding.Verdict.ok, "ok"), (.changes, "with other values to come"),
            (.against, "against policy"), (.none, "never stable yet"), (.unknown, "unknown"),
        ].map { verdict, words in (report.stacks.count { $0.verdict == verdict }, words) }
        let all = report.stacks.count == 1 ? "one stack" : "\(report.stacks.count) stacks"
        return "\(all): "
            + counts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
    }

    private var advice: [String] {
        var lines: [String] = []
        if report.stacks.contains(where: { $0.verdict == .against }) {
            lines.append(
                "→ what is against policy runs on, and is not created again where it is removed: "
                    + "push a version without the findings, or write an exception in gyre.yaml; "
                    + "gyre policy enforce STACK shows what would stop it"
            )
        }
        if report.stacks.contains(where: { $0.verdict == .changes }) {
            lines.append(
                "→ other values come with the next re-creation of a container; "
                    + "gyre policy enforce STACK shows what would bring them now"
            )
        }
        return lines
    }

    func encode(to encoder: any Encoder) throws {
        let shown = Shown(
            file: file,
            users: report.users,
            engineProblem: report.engineProblem,
            stacks: report.stacks.map { stack in
                Shown.Stack(
                    stack: stack.stack,
                    verdict: stack.verdict,
                    before: before?.stacks.first { $0.stack == stack.stack }?.verdict,
                    commit: stack.commit?.id,
                    policy: stack.policy,
                    findings: stack.findings.map(Finding.init),
                    changes: stack.changes,
                    others: stack.others,
                    reason: stack.reason
                )
            },
            time: report.time
        )
        try shown.encode(to: encoder)
    }

    /// As programs read it.
    private struct Shown: Encodable {
        struct Stack: Encodable {
            var stack: StackID
            var verdict: PolicyStanding.Verdict
            var before: PolicyStanding.Verdict?
            var commit: String?
            var policy: String
            var findings: [Finding]
            var changes: [PolicyDifference]
            var others: [String]
            var reason: String?
        }

        var file: String?
        var users: NodeUsers?
        var engineProblem: String?
        var stacks: [Stack]
        var time: Instant
    }
}

extension PolicyReportAnswer: FindingAnswer {
    var codes: [String] { report.stacks.flatMap(\.findings).map(\.code) }

    var shownCodes: [String] {
        report.stacks.filter(\.showsFindings).flatMap(\.findings).map(\.code)
    }
}

extension PolicyStanding {
    /// Whether people are shown what was found; programs always are.
    fileprivate var showsFindings: Bool { verdict == .against || verdict == .unknown }
}

extension PolicyStanding.Verdict {
    fileprivate var face: Style.Face {
        switch self {
        case .ok: .green
        case .changes, .none: .yellow
        case .against, .unknown: .red
        }
    }
}
