internal import OperatorFile
internal import Logging
internal import Model

extension Controller {
    /// One pass over a stack, and when the next is due.
    func pass(over id: StackID) async {
        stacks[id]?.begun += 1
        await weighJournal()
        await notePolicy(of: id.project)
        guard let state = stacks[id] else { return }
        state.memory.takesHead()
        announce(head(of: state).commit, for: id)
        let report = await attend(to: id, state)
        // A pass that is cut off because the controller stops has found nothing.
        guard stacks[id] != nil, !Task.isCancelled else { return }
        let now = parts.clock.steady()
        let patience = settings.forPasses.backoff
        // What is only awaited has neither failed nor gone well.
        let isAwaited = report.isWaiting && !report.isWorthRetrying
        let backoff =
            isAwaited
            ? state.memory.backoff
            : state.memory.passed(
                !report.isWorthRetrying,
                at: now,
                patience,
                jitter: .random(in: 0...1)
            )
        take(report, backoff.failures > 0 ? backoff : nil, for: id)
        if report.gaveBack { wakeWhoWaitsForRoom() }
        if report.isRemoved {
            stacks[id] = nil
            return
        }
        stacks[id]?.hurry = report.isUnfinished ? state.hurry + 1 : 0
        let isSettled = !report.isUnfinished || state.hurry >= 10
        if isSettled, !report.isWaiting { stacks[id]?.settled = state.begun }
        if !isSettled {
            schedule(.reconcile(id))
        } else if backoff.failures > 0, !isAwaited {
            schedule(.reconcile(id), in: backoff.until.since(now))
        } else {
            schedule(.reconcile(id), in: settings.polling)
        }
        if let next = state.memory.restarts.next(after: now) {
            schedule(.reconcile(id), in: next.since(now))
        }
    }

    /// Something of the ledger is free again: whoever was refused it tries anew.
    func wakeWhoWaitsForRoom() {
        for (id, state) in stacks
        where state.status.problems.contains(where: \.kind.isWantOfRoom) {
            schedule(.reconcile(id))
        }
    }

    /// A registry has answered: what waits for that goes on.
    func answered(_ id: StackID) {
        stacks[id]?.memory.preempt()
        if stacks[id] != nil { schedule(.reconcile(id)) }
    }

    /// Shows a new head as being worked on before the pass has come to an end; what stood in the
    /// way of another is no news any more.
    func announce(_ head: Commit?, for id: StackID) {
        guard let head, stacks[id]?.status.head != head else { return }
        stacks[id]?.status.head = head
        beginAnew(id)
    }

    /// Shows a stack as being worked on, since what stood in its way is over.
    func beginAnew(_ id: StackID) {
        stacks[id]?.status.problems.removeAll(where: \.kind.isOfVersion)
        stacks[id]?.status.pending = []
        stacks[id]?.status.nextTry = nil
        if stacks[id]?.status.problems.isEmpty == true {
            stacks[id]?.status.state = isAttended ? .reconciling : .outOfSync
        }
    }

    func reconciler(
        for id: StackID,
        _ state: StackState,
        on node: ClusterNode,
        memory: StackMemory? = nil,
        listener: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) -> Reconciler {
        var written = state.tenant
        written.adopted = settings.projects[id.project]?.adoptions ?? [:]
        var reconciler = Reconciler(
            id: id,
            origin: state.origin,
            tenant: tenant(of: id, written),
            settings: settings.forPasses,
            registries: settings.registries(of: id.project),
            node: node,
            ledger: parts.ledger,
            source: parts.source,
            loading: parts.loading,
            journal: parts.journal,
            audit: parts.audit,
            history: parts.history,
            clock: parts.clock,
            agent: settings.agent(of: id.project),
            agents: parts.agents,
            contentKey: parts.contentKey,
            trust: trust,
            isAttended: isAttended,
            memory: memory ?? state.memory,
            listener: { [logger = parts.logger] event in
                logger.record(event)
                listener(event)
            }
        )
        reconciler.written = written
        reconciler.ties = ties(of: id, state)
        return reconciler
    }

    /// With the names under which stacks were taken over: the journal keeps them whatever becomes
    /// of their lines in the operator's file, of other projects' stacks too.
    private func tenant(of id: StackID, _ written: TenantPolicy) -> TenantPolicy {
        var tenant = written
        var others = settings.others(beside: id.project)
        for (stack, name) in parts.journal.state().adoptedNames {
            if stack.project == id.project {
                tenant.adopted[stack.stack] = name
            } else {
                others.append(name)
            }
        }
        tenant.meet(others, as: id.project)
        return tenant
    }

    func head(of state: StackState) -> Head {
        let repository = repository(of: state)
        // What of it is read is known of the commit that it was found in.
        let seen = state.isGone || state.isAssumed ? nil : state.seen
        return Head(
            commit: seen ?? repository?.head,
            problem: repository?.problem,
            isStackGone: state.isGone,
            conflict: state.conflict,
            refusal: state.refusal
        )
    }

    /// The repository that a stack comes from, or one that took its place in the operator's file
    /// and hasn't answered yet: until then nobody knows whether the stack is in it.
    func repository(of state: StackState) -> RepositoryState? {
        if let known = repositories[state.origin.upstream] { return known }
        return settings.entries.lazy.filter { $0.project == state.status.stack.project }
            .compactMap { self.repositories[$0.origin.upstream] }
            .first { $0.head == nil }
    }

    /// Turns a report into the stack's status; a run and a change of state are one line each in
    /// the log.
    func take(_ report: PassReport, _ backoff: Backoff?, for id: StackID) {
        let good = parts.journal.state().good[id]?.commit
        var status = StackStatus(report, good: good, isAttended: isAttended)
        let before = stacks[id]?.status
        status.ports = report.ports ?? before?.ports ?? []
        if report.observed == nil, let before {
            // What was seen last is still the best that is known.
            status.services = before.services
            status.observed = before.observed
            status.target = status.target ?? before.target
        }
        if let backoff {
            status.nextTry = parts.clock.shown(backoff.until)
            if backoff.isStalled(settings.forPasses.backoff), status.state != .unknown {
                status.state = .stalled
            }
        }
        if let node = home(of: id), parts.nodes[node] != nil {
            status.node = parts.nodes.count > 1 ? node : nil
            if status.problems.contains(where: { $0.kind == .engine }) { schedule(.engine(node)) }
        }
        stacks[id]?.status = status
        for run in report.runs { parts.logger.record(run) }
        if before?.state != status.state || before?.head != status.head
            || before?.problems != status.problems || report.isRemoved
        {
            wakeDependents(of: id)
        }
        guard before?.state != status.state || before?.problems.first != status.problems.first
        else { return }
        parts.logger.info(
            "stack is \(status.state.rawValue)",
            metadata: [
                "stack": "\(id)",
                "commit": "\((status.target ?? status.head?.id)?.prefix(8) ?? "-")",
                "problem": "\(status.problems.first?.message ?? "-")",
            ]
        )
    }
}

extension Logger {
    /// What a run did, why, and how long it took.
    fileprivate func record(_ run: RunRecord) {
        info(
            "run \(run.result.rawValue)",
            metadata: [
                "stack": "\(run.stack)", "commit": "\(run.commit?.id.prefix(8) ?? "-")",
                "run": "\(run.id.prefix(8))", "what": "\(run.summary)",
                "milliseconds": "\(run.finished.since(run.started).count / 1_000_000)",
            ]
        )
    }

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
    init(_ report: PassReport, good: String?, isAttended: Bool) {
        self.init(stack: report.stack)
        problems = report.problems
        head = report.head
        target = report.target?.commit.id
        self.good = good
        services = report.services
        dependencies = report.dependencies
        pending = report.plan?.pending ?? []
        observed = report.observed
        let kinds = Set(problems.map(\.kind))
        if kinds.isDisjoint(with: [.repository, .engine]) == false {
            state = .unknown
        } else if problems.isEmpty, head == nil {
            // What was good runs; nobody knows what should.
            state = .unknown
        } else if problems.isEmpty {
            let isWhole = services.allSatisfy { $0.running + $0.completed >= $0.wanted ?? 0 }
            state = report.isProven && isWhole ? .ready : isAttended ? .reconciling : .outOfSync
        } else if kinds.isSubset(of: [.failing, .image, .waiting, .dependency]), !report.isStuck {
            state = isAttended ? .reconciling : .outOfSync
        } else {
            state = .stalled
        }
    }
}
