internal import Admission
internal import Model
internal import Planning

/// What becomes of a rollout of which some failed; see `Docs/Decisions/0021-rollouts.md`.
extension Reconciler {
    /// What failed of a version before, and what that leaves as it is.
    func setback(_ desired: Desired, _ target: Target, _ report: PassReport) -> Setback {
        switch target.role {
        case .good: Setback(isRollback: true, left: report.left ?? keptSoFar)
        case .head: Setback(slots: setAside(of: desired.version))
        }
    }

    /// What pauses left, where nobody knows what is to become of the head.
    var keptSoFar: Set<String> {
        let holds = journal.state().holds[id] ?? [:]
        return Set(holds.values.flatMap { $0.kept ?? [] })
    }

    private func setAside(of version: Version) -> Set<Slot> {
        Set(journal.state().holds[id]?[version.digest]?.setAside ?? [])
    }

    /// Whether a version has come about but for slots in which it failed: that is no success, and
    /// it stays as it is until somebody looks.
    func isPartial(_ desired: Desired, _ target: Target) -> Bool {
        target.role == .head && !setAside(of: desired.version).isEmpty
    }

    /// Writes down that a version is not tried again, or where not, before anything of it is
    /// removed (law 7).
    ///
    /// - Returns: Whether anything was that wasn't known.
    func hold(
        _ desired: Desired,
        after outcome: Outcome,
        because failure: (step: Step, failure: StepFailure)?
    ) async throws -> Bool {
        let version = desired.version
        let known = journal.state().holds[id]?[version.digest]
        let before = Set(known?.setAside ?? [])
        var hold = Hold(
            version: version,
            reason: failure.map { "\($0.step.operation): \($0.failure.text)" } ?? known?.reason
                ?? "",
            remedy: failure?.failure.remedy ?? known?.remedy
        )
        let isFirst = journal.state().good[id] == nil
        let course =
            outcome.isSuccess
            ? .pause : isFirst ? .goBack : desired.course(after: outcome, setAside: before)
        switch course {
        case .goBack: break
        case .goOn(let slots):
            guard slots != before else { return false }
            hold.setAside = slots.sorted()
        case .pause:
            let observed = try await observeInPassing(desired)
            hold.kept = desired.standing(
                in: observed,
                owned: journal.state().owned(by: id),
                after: outcome,
                setAside: before
            )
        }
        let words =
            failure.map { "\($0.step.operation): \($0.failure.message)" }
            ?? "it failed in \(before.sorted().map(\.description).joined(separator: ", "))"
        await audit.note([.held(id, version, because: words)], at: clock.now())
        try await journal.append([.held(id, hold)], at: clock.now())
        return true
    }
}
