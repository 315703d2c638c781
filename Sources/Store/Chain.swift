internal import GRDB
internal import Model

/// The last link of a chain: whoever has noted it elsewhere can tell that nothing before it was
/// changed, nor the end cut off.
package struct ChainHead: Hashable, Sendable, CustomStringConvertible {
    /// The number of the last entry.
    package let sequence: Int64
    package let hash: String

    /// What the first entry follows.
    package static let start = ChainHead(sequence: 0, hash: String(repeating: "0", count: 64))

    package init(sequence: Int64, hash: String) {
        self.sequence = sequence
        self.hash = hash
    }

    /// Reads `NUMBER:HASH`.
    package init?(parsing text: some StringProtocol) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0,
            parts[1].utf8.count == 64,
            parts[1].utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            })
        else { return nil }
        self.init(sequence: sequence, hash: String(parts[1]))
    }

    package var description: String { "\(sequence):\(hash)" }

    /// The link that `payload` adds.
    func next(time: Int64, payload: String) -> ChainHead {
        let sequence = sequence + 1
        let text = "\(hash)\n\(sequence)\n\(time)\n\(payload)"
        return ChainHead(sequence: sequence, hash: SHA256Hex.of(text))
    }
}

/// The table of a chain's links, whatever they say: how they are written, read and checked.
struct Chain: Sendable {
    /// As messages have it, such as `journal`.
    let name: String
    /// Computed from the payload, so that people can ask for them and they can't differ.
    let columns: [String]

    /// Everything that a file has before its first entry.
    var migrator: DatabaseMigrator {
        let computed = columns.map { column in
            "\(column) TEXT GENERATED ALWAYS AS (json_extract(payload, '$.\(column)')) VIRTUAL,"
        }
        let schema = """
            CREATE TABLE entries (
                seq INTEGER PRIMARY KEY,
                time INTEGER NOT NULL,
                \(computed.joined(separator: "\n    "))
                payload TEXT NOT NULL,
                previous TEXT NOT NULL,
                hash TEXT NOT NULL
            ) STRICT;
            CREATE TRIGGER entries_stay BEFORE DELETE ON entries
            BEGIN SELECT RAISE(ABORT, 'the \(name) is append-only'); END;
            CREATE TRIGGER entries_stay_the_same BEFORE UPDATE ON entries
            BEGIN SELECT RAISE(ABORT, 'the \(name) is append-only'); END;
            """
        var migrator = DatabaseMigrator()
        migrator.registerMigration("entries") { database in try database.execute(sql: schema) }
        return migrator
    }

    /// Whether a file's tables are the ones that Gyre made: of others, what is listed may not be
    /// what is proved.
    func isAsMade(_ database: Database) throws -> Bool {
        let sql = """
            SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema
            WHERE name NOT LIKE 'sqlite_%' AND tbl_name != 'grdb_migrations' ORDER BY 1
            """
        let fresh = try DatabaseQueue()
        try migrator.migrate(fresh)
        let made = try fresh.read { try String.fetchAll($0, sql: sql) }
        return try String.fetchAll(database, sql: sql) == made
    }

    static let select = "SELECT seq, time, payload, previous, hash FROM entries"

    /// The last link.
    func head(_ database: Database) throws -> ChainHead {
        let sql = "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1"
        guard let row = try Row.fetchOne(database, sql: sql) else { return .start }
        guard let sequence = Int64.fromDatabaseValue(row["seq"]),
            let hash = String.fromDatabaseValue(row["hash"])
        else { throw broken("the last entry is no entry") }
        return ChainHead(sequence: sequence, hash: hash)
    }

    /// Adds one link after `head` and returns the new head.
    func append(
        _ payload: String,
        at time: Instant,
        after head: ChainHead,
        _ database: Database
    ) throws -> ChainHead {
        let next = head.next(time: time.milliseconds, payload: payload)
        let sql = "INSERT INTO entries (seq, time, payload, previous, hash) VALUES (?, ?, ?, ?, ?)"
        try database.cachedStatement(sql: sql).execute(arguments: [
            next.sequence, time.milliseconds, payload, head.hash, next.hash,
        ])
        return next
    }

    /// Gives `body` every link in order, each checked against the one before it.
    func walk(_ database: Database, _ body: (ChainLink) throws -> Void) throws -> ChainHead {
        let rows = try Row.fetchCursor(database, sql: "\(Chain.select) ORDER BY seq")
        var walker = ChainWalker(self)
        while let row = try rows.next() {
            try walker.take(try link(row, after: walker.head.sequence), body)
        }
        return walker.head
    }

    /// The links that a statement finds, without a check.
    func links(
        _ database: Database,
        _ rest: String,
        _ arguments: StatementArguments
    ) throws -> [ChainLink] {
        try Row.fetchAll(database, sql: "\(Chain.select) \(rest)", arguments: arguments)
            .map { try link($0, after: 0) }
    }

    /// Fails on values of another type, which `row[…]` would end the process over.
    func link(_ row: Row, after number: Int64) throws -> ChainLink {
        guard let sequence = Int64.fromDatabaseValue(row["seq"]),
            let time = Int64.fromDatabaseValue(row["time"]),
            let payload = String.fromDatabaseValue(row["payload"]),
            let previous = String.fromDatabaseValue(row["previous"]),
            let hash = String.fromDatabaseValue(row["hash"])
        else { throw broken("what follows entry \(number) is no entry") }
        return ChainLink(
            sequence: sequence,
            time: time,
            payload: payload,
            previous: previous,
            hash: hash
        )
    }

    func broken(_ reason: String) -> StoreError { StoreError(.broken, "read the \(name)", reason) }
}

/// An entry of a chain, as found: nothing in it is believed before its hash is.
struct ChainLink: Sendable {
    let sequence: Int64
    let time: Int64
    let payload: String
    let previous: String
    let hash: String

    /// What it says it follows.
    var before: ChainHead { ChainHead(sequence: sequence - 1, hash: previous) }
}

/// Goes along a chain link by link, and stops at the first that is not as it was written.
struct ChainWalker {
    private let chain: Chain
    /// The last link that was good.
    private(set) var head: ChainHead

    init(_ chain: Chain, from head: ChainHead = .start) {
        self.chain = chain
        self.head = head
    }

    mutating func take(_ link: ChainLink, _ body: (ChainLink) throws -> Void) throws {
        let next = head.next(time: link.time, payload: link.payload)
        guard link.sequence == next.sequence else {
            throw chain.broken("entry \(next.sequence) is missing")
        }
        guard link.previous == head.hash, link.hash == next.hash else {
            throw chain.broken("the chain breaks at entry \(next.sequence)")
        }
        try body(link)
        head = next
    }
}
