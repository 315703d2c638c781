internal import GRDB
package import Model
internal import Synchronization

/// The few facts that must not be lost: append-only, each entry chained to the one before it by
/// its hash, each append durable before it returns.
///
/// One process writes, under the ``StateLock`` of the directory; others may read beside it.
package final class Journal: Sendable {
    /// What was found where a journal is looked for; only the caller can tell what a missing or
    /// broken one means.
    package enum Opening: Sendable {
        case sound(Journal)
        case missing
        case broken(reason: String)
    }

    private let writer: ChainWriter
    private let current: Mutex<JournalState>

    private init(
        _ database: DatabaseQueue,
        _ state: JournalState,
        _ head: ChainHead,
        _ file: StateFile
    ) {
        writer = ChainWriter(JournalChain.chain, database, file, head: head)
        current = Mutex(state)
    }

    /// Adds `entries` in one transaction that is on the disk when this returns.
    ///
    /// When it throws, none of them is. `audit` is where the audit log stands.
    package func append(
        _ entries: [JournalEntry],
        at time: Instant,
        audit: ChainHead? = nil
    ) async throws {
        let payloads = try entries.enumerated().map { index, entry in
            (try JournalChain.encode(entry, audit: index == 0 ? audit : nil), time)
        }
        try await writer.append(payloads) { [self] in
            current.withLock { state in for entry in entries { state.apply(entry) } }
        }
    }

    /// Why what is written would be lost, as when somebody removed the file; nil while its name
    /// still leads to the file that was opened.
    package func loss() -> String? { writer.loss() }

    /// Closes the file, after which nothing can be written; another can be made in its place.
    package func close() throws { try writer.close() }

    /// What all entries that are on the disk add up to.
    ///
    /// Of a journal opened for reading only: as it was when it was opened.
    package func state() -> JournalState { current.withLock { $0 } }

    /// Its last link, as of the same moment.
    package var head: ChainHead { writer.head }

    /// Where the audit log stood when it was last written down here; nil if never.
    package func lastOfAudit() throws -> ChainHead? {
        do {
            return try writer.database.read { database in
                let rest = "WHERE payload LIKE '{\"audit\":%' ORDER BY seq DESC LIMIT 1"
                return try JournalChain.chain.links(database, rest, []).first
                    .flatMap(JournalChain.audit)
            }
        } catch { throw StoreError(error, "read the journal") }
    }

    /// The entries from number `first` on, in order, at most `limit` of them.
    package func entries(from first: Int64 = 1, limit: Int) async throws -> [JournalRecord] {
        do {
            return try await writer.database.read { database in
                try JournalChain.records(database, from: first, limit: limit)
            }
        } catch { throw StoreError(error, "read the journal") }
    }

    /// Checks the file and every link of the chain, and returns the last; throws `broken` with
    /// the first entry that is not as it was written.
    ///
    /// A journal whose newest entries were cut off is a sound shorter one: only somebody who
    /// noted an earlier head can tell, as the audit log does.
    @discardableResult
    package func verify() throws -> ChainHead {
        do {
            return try writer.database.read { try JournalFile.check($0).head }
        } catch { throw StoreError(error, "verify the journal") }
    }
}

extension Journal {
    /// Opens the journal in `directory` for writing, checks all of it, and brings its tables up
    /// to date.
    ///
    /// Throws what says nothing about the journal itself, such as a directory that may not be
    /// read.
    package static func open(at directory: String) throws -> Opening {
        try open(JournalFile(in: directory), isReader: false)
    }

    /// Opens the journal in `directory` beside the controller that writes it.
    package static func reading(at directory: String) throws -> Opening {
        try open(JournalFile(in: directory), isReader: true)
    }

    /// Makes an empty journal in `directory`, which must have none.
    package static func create(at directory: String) throws -> Journal {
        let file = JournalFile(in: directory)
        try file.create()
        let database = try file.open(isReader: false)
        return Journal(database, JournalState(), .start, file.file)
    }

    /// Renames the journal in `directory`, so that a new one can be made and the old one be
    /// looked at, and returns its new name.
    package static func setAside(at directory: String, now: Instant) throws -> String {
        try JournalFile(in: directory).file.setAside(now)
    }

    private static func open(_ file: JournalFile, isReader: Bool) throws -> Opening {
        do {
            guard try !file.file.isMissing(JournalChain.chain) else { return .missing }
            let database = try file.open(isReader: isReader)
            let (state, head) = try database.read(JournalFile.check)
            return .sound(Journal(database, state, head, file.file))
        } catch {
            let error = StoreError(error, "open the journal")
            guard error.code == .broken else { throw error }
            return .broken(reason: error.message)
        }
    }
}
