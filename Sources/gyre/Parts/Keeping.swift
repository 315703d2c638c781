internal import Logging
internal import Model
internal import Reconciliation
internal import Store
internal import Synchronization

/// The journal in a state directory; another one takes its place when it is lost.
final class KeptJournal: JournalKeeping {
    private let directory: String
    private let journal: Mutex<Journal>
    /// Whose head each entry names.
    private let audit: AuditLog

    init(_ journal: Journal, in directory: String, beside audit: AuditLog) {
        self.directory = directory
        self.journal = Mutex(journal)
        self.audit = audit
    }

    var head: ChainHead { current.head }

    func state() -> JournalState { current.state() }
    func loss() -> String? { current.loss() }

    func append(_ entries: [JournalEntry], at time: Instant) async throws {
        try await current.append(entries, at: time, audit: audit.head)
    }

    func beginAnew() throws {
        try journal.withLock { journal in
            // First, because closing it removes the log of whatever has its name by then.
            try journal.close()
            try StateFolder.make(directory)
            if case .missing = try Journal.open(at: directory) {
            } else {
                _ = try Journal.setAside(at: directory, now: Reconciliation.Clock.system.now())
            }
            journal = try Journal.create(at: directory)
        }
    }

    private var current: Journal { journal.withLock { $0 } }
}

/// A journal that is looked at and never written: what a preview would add is forgotten.
final class BorrowedJournal: JournalKeeping {
    private let current: Mutex<JournalState>
    let isOthersToo: Bool

    init(_ state: JournalState, isOthersToo: Bool = false) {
        current = Mutex(state)
        self.isOthersToo = isOthersToo
    }

    func state() -> JournalState { current.withLock { $0 } }

    func append(_ entries: [JournalEntry], at time: Instant) async throws {
        current.withLock { state in
            for entry in entries { state.apply(entry) }
        }
    }
}

/// The history; its loss stops nothing, so a failure is one line in the log.
struct Runs: HistoryKeeping {
    let history: History
    let logger: Logger

    func append(_ run: RunRecord) async {
        do {
            try await history.append(run)
        } catch {
            logger.warning("the history is not kept", metadata: ["reason": "\(error)"])
        }
    }
}

/// An audit log that nobody writes in, because nothing is done.
struct NoEvidence: AuditKeeping {
    func state() -> AuditState { AuditState() }
    func append(_ entries: [AuditEntry], at time: Instant) async throws {}
    func note(_ entries: [AuditEntry], at time: Instant) async {}
}

/// No history at all.
struct NoRuns: HistoryKeeping {
    func append(_ run: RunRecord) async {}
}
