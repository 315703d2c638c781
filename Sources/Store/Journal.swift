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

    private let database: DatabaseQueue
    private let current: Mutex<JournalState>
    private let waiting = Mutex<[Append]>([])
    private let watch: FileWatch

    private init(_ database: DatabaseQueue, _ state: JournalState, _ file: StateFile) {
        self.database = database
        self.current = Mutex(state)
        watch = FileWatch(file)
    }

    /// Adds `entries` in one transaction that is on the disk when this returns; when it throws,
    /// none of them is.
    ///
    /// Appends that arrive while one is being written share the next transaction, and with it
    /// one wait for the disk. An append that has begun is not given up by cancellation: the
    /// caller would not know whether its facts are kept.
    package func append(_ entries: [JournalEntry], at time: Instant) async throws {
        guard !entries.isEmpty else { return }
        let payloads = try entries.map(JournalChain.encode)
        try await withCheckedThrowingContinuation {
            (caller: CheckedContinuation<Void, any Error>) in
            let append = Append(entries: entries, payloads: payloads, time: time, caller: caller)
            let isFirst = waiting.withLock { queue in
                queue.append(append)
                return queue.count == 1
            }
            if isFirst { database.asyncWriteWithoutTransaction { self.flush($0) } }
        }
    }

    /// Why what is written would be lost, as when somebody removed the file; nil while its name
    /// still leads to the file that was opened.
    package func loss() -> String? { watch.loss() }

    /// Closes the file, after which nothing can be written; another can be made in its place.
    package func close() throws {
        do { try database.close() } catch { throw StoreError(error, "close the journal") }
    }

    /// What all entries that are on the disk add up to.
    ///
    /// Of a journal opened for reading only: as it was when it was opened.
    package func state() -> JournalState { current.withLock { $0 } }

    /// The entries from number `first` on, in order, at most `limit` of them.
    package func entries(from first: Int64 = 1, limit: Int) async throws -> [JournalRecord] {
        do {
            return try await database.read { database in
                try JournalChain.records(database, from: first, limit: limit)
            }
        } catch { throw StoreError(error, "read the journal") }
    }

    /// Checks the file and every link of the chain, and returns the last; throws `broken` with
    /// the first entry that is not as it was written.
    ///
    /// A journal whose newest entries were cut off is a sound shorter one: only somebody who
    /// noted an earlier head can tell.
    @discardableResult
    package func verify() throws -> JournalHead {
        do {
            return try database.read { try JournalFile.check($0).head }
        } catch { throw StoreError(error, "verify the journal") }
    }

    /// Writes all that waits in one transaction; runs on the database's own queue, so states
    /// follow each other as commits do.
    private func flush(_ database: Database) {
        let appends = waiting.withLock { queue in
            defer { queue = [] }
            return queue
        }
        do {
            if let loss = watch.loss() { throw StoreError(.lost, "append to the journal", loss) }
            try database.inTransaction(.immediate) {
                try Self.write(appends, database)
                return .commit
            }
            watch.complete()
            current.withLock { state in
                for entry in appends.lazy.flatMap(\.entries) { state.apply(entry) }
            }
            for append in appends { append.caller.resume() }
        } catch {
            let failure = StoreError(error, "append to the journal")
            for append in appends { append.caller.resume(throwing: failure) }
        }
    }

    private static func write(_ appends: [Append], _ database: Database) throws {
        var head = try JournalChain.head(database)
        for append in appends {
            for payload in append.payloads {
                head = try JournalChain.append(payload, at: append.time, after: head, database)
            }
        }
    }

    /// A caller's entries, on their way to the disk.
    private struct Append: Sendable {
        let entries: [JournalEntry]
        let payloads: [String]
        let time: Instant
        let caller: CheckedContinuation<Void, any Error>
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
        return Journal(database, JournalState(), file.file)
    }

    /// Renames the journal in `directory`, so that a new one can be made and the old one be
    /// looked at, and returns its new name.
    package static func setAside(at directory: String, now: Instant) throws -> String {
        try JournalFile(in: directory).setAside(now)
    }

    private static func open(_ file: JournalFile, isReader: Bool) throws -> Opening {
        do {
            guard try !file.isMissing() else { return .missing }
            let database = try file.open(isReader: isReader)
            let (state, _) = try database.read(JournalFile.check)
            return .sound(Journal(database, state, file.file))
        } catch {
            let error = StoreError(error, "open the journal")
            guard error.code == .broken else { throw error }
            return .broken(reason: error.message)
        }
    }
}
