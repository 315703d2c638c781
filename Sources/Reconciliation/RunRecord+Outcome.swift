internal import Model

extension RunRecord {
    /// What people will read of a run later.
    init(
        _ outcome: Outcome,
        commit: Commit?,
        version: String?,
        report: PassReport,
        finished: Instant
    ) {
        let steps = outcome.plan.steps.map { step in
            StepRecord(step, outcome.results[step.id] ?? .cancelled)
        }
        let done = steps.count { $0.result == "done" }
        let failure = outcome.failures.first
        let summary =
            failure.map { "\($0.step.operation): \($0.failure.message)" }
            ?? "\(done) of \(steps.count) steps done"
        self.init(
            id: Token.make(),
            stack: outcome.plan.stack,
            commit: commit,
            version: version,
            started: report.began,
            finished: finished,
            result: RunRecord.Result(outcome, report),
            summary: summary,
            steps: steps
        )
    }
}

extension RunRecord.Result {
    /// A run toward what was good before, while the head can't run, is a rollback when it took
    /// something of the head away again.
    fileprivate init(_ outcome: Outcome, _ report: PassReport) {
        if outcome.plan.steps.contains(where: { $0.reason == .stackRemoved }) {
            self = outcome.isSuccess ? .removed : .failed
        } else if outcome.wasCancelled {
            self = .superseded
        } else if !outcome.isSuccess {
            self = .failed
        } else if report.target?.role == .good {
            self = outcome.plan.replacesAnything ? .rolledBack : .repaired
        } else {
            self = outcome.plan.provesSomething ? .deployed : .repaired
        }
    }
}

extension Plan {
    /// Whether a container takes the place of another.
    fileprivate var replacesAnything: Bool {
        steps.contains { $0.reason == .replaced || $0.reason == .abandoned }
    }

    /// Whether it waits for something to be stable, which only a new version needs.
    fileprivate var provesSomething: Bool {
        steps.contains { if case .wait(_, .stable) = $0.operation { true } else { false } }
    }
}

extension StepRecord {
    fileprivate init(_ step: Step, _ result: StepResult) {
        let (word, message): (String, String?) =
            switch result {
            case .done: ("done", nil)
            case .failed(let failure): ("failed", failure.message)
            case .skipped(let cause): ("skipped", "step \(cause) was not done")
            case .cancelled: ("cancelled", "something newer came first, or gyre was stopped")
            }
        self.init(
            text: step.operation.description,
            reason: step.reason.description,
            result: word,
            message: message
        )
    }
}
