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
            StepRecord(step, outcome.results[step.id] ?? .cancelled, of: outcome.plan)
        }
        let failure = outcome.failures.first
        let summary =
            failure.map { "\($0.step.operation): \($0.failure.message)" } ?? outcome.plan.gist
        self.init(
            id: outcome.run ?? Token.make(),
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
        if outcome.wasCancelled {
            self = Task.isCancelled ? .interrupted : .superseded
        } else if !outcome.isSuccess || report.isHeld {
            self = .failed
        } else if outcome.plan.steps.contains(where: { $0.reason == .stackRemoved }) {
            self = .removed
        } else if report.target?.role == .good {
            self = outcome.plan.replacesAnything ? .rolledBack : .repaired
        } else {
            self = report.wasProven || report.target == nil ? .repaired : .deployed
        }
    }
}

extension Plan {
    /// Whether a container takes the place of another.
    fileprivate var replacesAnything: Bool {
        steps.contains { $0.reason == .replaced || $0.reason == .abandoned }
    }

    /// What it is about, in one line: its first change and why, and how much more there is.
    fileprivate var gist: String {
        let change = steps.first { !$0.operation.isWait }
        guard let first = change ?? steps.first else { return "nothing to do" }
        let more = steps.count - 1
        let rest = more == 0 ? "" : more == 1 ? ", and 1 more step" : ", and \(more) more steps"
        return "\(first.operation), because \(first.reason)\(rest)"
    }
}

extension StepRecord {
    fileprivate init(_ step: Step, _ result: StepResult, of plan: Plan) {
        let left = step.operation.container?.id.flatMap { plan.leavings[$0] }
        let (word, message): (String, String?) =
            switch result {
            case .done where step.operation.isRemoval:
                ("done", left.map { "it leaves \(Plan.words($0))" })
            case .done: ("done", nil)
            case .failed(let failure): ("failed", failure.text)
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

extension Operation {
    fileprivate var isRemoval: Bool { if case .remove = self { true } else { false } }
}
