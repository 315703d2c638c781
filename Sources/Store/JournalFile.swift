internal import GRDB
internal import Model

/// The file of a journal: how it is opened, made and checked.
struct JournalFile {
    let file: StateFile

    init(in directory: String) { file = StateFile("journal.sqlite", in: directory) }

    /// Opens it and, for the writer, brings its tables up to date.
    func open(isReader: Bool) throws -> DatabaseQueue {
        try file.openChain(JournalChain.chain, JournalChain.migrator, isReader: isReader)
    }

    /// Makes the file with empty tables.
    func create() throws {
        try file.create(JournalChain.chain) { try JournalChain.migrator.migrate($0) }
    }

    /// What the entries add up to, after a check of the file's pages and of every link.
    static func check(_ database: Database) throws -> (state: JournalState, head: ChainHead) {
        let report = try String.fetchAll(database, sql: "PRAGMA quick_check(1)")
        guard report == ["ok"] else { throw JournalChain.broken(report.joined(separator: "; ")) }
        var state = JournalState()
        let head = try JournalChain.walk(database) { state.apply($0) }
        return (state, head)
    }
}
