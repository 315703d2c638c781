internal import ControlAPI
internal import Logging
internal import Model
internal import OperatorFile
internal import Reconciliation
internal import Store
internal import Synchronization

/// The audit log in a state directory.
///
/// What has become true and can't be written waits here, in order, and is written before anything
/// that comes later: no decision stands in the log past an outcome that is missing.
final class KeptAudit: AuditKeeping {
    private typealias Waiting = (entry: AuditEntry, time: Instant)

    private let log: AuditLog
    /// Whose head each entry names.
    private let journal: KeptJournal
    private let logger: Logger
    private let pending = Mutex<(entries: [Waiting], missed: Int)>(([], 0))

    /// The most that waits for a disk with room; what is older is given up.
    private static let limit = 10_000

    init(_ log: AuditLog, beside journal: KeptJournal, logger: Logger) {
        self.log = log
        self.journal = journal
        self.logger = logger
    }

    /// With what waits, so that nothing waits twice.
    func state() -> AuditState {
        var state = log.state()
        for (entry, _) in pending.withLock({ $0.entries }) { state.apply(entry) }
        return state
    }

    func append(_ entries: [AuditEntry], at time: Instant) async throws {
        try await write(entries.map { ($0, time) }, keeps: false)
    }

    func note(_ entries: [AuditEntry], at time: Instant) async {
        // Why it can't be written is told by what can't be decided meanwhile.
        try? await write(entries.map { ($0, time) }, keeps: true)
    }

    /// Writes what waits and `news`; where that fails, all that waited waits on, and `news` with
    /// it if it `keeps` them.
    private func write(_ news: [Waiting], keeps: Bool) async throws {
        let (waiting, missed) = pending.withLock { pending in
            defer { pending = ([], 0) }
            return pending
        }
        let gap = missed > 0 ? [(AuditEntry.missed(missed), news.first?.time ?? .zero)] : []
        do {
            try await log.append(gap + waiting + news, journal: journal.head)
        } catch {
            if waiting.isEmpty {
                logger.error("the audit log can't be written", metadata: ["reason": "\(error)"])
            }
            let left = keeps ? waiting + news : waiting
            pending.withLock { pending in
                let all = left + pending.entries
                let excess = max(0, all.count - KeptAudit.limit)
                pending = (Array(all.dropFirst(excess)), pending.missed + missed + excess)
            }
            throw error
        }
    }
}

extension Instant {
    fileprivate static let zero = Instant(milliseconds: 0)
}

extension CompositionRoot.Opened {
    /// Writes down who begins to work, with which file.
    func begin(_ command: String, _ file: ConfigurationFile) async {
        let entry = AuditEntry.started(
            file.settings.controller,
            version: Program.version,
            command: command,
            by: .own,
            engine: file.settings.engine.description,
            configuration: file.digest
        )
        await folder.audit.note([entry], at: Reconciliation.Clock.system.now())
    }

    /// Writes down that work ends.
    func end() async {
        await folder.audit.note([.stopped], at: Reconciliation.Clock.system.now())
    }
}
