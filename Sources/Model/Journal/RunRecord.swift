/// The record of one run, for people to read later.
package struct RunRecord: Hashable, Codable, Sendable {
    /// How a run ended.
    package enum Result: String, Codable, Sendable {
        /// A version that had not run before was brought up, and was stable.
        case deployed
        /// What had been stable before was brought back after something happened to it.
        case repaired
        /// At least one step failed.
        case failed
        /// The version failed and the last good one serves again.
        case rolledBack = "rolled-back"
        /// A newer commit, or a loss elsewhere in the stack, came first.
        case superseded
        /// The controller was stopped, or a person stopped `gyre apply`.
        case interrupted
        /// The stack is gone from its repository, and was taken away.
        case removed
    }

    package var id: String
    package var stack: StackID
    package var commit: Commit?
    package var version: String?
    package var started: Instant
    package var finished: Instant
    package var result: Result
    /// One sentence for people.
    package var summary: String
    package var steps: [StepRecord]

    package init(
        id: String,
        stack: StackID,
        commit: Commit?,
        version: String?,
        started: Instant,
        finished: Instant,
        result: Result,
        summary: String,
        steps: [StepRecord]
    ) {
        self.id = id
        self.stack = stack
        self.commit = commit
        self.version = version
        self.started = started
        self.finished = finished
        self.result = result
        self.summary = summary
        self.steps = steps
    }
}

/// What became of one step, in words.
package struct StepRecord: Hashable, Codable, Sendable {
    package var text: String
    package var reason: String
    /// `done`, `failed`, `skipped` or `cancelled`.
    package var result: String
    /// Why, where it was not done.
    package var message: String?
    package var milliseconds: Int64?

    package init(
        text: String,
        reason: String,
        result: String,
        message: String? = nil,
        milliseconds: Int64? = nil
    ) {
        self.text = text
        self.reason = reason
        self.result = result
        self.message = message
        self.milliseconds = milliseconds
    }
}
