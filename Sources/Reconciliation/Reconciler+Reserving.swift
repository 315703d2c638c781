internal import Admission
internal import Model
internal import Planning

/// The ledger has no room for what a version asks for.
struct NoRoom: Error {
    let findings: [Diagnostic]
}

extension Reconciler {
    /// Holds what a plan needs until it is written down, and gives what is to be written with the
    /// decision; ``SharedLedger/written(by:)`` ends it.
    func reserve(
        _ desired: Desired,
        _ observed: Observation,
        _ plan: Plan
    ) async throws -> [JournalEntry] {
        guard plan.changesAnything else { return [] }
        let existing = try await prepareLedger(desired)
        let reservation = try ledger.grant(id, journal.state) { ledger in
            try decide(desired, observed, in: ledger, existing)
        }
        let isNew = journal.state().reservations[id] != reservation
        return isNew ? [.reserved(id, reservation)] : []
    }

    /// The same without holding anything, for somebody who only wants to know.
    func refuseUnreserved(
        _ desired: Desired,
        _ observed: Observation,
        _ plan: Plan
    ) async throws {
        guard plan.changesAnything else { return }
        let existing = try await prepareLedger(desired)
        _ = try decide(desired, observed, in: ledger.now(journal.state()), existing)
    }

    /// What the stack may come to hold: what is to be, and what is still there of what was.
    private func decide(
        _ desired: Desired,
        _ observed: Observation,
        in ledger: Ledger,
        _ existing: Set<String>?
    ) throws -> Reservation {
        let owned = journal.state().owned(by: id)
        let ours = observed.containers.filter { owned.contains($0.id) }
        let before = ledger.reservations[id] ?? Reservation(found: ours)
        let wanted = Reservation(of: desired).union(before.kept(by: ours))
        var ledger = ledger
        ledger.reservations[id] = before
        if let existing { ledger.volumes = ledger.volumes.mapValues(existing.intersection) }
        let question = LedgerQuestion(
            desired.admitted.stack,
            wants: wanted,
            in: ledger,
            under: policy.enforcesQuotas(of: id) ? tenant.quotas : Quota()
        )
        let objections = question.objections
        guard objections.isEmpty else { throw NoRoom(findings: objections) }
        return wanted
    }

    /// Finds out what a decision needs that the journal doesn't tell.
    ///
    /// - Returns: The volumes that there are; nil where nobody has to know. One that somebody
    ///   removed by hand counts no more.
    private func prepareLedger(_ desired: Desired) async throws -> Set<String>? {
        try await findUnreserved()
        guard tenant.quotas.volumes != nil else { return nil }
        let known = ledger.now(journal.state())
        let held = (known.volumes[id] ?? []).union(known.reservations[id]?.volumes ?? [])
        guard !held.isSuperset(of: Reservation(of: desired).volumes) else { return nil }
        let listed = try await engine.observe(controller: settings.controller, volumes: [""])
        return Set((listed.volumes ?? []).map(\.name))
    }

    /// Looks at the containers of stacks that the journal knows no reservation of.
    private func findUnreserved() async throws {
        guard !ledger.isComplete else { return }
        let state = journal.state()
        let unknown = state.owned.values.filter {
            $0.kind == .container && state.reservations[$0.stack] == nil
        }
        var found: [StackID: [ObservedContainer]] = [:]
        for object in unknown {
            guard let container = try await engine.inspect(object.id) else { continue }
            found[object.stack, default: []].append(container)
        }
        ledger.complete(found.mapValues { Reservation(found: $0) })
    }

    /// Gives back what a version doesn't need that has come about.
    func settle(_ desired: Desired, _ report: inout PassReport) async throws {
        try await keep(Reservation(of: desired), &report)
    }

    /// Gives back what nothing needs that is there, since the version that asked for it is held and
    /// there is no other.
    func settleHeld(_ report: inout PassReport) async {
        guard report.problems.contains(where: { $0.kind == .held }),
            let reservation = journal.state().reservations[id],
            let observed = try? await observeInPassing(nil)
        else { return }
        let owned = journal.state().owned(by: id)
        let kept = reservation.kept(by: observed.containers.filter { owned.contains($0.id) })
        try? await keep(kept, &report)
    }

    private func keep(_ reservation: Reservation, _ report: inout PassReport) async throws {
        let before = journal.state().reservations[id]
        guard before != reservation else { return }
        try await journal.append([.reserved(id, reservation)], at: clock.now())
        report.gaveBack = before != nil
    }
}
