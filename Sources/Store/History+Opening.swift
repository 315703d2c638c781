internal import GRDB

extension History {
    /// A history to write to, and why it is not the one that was there.
    package struct Opening: Sendable {
        package let history: History
        /// Why an empty history took the old one's place, for the log; nil when the old one
        /// is used, or there was none.
        package let replaced: String?
    }

    /// Opens the history in `directory`, or starts an empty one where there is none or it is
    /// broken; where the disk allows neither, one in memory.
    package static func open(at directory: String, bounds: Bounds = Bounds()) throws -> Opening {
        let file = StateFile(name, in: directory)
        do {
            return Opening(history: History(try writer(file), bounds), replaced: nil)
        } catch {
            let reason = StoreError(error, "open the history").message
            let database = try replacement(file)
            return Opening(history: History(database, bounds), replaced: reason)
        }
    }

    /// Opens the history in `directory` beside the controller that writes it.
    ///
    /// Returns nil when there is none; appending to it throws.
    package static func reading(at directory: String) throws -> History? {
        let file = StateFile(name, in: directory)
        guard !file.parts.isEmpty else { return nil }
        do { return History(try file.reader(), Bounds()) } catch {
            throw StoreError(error, "read the history")
        }
    }

    private static let name = "history.sqlite"

    private static func writer(_ file: StateFile) throws -> DatabaseQueue {
        if file.parts.isEmpty { try file.create { try migrator.migrate($0) } }
        let database = try file.writer()
        try database.read { database in
            let report = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
            let isNewer = try migrator.hasBeenSuperseded(database)
            guard report == ["ok"], !isNewer else {
                let reason = isNewer ? "a newer version of Gyre wrote it" : report.joined()
                throw StoreError(.broken, "open the history", reason)
            }
        }
        try migrator.migrate(database)
        return database
    }

    /// An empty history in the place of a broken one, else in memory.
    private static func replacement(_ file: StateFile) throws -> DatabaseQueue {
        if let database = try? {
            try file.remove(); return try writer(file)
        }() {
            return database
        }
        let database = try DatabaseQueue()
        try migrator.migrate(database)
        return database
    }

    private static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("runs and events") { database in
            try database.execute(
                sql: """
                    CREATE TABLE runs (
                        seq INTEGER PRIMARY KEY AUTOINCREMENT,
                        id TEXT NOT NULL UNIQUE,
                        stack TEXT NOT NULL,
                        record TEXT NOT NULL
                    ) STRICT;
                    CREATE TABLE events (
                        seq INTEGER PRIMARY KEY AUTOINCREMENT,
                        time INTEGER NOT NULL,
                        stack TEXT,
                        level TEXT NOT NULL,
                        kind TEXT NOT NULL,
                        message TEXT NOT NULL
                    ) STRICT;
                    """
            )
        }
        return migrator
    }()
}
