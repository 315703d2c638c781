internal import OperatorFile
internal import Logging
internal import Model

extension Controller {
    /// One pass over a stack, and when the next is due.
    func pass(over id: StackID) async {
        stacks[id]?.begun += 1
        guard let state = stacks[id] else { return }
        examineJournal()
        announce(head(of: state).commit, for: id)
        let report = await reconciler(for: id, state).run(head(of: state))
        // A pass that is cut off because the controller stops has found nothing.
        guard stacks[id] != nil, !Task.isCancelled else { return }
        let now = parts.clock.now()
        let patience = settings.forPasses.backoff
        let backoff = state.memory.passed(
            !report.isWorthRetrying,
            at: now,
            patience,
            jitter: .random(in: 0...1)
        )
        take(report, backoff.failures > 0 ? backoff : nil, for: id)
        if report.isRemoved {
            stacks[id] = nil
            return
        }
        stacks[id]?.hurry = report.isUnfinished ? state.hurry + 1 : 0
        let isSettled = !report.isUnfinished || state.hurry >= 10
        if isSettled { stacks[id]?.settled = state.begun }
        if !isSettled {
            schedule(.reconcile(id))
        } else if backoff.failures > 0 {
            schedule(.reconcile(id), in: backoff.until.since(now))
        } else {
            schedule(.reconcile(id), in: settings.polling)
        }
        if let next = state.memory.nextRestart(after: now) {
            schedule(.reconcile(id), in: next.since(now))
        }
    }

    /// Shows a new head as being worked on before the pass has come to an end.
    private func announce(_ head: Commit?, for id: StackID) {
        guard let head, stacks[id]?.status.head != head else { return }
        stacks[id]?.status.head = head
        stacks[id]?.status.state = .reconciling
    }

    func reconciler(for id: StackID, _ state: StackState) -> Reconciler {
        Reconciler(
            id: id,
            origin: state.origin,
            tenant: state.tenant,
            settings: settings.forPasses,
            source: parts.source,
            engine: parts.engine,
            journal: parts.journal,
            history: parts.history,
            clock: parts.clock,
            trust: trust,
            memory: state.memory,
            listener: { [logger = parts.logger] event in logger.record(event) }
        )
    }

    func head(of state: StackState) -> Head {
        let repository = repositories.first { $0.key.sharesHead(with: state.origin) }?.value
        return Head(
            commit: repository?.head,
            problem: repository?.problem,
            isStackGone: state.isGone,
            conflict: state.conflict
        )
    }

    /// Turns a report into the stack's status; a change of state is one line in the log.
    private func take(_ report: PassReport, _ backoff: Backoff?, for id: StackID) {
        var status = StackStatus(report, good: parts.journal.state().good[id]?.commit)
        status.checked = stacks[id]?.status.checked
        if let backoff {
            status.nextTry = backoff.until
            if backoff.isStalled(settings.forPasses.backoff), status.state != .unknown {
                status.state = .stalled
            }
        }
        let before = stacks[id]?.status
        stacks[id]?.status = status
        engineProblem = status.problems.first { $0.kind == .engine }?.message
        guard before?.state != status.state || before?.problems.first != status.problems.first
        else { return }
        parts.logger.info(
            "stack is \(status.state.rawValue)",
            metadata: [
                "stack": "\(id)", "commit": "\(status.target?.prefix(8) ?? "-")",
                "problem": "\(status.problems.first?.message ?? "-")",
            ]
        )
    }
}

extension Logger {
    /// One line when a step begins and one when it has finished; what changed a stack's state
    /// is told by its status.
    fileprivate func record(_ event: RunEvent) {
        switch event {
        case .planned(_, let plan) where plan.isEmpty: break
        case .planned(let stack, let plan):
            debug("planned", metadata: ["stack": "\(stack)", "plan": "\(plan)"])
        case .began(let stack, let step):
            debug("step begins", metadata: ["stack": "\(stack)", "step": "\(step.operation)"])
        case .progress: break
        case .finished(let stack, let step, let result, let milliseconds):
            debug(
                "step finished",
                metadata: [
                    "stack": "\(stack)", "step": "\(step.operation)", "result": "\(result)",
                    "milliseconds": "\(milliseconds)",
                ]
            )
        }
    }
}

extension StackStatus {
    /// What a pass's report says of the stack.
    init(_ report: PassReport, good: String?) {
        self.init(stack: report.stack)
        problems = report.problems
        head = report.head
        target = report.target?.commit.id
        self.good = good
        services = report.services
        pending = report.plan?.pending ?? []
        observed = report.observed
        let kinds = Set(problems.map(\.kind))
        if kinds.isDisjoint(with: [.repository, .engine]) == false {
            state = .unknown
        } else if problems.isEmpty {
            let isWhole = services.allSatisfy { $0.running + $0.completed >= $0.wanted }
            state = report.isProven && isWhole ? .ready : .reconciling
        } else if kinds.isSubset(of: [.failing]) {
            state = .reconciling
        } else {
            state = .stalled
        }
    }
}
