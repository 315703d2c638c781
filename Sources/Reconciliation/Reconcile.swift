internal import Admission
internal import Model
internal import Planning

/// The way of one commit, in the order of the picture in `Docs/Architecture.md`.
///
///     head -> choose -> Snapshot -> Stack -> Admitted -> Desired -> Plan -> Reserved -> Outcome
///
/// There is no state to resume: every pass starts from a fresh observation, so whatever a
/// crash or a person left behind, the next pass repairs.
extension Reconciler {
    /// One pass: brings the stack to the best target there is, and says what came of it.
    package func reconcile(_ head: Head) async -> PassReport {
        var report = report(head)
        for target in await targets(head, &report) {
            do {
                let desired = try await prepare(target, waits: !isAttended)
                report.expect(desired, completed: journal.state().completed)
                try refuseIfHeld(desired, target)
                defer { ledger.written(by: id) }
                let course = try await course(to: desired, target, &report)
                if memory.isSuperseded {
                    report.isUnfinished = true
                    return report
                }
                try await endConfirmation(but: course.approval, target)
                try await take(course)
                try await noteVolumes(of: course.desired)
                return await converge(course, target, report)
            } catch {
                await noteDenial(error, of: target)
                note(error, of: target, &report)
                // An engine that doesn't answer says nothing against the version.
                if error is any EngineSideError { return report }
                if await isHalfway(error) { break }
            }
        }
        await settleHeld(&report)
        // It was looked at, and nothing is known that leads to it but what did before.
        if memory.routes == nil, trust == .sound { memory.lead(heldRoutes) }
        return await startAgain(report)
    }

    /// From a commit to what should run.
    ///
    /// Where a registry has to be asked, it `waits` for the answer, or throws that it is awaited.
    func prepare(_ target: Target, waits: Bool) async throws -> Desired {
        try await learnUsers()
        let admitted = try await admit(target)
        await noteStanding(admitted, of: target)
        return try await resolve(admitted, for: target, waits: waits)
    }

    private func admit(_ target: Target) async throws -> AdmittedStack {
        try await consult(about: try await judge(target), target)
    }

    private func judge(_ target: Target) async throws -> AdmittedStack {
        let files = files(of: target)
        if let known = memory.admitted(target.commit, files, policy.digest) { return known }
        let reading = try await load(target)
        let admitted = try policy.admit(reading)
        memory.admitted(admitted, target.commit, files)
        return admitted
    }

    /// From what should run, and what does, to the way between, and what has to be held for it.
    private func course(
        to desired: Desired,
        _ target: Target,
        _ report: inout PassReport
    ) async throws -> Course {
        if adoption == nil, let adoption = try await adoption(by: desired, target) {
            let pinned = try await pinning(desired, adoption)
            var course = try await supposing(adoption).course(to: pinned, target, &report)
            course.adoption = adoption
            return course
        }
        report.target(target, desired)
        let observed = try await observe(desired)
        try refuseNetworkChange(desired, observed, target)
        let setback = setback(desired, target, report)
        let grant = try await reserve(desired, observed, setback)
        let plan = try await plan(grant.desired, observed, setback)
        report.planned(plan, observed)
        report.reserved(grant)
        if plan.changesAnything || grant.takesRoutes, !grant.objections.isEmpty {
            throw NotGranted(findings: grant.objections)
        }
        try refuseWaiting(plan, desired, target)
        let leave = try refuseUnconfirmed(plan, observed, target, toward: desired)
        let moving = try await refuseShrinking(desired, target)
        return Course(
            desired: grant.desired,
            plan: plan,
            reserved: entries(of: grant),
            untried: untried(desired, observed, setback),
            approval: leave ?? moving
        )
    }

    /// What a pass goes about.
    private struct Course {
        /// With the ports that were chosen.
        var desired: Desired
        var plan: Plan
        /// What is written down with the decision.
        var reserved: [JournalEntry]
        /// What it has yet to run, though it ran before.
        var untried: [String: Instant]
        /// By whose leave it takes something away.
        var approval: Approval?
        /// What becomes the stack's before anything is done.
        var adoption: Adoption?
    }

    private func take(_ course: Course) async throws {
        guard let adoption = course.adoption else { return }
        try await take(adoption, with: course.desired)
    }

    /// Goes that way; a decision that can't be written down stops change, never repair.
    private func converge(
        _ course: Course,
        _ target: Target,
        _ report: PassReport
    ) async -> PassReport {
        let desired = course.desired
        memory.lead(desired.admitted.stack.routes)
        do {
            let outcome = try await perform(
                course.plan,
                report,
                toward: desired,
                at: target,
                writing: course.reserved,
                untried: course.untried,
                by: course.approval
            )
            let report = await conclude(outcome, desired, target, report)
            // What can't start and is not held is tried again; meanwhile the old one serves.
            guard outcome.leavesTakenDown, !report.isHeld else { return report }
            return await startAgain(report)
        } catch {
            var report = report
            report.note(error, of: target)
            return await startAgain(report)
        }
    }
}
