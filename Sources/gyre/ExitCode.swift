/// What a process ends with: the one table of exit codes.
enum ExitCode: Int32, CaseIterable, Codable, Sendable {
    case success = 0
    case failed = 1
    case usage = 2
    case denied = 3
    case notConverged = 4
    case unreachable = 5
    case tampered = 6
    case interrupted = 130

    /// The kind in one word, as in JSON.
    var word: String {
        switch self {
        case .success: "ok"
        case .failed: "failed"
        case .usage: "usage"
        case .denied: "denied"
        case .notConverged: "not-converged"
        case .unreachable: "unreachable"
        case .tampered: "tampered"
        case .interrupted: "interrupted"
        }
    }

    /// What it means, for people.
    var meaning: String {
        switch self {
        case .success: "Done, or nothing to do."
        case .failed: "It failed; the message says why."
        case .usage: "Wrong usage, or gyre.yaml is missing or wrong."
        case .denied: "Files of a stack can't be loaded, or policy denies them."
        case .notConverged: "A stack is not what its commit says: held, waiting or failing."
        case .unreachable: "The controller, the engine or a repository does not answer."
        case .tampered: "The audit log or the journal is not as it was written."
        case .interrupted: "A signal ended it before it was through; what was begun was ended."
        }
    }

    /// The table as `gyre help exit-codes` prints it.
    static var table: String {
        allCases.map { "  \($0.rawValue)  \($0.meaning)" }.joined(separator: "\n")
    }

    /// The same as a page has it.
    static var markdown: String {
        "| code | word | meaning |\n|---|---|---|\n"
            + allCases.map { "| \($0.rawValue) | `\($0.word)` | \($0.meaning) |\n" }.joined()
    }
}
