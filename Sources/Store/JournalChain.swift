internal import FoundationEssentials
internal import GRDB
package import Model

/// One entry as the journal holds it.
package struct JournalRecord: Hashable, Sendable {
    /// Its number, from 1 and without gaps.
    package let sequence: Int64
    package let time: Instant
    package let entry: JournalEntry
    /// The hash of this entry and, through the one before it, of all that came before.
    package let hash: String
}

/// The last link of the chain: whoever has noted it elsewhere can tell that nothing before it
/// was changed, nor the end cut off.
package struct JournalHead: Hashable, Sendable {
    /// How many entries there are.
    package let sequence: Int64
    package let hash: String

    /// What the first entry follows.
    static let start = JournalHead(sequence: 0, hash: String(repeating: "0", count: 64))

    /// The link that `payload` adds.
    func next(time: Int64, payload: String) -> JournalHead {
        let sequence = sequence + 1
        let text = "\(hash)\n\(sequence)\n\(time)\n\(payload)"
        return JournalHead(sequence: sequence, hash: SHA256Hex.of(text))
    }
}

/// The table of entries: how links are written, read and checked.
enum JournalChain {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("entries") { database in
            try database.execute(sql: schema)
        }
        return migrator
    }()

    /// `kind` is computed from the payload, so that people can ask for it and it can't differ.
    private static let schema = """
        CREATE TABLE entries (
            seq INTEGER PRIMARY KEY,
            time INTEGER NOT NULL,
            kind TEXT GENERATED ALWAYS AS (json_extract(payload, '$.kind')) VIRTUAL,
            payload TEXT NOT NULL,
            previous TEXT NOT NULL,
            hash TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER entries_stay BEFORE DELETE ON entries
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        CREATE TRIGGER entries_stay_the_same BEFORE UPDATE ON entries
        BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
        """

    private static let select = "SELECT seq, time, payload, previous, hash FROM entries"

    /// The last link.
    static func head(_ database: Database) throws -> JournalHead {
        let sql = "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1"
        guard let row = try Row.fetchOne(database, sql: sql) else { return .start }
        return JournalHead(sequence: row["seq"], hash: row["hash"])
    }

    /// Adds one link after `head` and returns the new head.
    static func append(
        _ payload: String,
        at time: Instant,
        after head: JournalHead,
        _ database: Database
    ) throws -> JournalHead {
        let next = head.next(time: time.milliseconds, payload: payload)
        let sql = "INSERT INTO entries (seq, time, payload, previous, hash) VALUES (?, ?, ?, ?, ?)"
        try database.cachedStatement(sql: sql).execute(arguments: [
            next.sequence, time.milliseconds, payload, head.hash, next.hash,
        ])
        return next
    }

    /// Gives `body` every entry in order, each checked against the link before it.
    static func walk(_ database: Database, _ body: (JournalEntry) -> Void) throws -> JournalHead {
        var head = JournalHead.start
        let rows = try Row.fetchCursor(database, sql: "\(select) ORDER BY seq")
        while let row = try rows.next() {
            let link = try Link(row, after: head)
            let next = head.next(time: link.time, payload: link.payload)
            guard link.sequence == next.sequence else {
                throw broken("entry \(next.sequence) is missing")
            }
            guard link.previous == head.hash, link.hash == next.hash else {
                throw broken("the chain breaks at entry \(next.sequence)")
            }
            body(try link.entry())
            head = next
        }
        return head
    }

    /// The entries from number `first` on, at most `limit`, without a check of their links.
    static func records(
        _ database: Database,
        from first: Int64,
        limit: Int
    ) throws -> [JournalRecord] {
        let sql = "\(select) WHERE seq >= ? ORDER BY seq LIMIT ?"
        return try Row.fetchAll(database, sql: sql, arguments: [first, limit]).map { row in
            let link = try Link(row, after: .start)
            return JournalRecord(
                sequence: link.sequence,
                time: Instant(milliseconds: link.time),
                entry: try link.entry(),
                hash: link.hash
            )
        }
    }

    /// The canonical text of an entry.
    static func encode(_ entry: JournalEntry) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(entry), as: UTF8.self)
    }

    static func broken(_ reason: String) -> StoreError {
        StoreError(.broken, "read the journal", reason)
    }
}

/// A row of the table, as found: nothing in it is believed before its hash is.
private struct Link {
    let sequence: Int64
    let time: Int64
    let payload: String
    let previous: String
    let hash: String

    /// Fails on values of another type, which `row[…]` would end the process over.
    init(_ row: Row, after head: JournalHead) throws {
        guard let sequence = Int64.fromDatabaseValue(row["seq"]),
            let time = Int64.fromDatabaseValue(row["time"]),
            let payload = String.fromDatabaseValue(row["payload"]),
            let previous = String.fromDatabaseValue(row["previous"]),
            let hash = String.fromDatabaseValue(row["hash"])
        else { throw JournalChain.broken("what follows entry \(head.sequence) is no entry") }
        self.sequence = sequence
        self.time = time
        self.payload = payload
        self.previous = previous
        self.hash = hash
    }

    func entry() throws -> JournalEntry {
        do {
            return try JSONDecoder().decode(JournalEntry.self, from: Data(payload.utf8))
        } catch DecodingError.dataCorrupted(let context) {
            throw unreadable(context.debugDescription)
        } catch {
            throw unreadable("\(error)")
        }
    }

    private func unreadable(_ reason: String) -> StoreError {
        JournalChain.broken("entry \(sequence) can't be read: \(reason)")
    }
}
