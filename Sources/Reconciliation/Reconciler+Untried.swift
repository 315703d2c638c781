internal import Admission
internal import Model
internal import Planning

/// What a version is to run once, although it ran before and ended badly.
extension Reconciler {
    /// Whether the version has been through its stability window.
    func isProven(_ desired: Desired) -> Bool {
        desired.isResolved && journal.state().good[id]?.digest == desired.version.digest
    }

    /// What ended badly before the version was begun, and when each was started last.
    ///
    /// How they ended tells what the version before was like, or the world around it: a person has
    /// released it, or something else of the file is new, or they were taken over as they stood.
    /// Each is started once; from then on it has another date, and counts, whoever looks.
    func untried(
        _ desired: Desired,
        _ observed: Observation,
        _ setback: Setback
    ) -> [String: Instant] {
        guard !setback.isRollback, !isProven(desired) else { return [:] }
        let state = journal.state()
        let isBegun = state.begun[id] == desired.unpinned
        let known = state.untried[id] ?? [:]
        var untried: [String: Instant] = [:]
        for container in observed.containers
        where container.state == .exited && container.exitCode != 0 {
            guard let slot = container.slot, desired.isTask(slot.service),
                let started = container.details?.started
            else { continue }
            if !isBegun || known[container.id] == started { untried[container.id] = started }
        }
        // What is taken over unchanged is written only for what would not come about otherwise.
        let services = (observed.swarm?.services ?? []).filter { service in
            adoption == nil || service.labels[Labels.service].map(desired.isTask) ?? false
        }
        // A task is started once.
        let once = Instant(milliseconds: 0)
        for task in services.flatMap(\.tasks) where task.hasFailed {
            if !isBegun || known[task.id] == once { untried[task.id] = once }
        }
        return untried
    }
}
