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
    }

    var stacks: [Applied]
    var unanswered: [Unanswered] = []

    /// One line a stack; what went before was printed while it happened.
    func text(_ style: Style) -> String {
        guard !stacks.isEmpty else { return Unanswered.noStacks(unanswered, style).asLines }
        let silent = Unanswered.lines(unanswered.filter { !$0.isKnown }, style)
        let lines = stacks.flatMap { applied in
            let status = applied.status
            let commit = status.target.map { " at \($0.prefix(8))" } ?? ""
            let mark = applied.isSettled ? style(.green, "✓") : style(.red, "✗")
            let word = applied.isRemoved ? "removed" : "\(status.state.rawValue)\(commit)"
            let rest = applied.isSettled && applied.steps.isEmpty ? ", nothing to do" : ""
            let problems = status.problems.flatMap { $0.lines(style) }
            return ["\(mark) \(style(.bold, "\(status.stack)")): \(word)\(rest)"]
                + problems.indented()
        }
        return (lines + silent).asLines
    }

    /// The worst of all stacks.
    var exit: ExitCode {
        let code = ExitCode(stacks.filter { !$0.isRemoved }.map(\.status))
        return unanswered.isEmpty || code == .denied ? code : .unreachable
    }
}

extension ExitCode {
    /// What it means that stacks stand so.
    init(_ stacks: [StackStatus]) {
        let kinds = Set(stacks.flatMap(\.problems).map(\.kind))
        if stacks.allSatisfy({ $0.state == .ready && $0.problems.isEmpty }) {
            self = .success
        } else if !kinds.isDisjoint(with: [.invalid, .denied]) {
            self = .denied
        } else if !kinds.isDisjoint(with: [.engine, .repository]) {
            self = .unreachable
        } else {
            self = .notConverged
        }
    }
}

/// Where stacks stand after a sync that was waited for.
struct SyncAnswer: Answer {
    var stacks: [StackStatus]

    func text(_ style: Style) -> String {
        stacks.isEmpty
            ? "no stacks are left"
            : ApplyAnswer(stacks: stacks.map { .init(status: $0, isRemoved: false, steps: []) })
                .text(style)
    }

    var exit: ExitCode { ExitCode(stacks) }
}

/// One step that was tried.
struct AppliedStep: Codable, Sendable {
    var text: String
    var result: String
    var message: String?
    var milliseconds: Int64
}
