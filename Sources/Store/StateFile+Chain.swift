internal import FoundationEssentials
internal import GRDB
internal import Model

/// A file that holds a chain: how it is found, opened, made and set aside.
extension StateFile {
    /// The last component of its path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// Whether no part of it is there; a log without its database is a broken one.
    func isMissing(_ chain: Chain) throws -> Bool {
        let parts = parts
        guard parts.contains("") || parts.isEmpty else {
            throw chain.broken("\(name) is gone, its log is left")
        }
        return parts.isEmpty
    }

    /// Opens it and, for the writer, brings its tables up to date.
    ///
    /// A file that no migration ever ran on was not made by ``create(_:_:)``: an empty file in
    /// the place of a chain is a lost one, not a new one.
    func openChain(
        _ chain: Chain,
        _ migrator: DatabaseMigrator,
        isReader: Bool
    ) throws -> DatabaseQueue {
        let database = try isReader ? reader() : writer()
        try database.read { database in
            guard try !migrator.appliedIdentifiers(database).isEmpty else {
                throw chain.broken("\(name) holds no \(chain.name)")
            }
            guard try !migrator.hasBeenSuperseded(database) else {
                throw chain.broken("a newer version of Gyre wrote it")
            }
        }
        if !isReader { try migrator.migrate(database) }
        return database
    }

    /// Makes the file with what `fill` writes, or not at all.
    func create(_ chain: Chain, _ fill: (DatabaseQueue) throws -> Void) throws {
        let operation = "create the \(chain.name)"
        guard parts.isEmpty else {
            throw StoreError(.exists, operation, "\(path) is there already")
        }
        do { try create(fill) } catch { throw StoreError(error, operation) }
    }

    /// Renames it to a name with the time in it, and returns that.
    func setAside(_ now: Instant) throws -> String {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds / 1000))
        let stamp = date.formatted(.iso8601.timeSeparator(.omitted).dateSeparator(.omitted))
        let stem = "\(name).broken-\(stamp)"
        let names = [stem] + (2...99).map { "\(stem)-\($0)" }
        let directory = String(path.dropLast(name.count + 1))
        guard let free = names.first(where: { StateFile($0, in: directory).parts.isEmpty }) else {
            throw StoreError(.exists, "set \(name) aside", "too many are set aside")
        }
        try rename(to: StateFile(free, in: directory).path)
        return free
    }
}
