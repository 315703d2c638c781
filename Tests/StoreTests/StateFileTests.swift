import Foundation
import GRDB
@testable import Store
import Testing

@Suite struct StateFileTests {
    let directory: Directory

    init() throws { directory = try Directory() }

    @Test("Every commit waits for the disk: WAL, and `synchronous` is FULL (2), not NORMAL (1)")
    func durable() throws {
        let database = try StateFile("journal.sqlite", in: directory.path).writer()
        func pragma(_ name: String) throws -> String? {
            try database.read { try String.fetchOne($0, sql: "PRAGMA \(name)") }
        }
        #expect(try pragma("journal_mode") == "wal")
        #expect(try pragma("synchronous") == "2")
        #expect(try pragma("foreign_keys") == "1")
    }

    @Test("A file whose filling fails is not there, nor in the way of the next try")
    func halfMade() throws {
        let file = StateFile("journal.sqlite", in: directory.path)
        let failure = StoreError(.failed, "fill", "no")
        #expect(throws: failure) { try file.create { _ in throw failure } }
        #expect(file.parts.isEmpty)
        try file.create { try $0.write { try $0.execute(sql: "CREATE TABLE a (b)") } }
        #expect(file.parts == [""])
        // Bytes 18 and 19 of the header, by SQLite's file format: 2 is the write-ahead log.
        let header = try Data(contentsOf: URL(fileURLWithPath: file.path)).prefix(20)
        #expect(header.suffix(2) == Data([2, 2]))
    }
}
