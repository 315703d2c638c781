internal import Admission
package import Model
package import Planning

extension Reconciler {
    /// One pass, whatever the head has come to: for a stack that is gone from its repository
    /// the removal comes first, and repair goes on until a person has confirmed it.
    package func run(_ head: Head) async -> PassReport {
        guard head.isStackGone, trust == .sound else { return await reconcile(head) }
        var report = report(head)
        // No file says any more where it leads to; what was written down does.
        if memory.routes == nil { memory.lead(heldRoutes) }
        do {
            return try await remove(head, report)
        } catch let error where error is NeedsConfirmation || error is StillNeeded {
            report = await reconcile(head)
            report.note(error, of: nil)
        } catch {
            // A stack that is going away is not started because its removal came to a halt.
            report.note(error, of: nil)
        }
        return report
    }

    /// A report to begin a pass with.
    func report(_ head: Head) -> PassReport {
        var report = PassReport(
            stack: id,
            head: head.commit,
            began: clock.now(),
            isAttended: isAttended
        )
        report.dependencies = ties.dependencies
        return report
    }

    /// Takes away a stack that is no longer declared, but for its volumes.
    private func remove(_ head: Head, _ begun: PassReport) async throws -> PassReport {
        var report = begun
        let target = head.commit.map { Target(commit: $0, role: .head, origin: origin) }
        let (plan, observed) = try await removal()
        report.planned(plan, observed)
        let approval = try refuseUnconfirmed(plan, observed, target, toward: nil)
        try refuseNeeded()
        if memory.isSuperseded {
            report.isUnfinished = true
            return report
        }
        let outcome = try await perform(plan, report, toward: nil, at: target, by: approval)
        report.outcome = outcome
        let strays = journal.state().strays(of: id).subtracting([node.name]).sorted()
        if outcome.isSuccess, !strays.isEmpty {
            report.isLeft(on: strays)
        } else if outcome.isSuccess {
            try await journal.append([.stackRemoved(id)], at: clock.now())
            report.isRemoved = true
            report.gaveBack = true
        } else {
            report.failed(outcome.failures)
        }
        await record(outcome, nil, target, &report)
        return report
    }

    /// The way to nothing, and what is there now.
    private func removal() async throws -> (Plan, Observation) {
        let observed = try await observe(nil)
        let owned = journal.state().owned(by: id, on: node.name)
        let plan = Plan(
            removing: id,
            as: await lastFiles(),
            observed: observed,
            owned: owned
        )
        return (plan, observed)
    }

    /// What the last good commit says; nil where there is none, or it can't be read any more, which
    /// keeps nothing from going.
    func lastFiles() async -> Stack? {
        guard let good = try? await lastGood() else { return nil }
        return try? await load(good).stack
    }

    /// What a pass would find and do, without doing it.
    ///
    /// Somebody waits for it, so an engine that is silent is not asked more than whether it
    /// answers; nor that, if `silence` says what came of it just now.
    package func look(
        _ head: Head,
        silence: String? = nil
    ) async -> (report: PassReport, preview: Preview) {
        var report = report(head)
        var preview: Preview?
        let targets = await targets(head, &report)
        do {
            if let silence { throw SilentEngine(description: silence) }
            try await engine.ping()
        } catch {
            report.note(error, of: nil)
            return (report, Preview(plan: nil, target: nil, problems: report.problems))
        }
        if head.isStackGone, trust == .sound {
            preview = await lookAtRemoval(head, &report)
        }
        for target in targets {
            do {
                let found = try await look(at: target, &report)
                preview = preview ?? found.preview
                try refuseWaiting(found.plan, found.desired, target)
                let supposed = found.adoption.map(supposing) ?? self
                try supposed.refuseUnconfirmed(
                    found.plan,
                    found.observed,
                    target,
                    toward: found.desired
                )
                try await refuseShrinking(found.desired, target)
                report.isProven = !found.plan.changesAnything
                if found.plan.isEmpty { report.ended(found.desired) }
                break
            } catch {
                note(error, of: target, &report)
                // What would be done then is worth seeing, with what it waits for.
                if error is AwaitsStacks { preview?.problems = report.problems }
                if await isHalfway(error) { break }
            }
        }
        if report.observed == nil, let observed = try? await observeInPassing(nil) {
            report.saw(observed)
        }
        return (report, preview ?? Preview(plan: nil, target: nil, problems: report.problems))
    }

    /// The first half of a pass; its second would go the way that is found.
    private func look(
        at target: Target,
        _ report: inout PassReport
    ) async throws -> Found {
        let desired = try await prepare(target, waits: true)
        report.expect(desired, completed: journal.state().completed)
        try refuseIfHeld(desired, target)
        guard let adoption = try await adoption(by: desired, target) else {
            return try await look(desired, target, &report)
        }
        let pinned = try await pinning(desired, adoption)
        return try await supposing(adoption).look(pinned, target, &report)
    }

    /// What a look comes to.
    private struct Found {
        var desired: Desired
        var plan: Plan
        var observed: Observation
        var preview: Preview
        var adoption: Adoption?
    }

    private func look(
        _ desired: Desired,
        _ target: Target,
        _ report: inout PassReport
    ) async throws -> Found {
        let before = report.problems
        report.target(target, desired)
        let observed = try await observeInPassing(desired)
        try refuseNetworkChange(desired, observed, target)
        let setback = setback(desired, target, report)
        let grant = try await weighReservation(desired, observed, setback)
        let plan = try await plan(grant.desired, observed, setback)
        report.planned(plan, observed)
        report.reserved(grant)
        if plan.changesAnything || grant.takesRoutes, !grant.objections.isEmpty {
            throw NotGranted(findings: grant.objections)
        }
        var preview = preview(plan, observed, target.commit, before, toward: desired)
        preview.ports = grant.desired.ports.sorted()
        preview.mutations = desired.admitted.mutations.map(\.description)
        preview.hardening = desired.admitted.hardening
        preview.warnings = desired.admitted.warnings
        return Found(
            desired: desired,
            plan: plan,
            observed: observed,
            preview: preview,
            adoption: adoption
        )
    }

    private func lookAtRemoval(_ head: Head, _ report: inout PassReport) async -> Preview? {
        do {
            let (plan, observed) = try await removal()
            let preview = preview(plan, observed, head.commit, report.problems, toward: nil)
            let target = head.commit.map { Target(commit: $0, role: .head, origin: origin) }
            do {
                try refuseUnconfirmed(plan, observed, target, toward: nil)
                try refuseNeeded()
            } catch {
                report.note(error, of: nil)
            }
            return preview
        } catch {
            report.note(error, of: nil)
            return nil
        }
    }

    private func preview(
        _ plan: Plan,
        _ observed: Observation,
        _ commit: Commit?,
        _ problems: [Problem],
        toward desired: Desired?
    ) -> Preview {
        var preview = Preview(
            plan: plan,
            target: commit,
            problems: problems,
            confirmation: confirmation(of: plan, observed, toward: desired)
        )
        preview.adoption = adoption?.notes ?? []
        return preview
    }
}

/// What a pass would do, and what policy makes of it.
package struct Preview: Hashable, Codable, Sendable {
    /// nil when nothing can be planned; ``problems`` says why.
    package var plan: Plan?
    package var target: Commit?
    package var problems: [Problem]
    /// Ports of the node that it publishes, those too that Gyre chose.
    package var ports: [ReservedPort] = []
    /// What policy fills in.
    package var mutations: [String] = []
    package var hardening: [String] = []
    package var warnings: [Diagnostic] = []
    /// What is taken over of what somebody else brought up, and what isn't.
    package var adoption: [String] = []
    /// What a person has to agree to first.
    package var confirmation: Confirmation?
}

/// An engine that was found not to answer.
private struct SilentEngine: EngineSideError, CustomStringConvertible {
    let description: String
}
