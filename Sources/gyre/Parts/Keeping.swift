internal import Logging
internal import Model
internal import Reconciliation
internal import Store
internal import Synchronization

extension Journal: JournalKeeping {}

/// A journal that is looked at and never written: what a preview would add is forgotten.
final class BorrowedJournal: JournalKeeping {
    private let current: Mutex<JournalState>

    init(_ state: JournalState) { current = Mutex(state) }

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

/// No history at all.
struct NoRuns: HistoryKeeping {
    func append(_ run: RunRecord) async {}
}
