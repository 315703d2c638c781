package import Model
package import Planning

/// What policy says of what runs.
package struct PolicyReport: Hashable, Codable, Sendable {
    /// Sorted by stack.
    package var stacks: [PolicyStanding]
    /// What numbers of users mean on the node; nil where it was not told.
    package var users: NodeUsers?
    /// Why containers could not be looked at; nil when they were.
    package var engineProblem: String?
    package var time: Instant

    package init(
        stacks: [PolicyStanding],
        users: NodeUsers? = nil,
        engineProblem: String? = nil,
        time: Instant
    ) {
        self.stacks = stacks
        self.users = users
        self.engineProblem = engineProblem
        self.time = time
    }
}

/// What policy says of what serves for one stack.
package struct PolicyStanding: Hashable, Codable, Sendable {
    /// What it comes to.
    package enum Verdict: String, Codable, Sendable {
        /// It would be admitted, and its containers be made as they are.
        case ok
        /// It would be admitted, and policy give some container other values.
        case changes
        /// It would be denied.
        case against
        /// Nothing of it has ever been stable.
        case none
        /// It can't be judged; never taken for ok.
        case unknown
    }

    package var stack: StackID
    package var verdict: Verdict
    /// The commit that serves.
    package var commit: Commit?
    /// Digest of the policy that says so.
    package var policy: String
    /// Errors where it is denied or can't be loaded, else warnings.
    package var findings: [Diagnostic] = []
    package var changes: [PolicyDifference] = []
    /// Containers of another version than the one that is judged.
    package var others: [String] = []
    /// Why it can't be judged.
    package var reason: String?

    package init(_ stack: StackID, _ verdict: Verdict, policy: String = "") {
        self.stack = stack
        self.verdict = verdict
        self.policy = policy
    }
}

/// Of which stacks policy is asked.
package enum PolicyScope: Hashable, Sendable {
    case all
    case project(String)
    case stack(StackID)

    func holds(_ id: StackID) -> Bool {
        switch self {
        case .all: true
        case .project(let project): id.project == project
        case .stack(let stack): id == stack
        }
    }
}
