internal import FoundationEssentials
internal import GRDB
internal import Glibc
internal import Model

/// A file that links are read from: a database, or lines as `gyre audit export` writes them.
struct ChainSource {
    private let path: String

    init(_ path: String) { self.path = path }

    /// Gives `body` every link as it stands there, in order.
    func forEach(_ chain: Chain, _ body: (ChainLink) throws -> Void) throws {
        do {
            if try isDatabase() {
                try readDatabase(chain, body)
            } else {
                try readLines(chain, body)
            }
        } catch { throw StoreError(error, "read \(path)") }
    }

    /// Source: SQLite's file format, section 1.3.1: the first 16 bytes.
    private func isDatabase() throws -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw StoreError(.failed, "open \(path)", String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 16)
        let count = read(descriptor, &bytes, bytes.count)
        // An empty one is a database that lost everything.
        return count <= 0 || bytes.starts(with: "SQLite format 3\0".utf8) || bytes[0] != 0x7B
    }

    /// Whether it is made as Gyre makes it; lines have nothing to redefine.
    func isAsMade(_ chain: Chain) throws -> Bool {
        guard try isDatabase() else { return true }
        return try reader().read(chain.isAsMade)
    }

    private func reader() throws -> DatabaseQueue {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let directory = parts.dropLast().joined(separator: "/")
        let name = parts.last.map(String.init) ?? ""
        return try StateFile(name, in: directory.isEmpty ? "." : directory).reader()
    }

    private func readDatabase(_ chain: Chain, _ body: (ChainLink) throws -> Void) throws {
        try reader().read { database in
            let rows = try Row.fetchCursor(database, sql: "\(Chain.select) ORDER BY seq")
            var last: Int64 = 0
            while let row = try rows.next() {
                let link = try chain.link(row, after: last)
                try body(link)
                last = link.sequence
            }
        }
    }

    private func readLines(_ chain: Chain, _ body: (ChainLink) throws -> Void) throws {
        let file = fopen(path, "re")
        guard let file else {
            throw StoreError(.failed, "open \(path)", String(cString: strerror(errno)))
        }
        defer { fclose(file) }
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        var number = 0
        while true {
            let count = getline(&line, &size, file)
            guard count >= 0, let line else { return }
            number += 1
            let bytes = UnsafeRawBufferPointer(start: line, count: count)
            try body(try link(bytes, number, chain))
        }
    }

    private func link(
        _ bytes: UnsafeRawBufferPointer,
        _ number: Int,
        _ chain: Chain
    ) throws -> ChainLink {
        guard let json = try? JSON(parsing: bytes), let sequence = json["number"]?.intValue,
            let time = json["time"]?.intValue, let payload = json["payload"]?.stringValue,
            let previous = json["previous"]?.stringValue, let hash = json["hash"]?.stringValue
        else { throw chain.broken("line \(number) is no entry") }
        return ChainLink(
            sequence: sequence,
            time: time,
            payload: payload,
            previous: previous,
            hash: hash
        )
    }
}

extension AuditRecord {
    /// One line of an export, from which the chain can be checked anywhere.
    package var line: String {
        JSON.object([
            "number": .int(sequence), "time": .int(time.milliseconds),
            "payload": .string(payload), "previous": .string(previous), "hash": .string(hash),
        ]).text
    }
}
