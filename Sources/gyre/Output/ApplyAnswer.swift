internal import Model
internal import Reconciliation

/// What came of one-shot passes.
struct ApplyAnswer: Answer {
    struct Applied: Encodable {
        var status: StackStatus
        /// Whether the stack was removed whole.
        var isRemoved: Bool
        var steps: [AppliedStep]
        /// Whether it is what its commit says.
        var isSettled: Bool { isRemoved || status.state == .ready }

        /// Where it stands, and under it what stands in the way.
        func lines(_ style: Style, didNothing: Bool) -> [String] {
            let commit = status.target.map { " at \($0.prefix(8))" } ?? ""
            let mark = isSettled ? style(.green, "✓") : style(.red, "✗")
            let word = isRemoved ? "removed" : "\(status.state.rawValue)\(commit)"
            let rest = isSettled && didNothing ? ", nothing to do" : ""
            let problems = status.problems.flatMap { $0.lines(style) }
            return ["\(mark) \(style(.bold, "\(status.stack)")): \(word)\(rest)"]
                + problems.indented()
        }
    }

    var stacks: [Applied]
    var unanswered: [Unanswered] = []

    /// One line a stack; what went before was printed while it happened.
    func text(_ style: Style) -> String {
        guard !stacks.isEmpty else { return Unanswered.noStacks(unanswered, style).asLines }
        let silent = Unanswered.beside(unanswered, style)
        let lines = stacks.flatMap { $0.lines(style, didNothing: $0.steps.isEmpty) }
        return (lines + silent).asLines
    }

    /// The worst of all stacks.
    var exit: ExitCode {
        let code = ExitCode(stacks.filter { !$0.isRemoved }.map(\.status))
        let rest = ExitCode(unanswered)
        return rest == .unreachable && code != .denied || code == .success ? rest : code
    }
}

extension ApplyAnswer: FindingAnswer {
    var codes: [String] { stacks.flatMap(\.status.problems).codes }
}

extension SyncAnswer: FindingAnswer {
    var codes: [String] { stacks.flatMap(\.problems).codes }
}

extension ExitCode {
    /// What it means that stacks stand so.
    init(_ stacks: [StackStatus]) {
        let kinds = Set(stacks.flatMap(\.problems).map(\.kind))
        if stacks.allSatisfy({ $0.state == .ready && $0.problems.isEmpty }) {
            self = .success
        } else if !kinds.isDisjoint(with: [.invalid, .denied, .againstPolicy]) {
            self = .denied
        } else if !kinds.isDisjoint(with: [.engine, .repository]) {
            self = .unreachable
        } else {
            self = .notConverged
        }
    }
}

/// Where stacks stand after a sync that was waited for, and what was done for that.
struct SyncAnswer: Answer {
    var stacks: [StackStatus]
    /// Runs that ended meanwhile, in the order in which they did.
    var runs: [RunRecord]

    func text(_ style: Style) -> String {
        let removed = runs.filter { run in
            run.result == .removed && !stacks.contains { $0.stack == run.stack }
        }
        guard !stacks.isEmpty || !removed.isEmpty else { return "no stacks are left" }
        let gone = removed.map { run in
            "\(style(.green, "✓")) \(style(.bold, "\(run.stack)")): \(run.line(style))"
        }
        return (stacks.flatMap { lines(of: $0, style) } + gone).asLines
    }

    private func lines(of status: StackStatus, _ style: Style) -> [String] {
        let applied = ApplyAnswer.Applied(status: status, isRemoved: false, steps: [])
        let runs = runs.filter { $0.stack == status.stack }.map { $0.line(style) }
        return applied.lines(style, didNothing: runs.isEmpty) + runs.indented()
    }

    var exit: ExitCode { ExitCode(stacks) }
}

extension RunRecord {
    /// What it came to, in one line.
    fileprivate func line(_ style: Style) -> String {
        let commit = commit.map { " \($0.short)" } ?? ""
        return "\(style(result.face, result.rawValue))\(commit) in "
            + "\(finished.since(started).spoken): \(headline)"
    }
}

/// One step that was tried.
struct AppliedStep: Codable, Sendable {
    var text: String
    var result: String
    var message: String?
    var milliseconds: Int64
}
