package import Model

/// A journal that the next leader reads: in the Swarm first, and then on this machine's disk.
package final class SharedJournal: JournalKeeping {
    private let local: any JournalKeeping
    private let log: RecordLog
    package let isOthersToo: Bool

    private init(_ local: any JournalKeeping, _ log: RecordLog, isKept: Bool) {
        self.local = local
        self.log = log
        isOthersToo = isKept
    }

    /// Reads what the leader before knew, which `local` then holds, too.
    ///
    /// `lost` says why the one on the disk can't be used, `isKept` that there is one in the Swarm.
    /// Gives why there is none to be trusted; nil where there is.
    package static func open(
        over local: any JournalKeeping,
        lost: String?,
        isKept: Bool,
        in records: any RecordKeeping,
        led lead: any LeadKeeping,
        at time: Instant
    ) async throws -> (journal: SharedJournal, lost: String?) {
        let log = RecordLog(records, lead, local)
        let journal = SharedJournal(local, log, isKept: isKept)
        switch try await log.open(at: time) {
        case .sound(let state) where isKept || state == local.state():
            if state != local.state() { try await local.append([.inherited(state)], at: time) }
            lead.keepsJournal()
            return (journal, nil)
        case .sound:
            throw StepFailure(
                .permanent,
                "the Swarm has records of a journal that its lease doesn't know, as after an "
                    + "earlier sharing, and they say something else than the one of this machine",
                remedy: "if this machine's journal is the right one, remove the others: "
                    + "docker config rm each that docker config ls calls .journal or .state; see "
                    + "Docs/Operating.md"
            )
        case .newer(let reason):
            throw StepFailure(
                .permanent,
                "it can't lead: \(reason)",
                remedy: "update gyre on this machine, too; the others go on meanwhile"
            )
        // Nobody has come as far as to share anything. A journal without anything is not shared: it
        // would take the place of one that another machine has.
        case .none where !isKept, .broken where !isKept:
            if lost == nil, local.state() != JournalState() { try await log.writeState() }
            return (journal, lost)
        case .none:
            return (journal, try await forget(local, "the Swarm has no journal any more", time))
        case .broken(let reason):
            return (journal, try await forget(local, reason, time))
        }
    }

    /// What this machine knew is of an earlier time, which is worse than nothing.
    private static func forget(
        _ local: any JournalKeeping,
        _ reason: String,
        _ time: Instant
    ) async throws -> String {
        try await local.append([.inherited(JournalState())], at: time)
        return reason
    }

    /// As the disk has it.
    package func state() -> JournalState { local.state() }
    /// Of the one on the disk.
    package func loss() -> String? { local.loss() }
    /// On the disk; the Swarm has the state with the next append that shows that it is trusted.
    package func beginAnew() throws { try local.beginAnew() }

    /// Where it throws the entries may be there all the same, and are added before the next ones.
    package func append(_ entries: [JournalEntry], at time: Instant) async throws {
        try await log.append(entries, at: time)
    }
}
