internal import FoundationEssentials
internal import GRDB
internal import Model

/// The file of a journal: how it is found, opened, made and set aside.
struct JournalFile {
    private static let name = "journal.sqlite"
    private let directory: String
    var file: StateFile { StateFile(Self.name, in: directory) }

    init(in directory: String) { self.directory = directory }

    /// Whether no part of a journal is there; a log without its database is a broken one.
    func isMissing() throws -> Bool {
        let parts = file.parts
        guard parts.contains("") || parts.isEmpty else {
            throw JournalChain.broken("\(Self.name) is gone, its log is left")
        }
        return parts.isEmpty
    }

    /// Opens it and, for the writer, brings its tables up to date.
    ///
    /// A file that no migration ever ran on was not made by ``create()``: an empty file in the
    /// place of a journal is a lost journal, not a new one.
    func open(isReader: Bool) throws -> DatabaseQueue {
        let database = try isReader ? file.reader() : file.writer()
        try database.read { database in
            guard try !JournalChain.migrator.appliedIdentifiers(database).isEmpty else {
                throw JournalChain.broken("\(Self.name) holds no journal")
            }
            guard try !JournalChain.migrator.hasBeenSuperseded(database) else {
                throw JournalChain.broken("a newer version of Gyre wrote it")
            }
        }
        if !isReader { try JournalChain.migrator.migrate(database) }
        return database
    }

    /// Makes the file with empty tables.
    func create() throws {
        let operation = "create the journal"
        guard file.parts.isEmpty else {
            throw StoreError(.exists, operation, "\(file.path) is there already")
        }
        do {
            try file.create { try JournalChain.migrator.migrate($0) }
        } catch { throw StoreError(error, operation) }
    }

    /// Renames it to a name with the time in it, and returns that.
    func setAside(_ now: Instant) throws -> String {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds / 1000))
        let stamp = date.formatted(.iso8601.timeSeparator(.omitted).dateSeparator(.omitted))
        let stem = "\(Self.name).broken-\(stamp)"
        let names = [stem] + (2...99).map { "\(stem)-\($0)" }
        guard let name = names.first(where: { StateFile($0, in: directory).parts.isEmpty }) else {
            throw StoreError(.exists, "set the journal aside", "too many are set aside")
        }
        try file.rename(to: StateFile(name, in: directory).path)
        return name
    }

    /// What the entries add up to, after a check of the file's pages and of every link.
    static func check(_ database: Database) throws -> (state: JournalState, head: JournalHead) {
        let report = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
        guard report == ["ok"] else { throw JournalChain.broken(report.joined(separator: "; ")) }
        var state = JournalState()
        let head = try JournalChain.walk(database) { state.apply($0) }
        return (state, head)
    }
}
