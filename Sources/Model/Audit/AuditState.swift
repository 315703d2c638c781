/// The little that is read back from the audit log, to say nothing twice and to name an approver.
package struct AuditState: Hashable, Sendable {
    /// Digests of what policy said last, newest last, by stack.
    private var verdicts: [StackID: [String]] = [:]
    /// What a person confirmed and no decision has used up.
    private var confirmations: [StackID: [String: JSON]] = [:]

    /// A head and a good version, under an old policy and a new one, and some.
    private static let verdictsKept = 8

    package init() {}

    /// The state after one more entry.
    package mutating func apply(_ entry: AuditEntry) {
        guard let stack = entry.stack else { return }
        switch entry.kind {
        case .judged:
            let known = verdicts[stack, default: []] + [entry.digest]
            verdicts[stack] = Array(known.suffix(AuditState.verdictsKept))
        case .acted where entry.facts["demand"]?.stringValue == "confirm":
            confirmations[stack] = entry.facts
        case .decided: confirmations[stack] = nil
        default: break
        }
    }

    /// Whether `verdict` is in the log already.
    package func knows(_ verdict: AuditEntry) -> Bool {
        guard let stack = verdict.stack else { return false }
        return verdicts[stack]?.contains(verdict.digest) ?? false
    }

    /// Who confirmed `change` of `stack`.
    package func approver(of change: String, _ stack: StackID) -> JSON? {
        guard let facts = confirmations[stack], facts["change"]?.stringValue == change else {
            return nil
        }
        return facts["by"]
    }
}
