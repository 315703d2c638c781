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
    private let pending = Mutex(Pending())

    private struct Pending {
        var entries: [Waiting] = []
        /// How many were given up.
        var missed = 0
        /// Whether what waited is being written; what comes meanwhile waits behind it.
        var isTried = false
    }

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
        let taken = pending.withLock { pending -> Pending? in
            guard !pending.isTried else {
                if keeps { pending.entries += news }
                return nil
            }
            defer { pending = Pending(isTried: !pending.entries.isEmpty) }
            return pending
        }
        guard let taken else { throw Behind() }
        let (waiting, missed) = (taken.entries, taken.missed)
        let gap = missed > 0 ? [(AuditEntry.missed(missed), news.first?.time ?? .zero)] : []
        do {
            try await log.append(gap + waiting + news, journal: journal.head)
            guard !waiting.isEmpty else { return }
        } catch {
            if waiting.isEmpty {
                logger.error("the audit log can't be written", metadata: ["reason": "\(error)"])
            }
            let left = keeps ? waiting + news : waiting
            pending.withLock { pending in
                let all = left + pending.entries
                let excess = max(0, all.count - KeptAudit.limit)
                pending = Pending(
                    entries: Array(all.dropFirst(excess)),
                    missed: pending.missed + missed + excess,
                    isTried: pending.isTried && waiting.isEmpty
                )
            }
            throw error
        }
        let isMore = pending.withLock { pending in
            pending.isTried = false
            return !pending.entries.isEmpty
        }
        // What came meanwhile; that `news` are written doesn't hang on it.
        if isMore { try? await write([], keeps: true) }
    }
}

/// Somebody writes what waited just now, and it comes first.
private struct Behind: Error, CustomStringConvertible {
    let description = "the audit log is behind: what was done is being written first"
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
            command: command + (lead.map { ", term \($0.term) of the lead" } ?? ""),
            by: .own,
            engine: file.settings.engines,
            configuration: file.digest
        )
        await folder.audit.note([entry], at: Reconciliation.Clock.system.now())
    }

    /// Writes down that work ends, and lets another one lead.
    func end() async {
        await lead?.release()
        await folder.audit.note([.stopped], at: Reconciliation.Clock.system.now())
    }
}
