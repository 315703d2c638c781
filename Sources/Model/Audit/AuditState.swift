/// The little that is read back from the audit log, to say nothing twice and to name an approver.
package struct AuditState: Hashable, Sendable {
    /// Digests of what policy said last, newest last, by stack.
    private var verdicts: [StackID: [String]] = [:]
    /// What a person confirmed and no decision has used up.
    private var confirmations: [StackID: [String: JSON]] = [:]
    /// What is known of the policy of each project.
    private var policies: [String: KnownPolicy] = [:]
    /// What policy said last of the commit that a stack was brought to.
    private var standings: [StackID: Standing] = [:]
    /// Stacks that were taken over with what runs of them, and were not removed since.
    package private(set) var adopted: Set<StackID> = []

    /// A policy, by its digest and by digests of its parts.
    package struct KnownPolicy: Hashable, Sendable {
        package var digest: String
        package var parts: [String: String]

        package init(digest: String, parts: [String: String]) {
            self.digest = digest
            self.parts = parts
        }
    }

    /// What policy said of a commit.
    package struct Standing: Hashable, Sendable {
        package var commit: String
        /// Digest of the policy.
        package var policy: String
        package var verdict: String
        /// Rules that deny it, or that fill something in, sorted.
        package var rules: [String]
        /// Digest of what containers get; nil where it is denied.
        package var effective: String?

        package init(
            commit: String,
            policy: String,
            verdict: String,
            rules: [String],
            effective: String?
        ) {
            self.commit = commit
            self.policy = policy
            self.verdict = verdict
            self.rules = rules
            self.effective = effective
        }

        /// Whether the same was said, whatever the policy.
        package func saysTheSame(as other: Standing) -> Bool {
            var other = other
            other.policy = policy
            return self == other
        }
    }

    /// A head and a good version, under an old policy and a new one, and some.
    private static let verdictsKept = 8

    package init() {}

    /// The state after one more entry.
    package mutating func apply(_ entry: AuditEntry) {
        if entry.kind == .policy { take(policy: entry.facts) }
        guard let stack = entry.stack else { return }
        switch entry.kind {
        case .judged:
            let known = verdicts[stack, default: []] + [entry.digest]
            verdicts[stack] = Array(known.suffix(AuditState.verdictsKept))
            // What is denied, or refused what it asks for, is not brought about.
            let verdict = entry.facts["verdict"]
            if verdict != "deny", verdict != "refuse" { standings[stack] = Standing(entry) }
        case .rejudged: standings[stack] = Standing(entry)
        case .adopted where entry.facts["from"] != nil: adopted.insert(stack)
        case .ended where entry.facts["result"]?.stringValue == "removed": adopted.remove(stack)
        case .acted where entry.facts["demand"]?.stringValue == "confirm":
            confirmations[stack] = entry.facts
        case .decided where entry.facts["aside"] != true: confirmations[stack] = nil
        default: break
        }
    }

    /// Whether `verdict` is in the log already.
    package func knows(_ verdict: AuditEntry) -> Bool {
        guard let stack = verdict.stack else { return false }
        return verdicts[stack]?.contains(verdict.digest) ?? false
    }

    private mutating func take(policy facts: [String: JSON]) {
        guard let project = facts["project"]?.stringValue,
            let digest = facts["policy"]?.stringValue
        else { return }
        let parts = facts["parts"]?.objectValue?.compactMapValues(\.stringValue) ?? [:]
        policies[project] = KnownPolicy(digest: digest, parts: parts)
    }

    /// The policy of `project`, as the log knows it.
    package func policy(of project: String) -> KnownPolicy? { policies[project] }

    /// What was said last of what `stack` was brought to.
    package func standing(of stack: StackID) -> Standing? { standings[stack] }

    /// Who confirmed `change` of `stack`.
    package func approver(of change: String, _ stack: StackID) -> JSON? {
        guard let facts = confirmations[stack], facts["change"]?.stringValue == change else {
            return nil
        }
        return facts["by"]
    }
}

extension AuditState.Standing {
    /// Reads it from an entry that says what policy says of a commit.
    package init?(_ entry: AuditEntry) {
        let facts = entry.facts
        guard let commit = facts["commit"]?["id"]?.stringValue,
            let policy = facts["policy"]?.stringValue,
            let verdict = facts["verdict"]?.stringValue
        else { return nil }
        let found = facts[verdict == "deny" ? "findings" : "mutations"]?.arrayValue ?? []
        self.init(
            commit: commit,
            policy: policy,
            verdict: verdict,
            rules: Set(found.compactMap { $0["rule"]?.stringValue }).sorted(),
            effective: facts["effective"]?.stringValue
        )
    }
}
