internal import FoundationEssentials
internal import GRDB
package import Model

/// Runs and events for people to read: an index that may be thrown away at any time.
///
/// Nothing is decided from it, so a failure here is worth a line in the log and no more.
package final class History: Sendable {
    private let database: DatabaseQueue
    private let bounds: Bounds

    /// How much is kept; the oldest go first.
    package struct Bounds: Sendable {
        package var runs: Int
        package var events: Int

        package init(runs: Int = 10_000, events: Int = 100_000) {
            self.runs = runs
            self.events = events
        }
    }

    init(_ database: DatabaseQueue, _ bounds: Bounds) {
        self.database = database
        self.bounds = bounds
    }

    /// Adds a run; a run of the same id is replaced.
    package func append(_ run: RunRecord) async throws {
        let arguments: StatementArguments = [
            run.id, run.stack.description,
            String(decoding: try JSONEncoder().encode(run), as: UTF8.self),
        ]
        let kept = bounds.runs
        try await write("add a run to the history") { database in
            let sql = "INSERT OR REPLACE INTO runs (id, stack, record) VALUES (?, ?, ?)"
            try database.execute(sql: sql, arguments: arguments)
            let prune = "DELETE FROM runs WHERE seq <= (SELECT max(seq) FROM runs) - ?"
            try database.execute(sql: prune, arguments: [kept])
        }
    }

    /// Adds an event.
    package func append(_ event: EventRecord) async throws {
        let arguments: StatementArguments = [
            event.time.milliseconds, event.stack?.description, event.level.rawValue, event.kind,
            event.message,
        ]
        let kept = bounds.events
        try await write("add an event to the history") { database in
            let sql = """
                INSERT INTO events (time, stack, level, kind, message) VALUES (?, ?, ?, ?, ?)
                """
            try database.execute(sql: sql, arguments: arguments)
            let prune = "DELETE FROM events WHERE seq <= (SELECT max(seq) FROM events) - ?"
            try database.execute(sql: prune, arguments: [kept])
        }
    }

    /// The newest runs, of one stack or of all, newest first.
    ///
    /// A run that an older version recorded in a form no longer read is left out.
    package func runs(stack: StackID? = nil, limit: Int) async throws -> [RunRecord] {
        let sql = """
            SELECT record FROM runs WHERE ?1 IS NULL OR stack = ?1 ORDER BY seq DESC LIMIT ?2
            """
        let arguments: StatementArguments = [stack?.description, limit]
        return try await read { database in
            try String.fetchAll(database, sql: sql, arguments: arguments)
        }.compactMap(Self.run)
    }

    /// The run of this id, if it is still kept.
    package func run(_ id: String) async throws -> RunRecord? {
        try await read { database in
            let sql = "SELECT record FROM runs WHERE id = ?"
            return try String.fetchOne(database, sql: sql, arguments: [id])
        }.flatMap(Self.run)
    }

    /// The newest events, of one stack or of all, newest first.
    package func events(stack: StackID? = nil, limit: Int) async throws -> [EventRecord] {
        let sql = """
            SELECT * FROM events WHERE ?1 IS NULL OR stack = ?1 ORDER BY seq DESC LIMIT ?2
            """
        let arguments: StatementArguments = [stack?.description, limit]
        return try await read { database in
            try Row.fetchAll(database, sql: sql, arguments: arguments).compactMap(Self.event)
        }
    }

    private func read<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> T
    ) async throws -> T {
        do { return try await database.read(body) } catch {
            throw StoreError(error, "read the history")
        }
    }

    /// Not given up by cancellation: a run that was superseded is to be recorded as well.
    private func write(
        _ operation: String,
        _ body: @escaping @Sendable (Database) throws -> Void
    ) async throws {
        try await withCheckedThrowingContinuation {
            (caller: CheckedContinuation<Void, any Error>) in
            database.asyncWriteWithoutTransaction { database in
                do {
                    try database.inTransaction {
                        try body(database)
                        return .commit
                    }
                    caller.resume()
                } catch {
                    caller.resume(throwing: StoreError(error, operation))
                }
            }
        }
    }

    private static func run(_ record: String) -> RunRecord? {
        try? JSONDecoder().decode(RunRecord.self, from: Data(record.utf8))
    }

    private static func event(_ row: Row) -> EventRecord? {
        guard let time = Int64.fromDatabaseValue(row["time"]),
            let level = String.fromDatabaseValue(row["level"]).flatMap(EventRecord.Level.init),
            let kind = String.fromDatabaseValue(row["kind"]),
            let message = String.fromDatabaseValue(row["message"])
        else { return nil }
        return EventRecord(
            time: Instant(milliseconds: time),
            stack: String.fromDatabaseValue(row["stack"]).flatMap { try? StackID(parsing: $0) },
            level: level,
            kind: kind,
            message: message
        )
    }
}
