/// What became of a plan, step by step.
package struct Outcome: Hashable, Codable, Sendable {
    package var plan: Plan
    package var results: [Step.ID: StepResult]
    /// What the run is called in history and audit log; nil where it is in none.
    package var run: String?

    package init(plan: Plan, results: [Step.ID: StepResult], run: String? = nil) {
        self.plan = plan
        self.results = results
        self.run = run
    }

    package var isSuccess: Bool {
        plan.steps.allSatisfy { results[$0.id] == .done }
    }

    /// The steps that failed themselves, in the plan's order.
    package var failures: [(step: Step, failure: StepFailure)] {
        plan.steps.compactMap { step in
            if case .failed(let failure)? = results[step.id] { (step, failure) } else { nil }
        }
    }
}

/// What became of one step.
package enum StepResult: Hashable, Codable, Sendable {
    case done
    case failed(StepFailure)
    /// A step that it comes after was not done.
    case skipped(because: Step.ID)
    /// The run was pre-empted before it.
    case cancelled
}

/// Why a step failed.
package struct StepFailure: Error, Hashable, Codable, Sendable {
    /// What to make of it.
    package enum Kind: String, Codable, Sendable {
        /// The world may be otherwise in a moment: engine busy or away, registry down.
        case transient
        /// The container did not come up as its version promised.
        case verdict
        /// The engine or policy will say the same next time.
        case permanent
        /// Gyre's own last check stopped the call; nothing that people wrote is at fault.
        case refused
    }

    package var kind: Kind
    /// What went wrong, in one sentence without a full stop.
    package var message: String
    /// The last lines that the container wrote, for whoever has to find out why.
    package var lastWords: [String]
    /// What a person can do about it; nil where nothing particular is known.
    package var remedy: String?

    package init(
        _ kind: Kind,
        _ message: String,
        lastWords: [String] = [],
        remedy: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.lastWords = lastWords
        self.remedy = remedy
    }

    /// The message, and below it what the container wrote.
    package var text: String {
        guard !lastWords.isEmpty else { return message }
        return "\(message); it last wrote:\n" + lastWords.joined(separator: "\n")
    }
}
