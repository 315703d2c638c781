internal import Admission
package import Model
package import Planning

extension Reconciler {
    /// One pass, whatever the head has come to: for a stack that is gone from its repository
    /// the removal comes first, and repair goes on until a person has confirmed it.
    package func run(_ head: Head) async -> PassReport {
        guard head.isStackGone, trust == .sound else { return await reconcile(head) }
        do {
            return try await remove(head)
        } catch {
            var report = await reconcile(head)
            report.note(error, of: nil)
            return report
        }
    }

    /// Takes away a stack that is no longer declared, but for its volumes.
    private func remove(_ head: Head) async throws -> PassReport {
        var report = PassReport(stack: id, head: head.commit, began: clock.now())
        let observed = try await observe(nil)
        let plan = Plan(
            removing: id,
            observed: observed,
            owned: journal.state().owned(by: id)
        )
        report.planned(plan, observed, nil)
        try refuseUnconfirmed(plan, observed, head.commit.map { Target(commit: $0, role: .head) })
        let outcome = try await perform(plan, toward: nil)
        report.outcome = outcome
        if outcome.isSuccess {
            try await journal.append([.stackRemoved(id)], at: clock.now())
            report.isRemoved = true
        } else {
            report.failed(outcome.failures)
        }
        await record(outcome, nil, head.commit.map { Target(commit: $0, role: .head) }, &report)
        return report
    }

    /// What the next pass would do, without doing it.
    package func preview(_ head: Head) async -> Preview {
        var report = PassReport(stack: id, head: head.commit, began: clock.now())
        if head.isStackGone, trust == .sound { return await previewRemoval(head, &report) }
        for target in await targets(head, &report) {
            do {
                let desired = try await prepare(target)
                try refuseIfHeld(desired, target)
                let observed = try await observe(desired)
                try refuseNetworkChange(desired, observed, target)
                let plan = try await plan(desired, observed)
                let owned = journal.state().owned(by: id)
                let needed = Confirmation(of: plan, running: observed, owned: owned)
                return Preview(
                    plan: plan,
                    target: target.commit,
                    problems: report.problems,
                    mutations: desired.admitted.mutations.map(\.description),
                    hardening: desired.admitted.hardening,
                    warnings: desired.admitted.warnings,
                    confirmation: needed
                )
            } catch {
                report.note(error, of: target)
            }
        }
        return Preview(plan: nil, target: nil, problems: report.problems)
    }

    private func previewRemoval(_ head: Head, _ report: inout PassReport) async -> Preview {
        do {
            let observed = try await observe(nil)
            let owned = journal.state().owned(by: id)
            let plan = Plan(removing: id, observed: observed, owned: owned)
            return Preview(
                plan: plan,
                target: head.commit,
                problems: report.problems,
                confirmation: Confirmation(of: plan, running: observed, owned: owned)
            )
        } catch {
            report.note(error, of: nil)
            return Preview(plan: nil, target: nil, problems: report.problems)
        }
    }
}

/// What a pass would do, and what policy makes of it.
package struct Preview: Hashable, Codable, Sendable {
    /// nil when nothing can be planned; ``problems`` says why.
    package var plan: Plan?
    package var target: Commit?
    package var problems: [Problem]
    /// What policy fills in.
    package var mutations: [String] = []
    package var hardening: [String] = []
    package var warnings: [Diagnostic] = []
    /// What a person has to agree to first.
    package var confirmation: Confirmation?
}
