package import Model
internal import Planning

/// A controller without its loop: for commands that look, or act once, while none runs.
extension Controller {
    /// Asks every repository once, and decides whether the journal can be believed.
    package func survey() async {
        load(settings)
        do {
            try await believe()
            engineProblem = nil
        } catch {
            engineProblem = String(describing: error)
            trust = .unknown(String(describing: error))
        }
        await withDiscardingTaskGroup { group in
            for origin in repositories.keys { group.addTask { await self.poll(origin) } }
        }
    }

    /// The stacks that the controller keeps, sorted.
    package func known() -> [StackID] { stacks.keys.sorted() }

    /// Refreshes what ``status()`` says of a stack without changing anything.
    package func look(at id: StackID) async throws {
        guard let state = stacks[id] else { throw unknown(id) }
        let report = await reconciler(for: id, state).look(head(of: state))
        take(report, for: id)
    }

    /// Passes over a stack until there is nothing left to do at once; gives all reports.
    package func settle(
        _ id: StackID,
        listener: @escaping @Sendable (RunEvent) -> Void
    ) async throws -> [PassReport] {
        var reports: [PassReport] = []
        repeat {
            guard let state = stacks[id] else { throw unknown(id) }
            let reconciler = Reconciler(
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
                listener: listener
            )
            let report = await reconciler.run(head(of: state))
            take(report, for: id)
            reports.append(report)
        } while reports.last?.isUnfinished == true && reports.count < 10 && !Task.isCancelled
        return reports
    }

    private func take(_ report: PassReport, for id: StackID) {
        var status = StackStatus(report, good: parts.journal.state().good[id]?.commit)
        status.checked = stacks[id]?.status.checked
        stacks[id]?.status = status
    }

    private func unknown(_ id: StackID) -> UnknownStack {
        UnknownStack(stack: id, known: stacks.keys.sorted())
    }
}

extension Reconciler {
    /// What a pass would find, without doing anything.
    func look(_ head: Head) async -> PassReport {
        var report = PassReport(stack: id, head: head.commit, began: clock.now())
        if head.isStackGone { await noteRemoval(head, &report) }
        for target in await targets(head, &report) {
            do {
                let desired = try await prepare(target)
                try refuseIfHeld(desired, target)
                report.target(target, desired, completed: journal.state().completed)
                let observed = try await observe(desired)
                try refuseNetworkChange(desired, observed, target)
                let plan = try await plan(desired, observed)
                report.planned(plan, observed, desired)
                report.isProven = !plan.changesAnything
                try refuseUnconfirmed(plan, observed, target)
                return report
            } catch {
                report.note(error, of: target)
            }
        }
        if let observed = try? await observe(nil) { report.saw(observed, nil) }
        return report
    }

    /// A stack that is in no repository any more waits to be removed.
    private func noteRemoval(_ head: Head, _ report: inout PassReport) async {
        do {
            let observed = try await observe(nil)
            let owned = journal.state().owned(by: id)
            let plan = Plan(removing: id, observed: observed, owned: owned)
            try refuseUnconfirmed(
                plan,
                observed,
                head.commit.map { Target(commit: $0, role: .head) }
            )
        } catch {
            report.note(error, of: nil)
        }
    }
}

extension UnknownStack {
    /// For those who ask several controllers.
    package init(_ stack: StackID, known: [StackID]) { self.init(stack: stack, known: known) }
}

extension ControllerStatus {
    /// Of a controller that keeps no stack.
    package init(controller: String, engine: String, time: Instant) {
        self.init(
            controller: controller,
            engine: engine,
            engineProblem: nil,
            frozen: nil,
            stacks: [],
            repositories: [],
            time: time
        )
    }
}

extension RecoveryFindings {
    /// Nothing was found.
    package init(because reason: String) { self.init(reason: reason, objects: [], pins: []) }
}

extension RepositoryStatus {
    /// Of a repository that never answered.
    package init(silent repository: String, branch: String, because problem: String) {
        self.init(repository: repository, branch: branch, problem: problem)
    }
}
