import Model
import Reconciliation
import Synchronization

/// An audit log that forgets when the process ends.
final class FakeAudit: AuditKeeping {
    private let kept = Mutex<(state: AuditState, entries: [AuditEntry])>((AuditState(), []))
    /// Why nothing can be written.
    let failure = Mutex<(any Error & Sendable)?>(nil)
    /// What is to happen while evidence is written that somebody waits for.
    let onAppend = Mutex<(@Sendable () async -> Void)?>(nil)

    var entries: [AuditEntry] { kept.withLock { $0.entries } }

    func of(_ kind: AuditEntry.Kind) -> [AuditEntry] { entries.filter { $0.kind == kind } }

    func state() -> AuditState { kept.withLock { $0.state } }

    func append(_ entries: [AuditEntry], at time: Instant) async throws {
        if let failure = failure.withLock(\.self) { throw failure }
        if let onAppend = onAppend.withLock(\.self) { await onAppend() }
        await note(entries, at: time)
    }

    func note(_ entries: [AuditEntry], at time: Instant) async {
        kept.withLock { kept in
            for entry in entries { kept.state.apply(entry) }
            kept.entries += entries
        }
    }
}
