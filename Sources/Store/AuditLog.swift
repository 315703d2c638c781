internal import GRDB
package import Model
internal import Synchronization

/// Who did what, and on what grounds: append-only, each entry chained to the one before it, each
/// append durable before it returns.
///
/// Evidence, and never state. One process writes, under the ``StateLock`` of the directory;
/// others may read beside it.
package final class AuditLog: Sendable {
    /// What was found where a log is looked for; only the caller can tell what a missing or
    /// broken one means.
    package enum Opening: Sendable {
        case sound(AuditLog)
        case missing
        case broken(reason: String)
    }

    static let chain = Chain(name: "audit log", columns: ["kind", "stack"])
    static let migrator = chain.migrator
    /// How many of the last entries are checked when it is opened for writing.
    static let entriesChecked = 1000

    let writer: ChainWriter
    private let current: Mutex<AuditState>

    private init(
        _ database: DatabaseQueue,
        _ state: AuditState,
        _ head: ChainHead,
        in directory: String
    ) {
        let note = HeadNote(in: directory)
        let file = AuditLog.file(in: directory)
        writer = ChainWriter(AuditLog.chain, database, file, head: head) { note.write($0) }
        current = Mutex(state)
    }

    /// Adds `entries` in one transaction that is on the disk when this returns.
    ///
    /// When it throws, none of them is. `journal` is where the journal stands.
    package func append(
        _ entries: [(entry: AuditEntry, time: Instant)],
        journal: ChainHead?
    ) async throws {
        let payloads = entries.map { entry, time in
            (text: entry.payload(journal: journal?.description), time: time)
        }
        try await writer.append(payloads) { [self] in
            current.withLock { state in for (entry, _) in entries { state.apply(entry) } }
        }
    }

    /// Why what is written would be lost; nil while its name leads to the file that was opened.
    package func loss() -> String? { writer.loss() }

    /// What the last entries add up to.
    package func state() -> AuditState { current.withLock { $0 } }

    /// Its last link that is on the disk.
    package var head: ChainHead { writer.head }

    static func file(in directory: String) -> StateFile { StateFile("audit.sqlite", in: directory) }
}

extension AuditLog {
    /// Opens the log in `directory` for writing, and checks its last entries; ``AuditProof``
    /// checks them all.
    package static func open(at directory: String) throws -> Opening {
        try opening(directory) { file in
            let database = try file.openChain(chain, migrator, isReader: false)
            var state = AuditState()
            let head = try database.read { database in
                try tail(database) { link in
                    if let entry = AuditEntry(payload: link.payload) { state.apply(entry) }
                }
            }
            HeadNote(in: directory).write(head)
            return AuditLog(database, state, head, in: directory)
        }
    }

    /// Opens the log in `directory` beside the controller that writes it, without a check.
    package static func reading(at directory: String) throws -> Opening {
        try opening(directory) { file in
            let database = try file.openChain(chain, migrator, isReader: true)
            let head = try database.read(chain.head)
            return AuditLog(database, AuditState(), head, in: directory)
        }
    }

    /// Makes a log in `directory`, which must have none, that goes on where `head` ended; its
    /// first entry is there from the start.
    package static func create(
        at directory: String,
        after head: ChainHead,
        _ first: AuditEntry,
        at time: Instant,
        journal: ChainHead?
    ) throws -> AuditLog {
        try file(in: directory).create(chain) { database in
            try migrator.migrate(database)
            try database.write { database in
                let payload = first.payload(journal: journal?.description)
                _ = try chain.append(payload, at: time, after: head, database)
            }
        }
        guard case .sound(let log) = try open(at: directory) else {
            throw StoreError(.broken, "create the audit log", "it can't be read again")
        }
        return log
    }

    /// Renames the log in `directory`, so that a new one can be made and the old one be looked
    /// at, and returns its new name.
    package static func setAside(at directory: String, now: Instant) throws -> String {
        try file(in: directory).setAside(now)
    }

    /// The newest head that was noted beside the log in `directory`; nil where none can be read.
    package static func notedHead(at directory: String) -> ChainHead? {
        HeadNote(in: directory).read()
    }

    /// Checks the last entries, each by the one before it.
    private static func tail(
        _ database: Database,
        _ body: (ChainLink) throws -> Void
    ) throws -> ChainHead {
        let last = try chain.links(database, "ORDER BY seq DESC LIMIT ?", [entriesChecked])
        guard let first = last.last else { throw chain.broken("it has no entry") }
        var walker = ChainWalker(chain, from: first.before)
        for link in last.reversed() { try walker.take(link, body) }
        return walker.head
    }

    private static func opening(
        _ directory: String,
        _ body: (StateFile) throws -> AuditLog
    ) throws -> Opening {
        let file = file(in: directory)
        do {
            guard try !file.isMissing(chain) else { return .missing }
            return .sound(try body(file))
        } catch {
            let error = StoreError(error, "open the audit log")
            guard error.code == .broken else { throw error }
            return .broken(reason: error.message)
        }
    }
}
