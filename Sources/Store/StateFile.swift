internal import GRDB
internal import Glibc

/// A database file and what SQLite keeps beside it.
struct StateFile: Sendable {
    let path: String

    init(_ name: String, in directory: String) { path = directory + "/" + name }

    /// SQLite's names: the database, its write-ahead log, and the index of that log.
    static let suffixes = ["", "-wal", "-shm"]

    /// Whether the file is there, or a part of it that SQLite would have taken with it.
    var parts: [String] {
        Self.suffixes.filter { access(path + $0, F_OK) == 0 }
    }

    /// Which file of a disk a part is, whatever its name; nil when there is none of that name.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let number: UInt64
    }

    /// What stands under each part's name now.
    var identities: [String: Identity] {
        var found: [String: Identity] = [:]
        for part in Self.suffixes {
            var status = stat()
            guard stat(path + part, &status) == 0, status.st_nlink > 0 else { continue }
            found[part] = Identity(device: UInt64(status.st_dev), number: UInt64(status.st_ino))
        }
        return found
    }

    /// Opens it for one writer, whose every commit is on the disk before it returns.
    ///
    /// Not GRDB's own WAL mode, which lowers `synchronous` to NORMAL: the last commits would
    /// not survive a loss of power.
    func writer() throws -> DatabaseQueue {
        var configuration = Self.configuration
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Opens it beside a writer of another process.
    func reader() throws -> DatabaseQueue {
        var configuration = Self.configuration
        configuration.readonly = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Makes the file whole or not at all: a crash on the way leaves none.
    func create(_ fill: (DatabaseQueue) throws -> Void) throws {
        let draft = StateFile(path: path + ".new")
        try draft.remove()
        var configuration = Self.configuration
        // Nobody has a draft's name: it has to be on the disk when it gets its own, not before.
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
        }
        let database = try DatabaseQueue(path: draft.path, configuration: configuration)
        try fill(database)
        // The mode that it is opened in; later the same takes a rollback journal.
        try database.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
        }
        try database.close()
        try Self.check(chmod(draft.path, 0o600), "protect \(draft.path)")
        try Self.synchronise(draft.path, O_RDONLY | O_CLOEXEC)
        try draft.rename(part: "", to: path)
        try synchroniseDirectory()
    }

    /// Renames every part; the database first, since without it the rest is seen to be broken,
    /// while the database without its log would look sound and lack the newest entries.
    func rename(to newPath: String) throws {
        for part in parts { try rename(part: part, to: newPath + part) }
        try synchroniseDirectory()
    }

    /// Removes every part.
    func remove() throws {
        for part in parts { try Self.check(unlink(path + part), "remove \(path + part)") }
    }

    private init(path: String) { self.path = path }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(5)
        return configuration
    }

    private func rename(part: String, to newPath: String) throws {
        try Self.check(Glibc.rename(path + part, newPath), "rename \(path + part)")
    }

    /// A new name is durable only once the directory is.
    private func synchroniseDirectory() throws {
        let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
        try Self.synchronise(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }

    /// Waits until a file, or the names in a directory, are on the disk.
    private static func synchronise(_ path: String, _ flags: CInt) throws {
        let descriptor = open(path, flags)
        try check(descriptor, "open \(path)")
        defer { close(descriptor) }
        try check(fsync(descriptor), "synchronise \(path)")
    }

    private static func check(_ result: CInt, _ operation: String) throws {
        guard result < 0 else { return }
        let code: StoreError.Code = errno == ENOSPC || errno == EIO ? .outOfDisk : .failed
        throw StoreError(code, operation, String(cString: strerror(errno)))
    }
}
