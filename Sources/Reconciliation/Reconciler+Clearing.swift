internal import Model
internal import Planning

/// What is left of a stack on a node that is not its own any more.
extension Reconciler {
    /// Stops what writes there, and if it is to be removing, takes away all but volumes.
    ///
    /// Until the stack has been stable at `home`, what only reads serves on.
    func clear(strayOf home: String, removing: Bool) async throws {
        let observed = try await observe(nil)
        let owned = journal.state().owned(by: id, on: node.name)
        let plan =
            removing
            ? Plan(
                removing: id,
                as: await lastFiles(),
                observed: observed,
                owned: owned,
                because: .moved(to: home)
            )
            : Plan(stoppingWritersOf: id, observed: observed, owned: owned, movedTo: home)
        guard !plan.isEmpty else { return }
        var report = report(Head(commit: nil))
        report.planned(plan, observed)
        report.wasProven = true
        let outcome = try await perform(plan, report, toward: nil, isAside: true)
        await record(outcome, nil, nil, &report)
        if let failure = outcome.failures.first?.failure { throw failure }
        guard outcome.isSuccess else { throw CancellationError() }
    }
}
