import Foundation
import GRDB
import Model
@testable import Store
import TestSupport
import Testing

@Suite struct AuditLogTests {
    let directory: Directory

    init() throws { directory = try Directory() }

    private func create() throws -> AuditLog {
        try AuditLog.create(
            at: directory.path,
            after: .start,
            .began(because: "first"),
            at: noon,
            journal: nil
        )
    }

    private func sound(_ opening: AuditLog.Opening) throws -> AuditLog {
        guard case .sound(let log) = opening else {
            throw StoreError(.failed, "open", "\(opening)")
        }
        return log
    }

    @Test("What was appended is there after reopening, with the journal's head and the log's own")
    func reopening() async throws {
        let shop = try StackID(parsing: "shop/web")
        let log = try create()
        let journal = ChainHead(sequence: 7, hash: String(repeating: "a", count: 64))
        let act = AuditEntry.acted("confirm", shop, by: "kim", ["change": "3f2a"])
        try await log.append([(act, noon), (.stopped, noon)], journal: journal)
        let again = try sound(try AuditLog.open(at: directory.path))
        #expect(again.head == log.head && again.head.sequence == 3)
        #expect(again.state() == log.state())
        #expect(again.state().approver(of: "3f2a", shop)?["name"]?.stringValue == "kim")
        #expect(AuditLog.notedHead(at: directory.path) == log.head)
        let records = try await again.records(AuditQuery())
        #expect(records.map(\.entry) == [.began(because: "first"), act, .stopped])
        #expect(records[1].payload.contains("\"journal\":\"\(journal)\""))
    }

    @Test("The head beside the log is the last that was written, also after a longer one")
    func headNote() throws {
        let note = HeadNote(in: directory.path)
        #expect(note.read() == nil)
        let hash = String(repeating: "a", count: 64)
        for sequence in [9, 1000, 7] as [Int64] {
            let head = ChainHead(sequence: sequence, hash: hash)
            note.write(head)
            #expect(note.read() == head)
        }
        let path = directory.path + "/audit.head"
        try Data("12:\(hash)".utf8).write(to: URL(fileURLWithPath: path))
        #expect(note.read() == nil, "it was cut short")
    }

    @Test("Entries are found by stack, project, kind, time and number, the newest of them")
    func queries() async throws {
        let log = try create()
        let (web, db) = (try StackID(parsing: "shop/web"), try StackID(parsing: "shop-2/db"))
        for number in 0..<6 {
            let stack = number % 2 == 0 ? web : db
            let act = AuditEntry.acted("sync", stack, by: "kim", ["n": .int(Int64(number))])
            let time = noon.adding(.seconds(Int64(number)))
            try await log.append([(act, time)], journal: nil)
        }
        func numbers(_ change: (inout AuditQuery) -> Void) async throws -> [Int64] {
            var query = AuditQuery()
            change(&query)
            return try await log.records(query).map(\.sequence)
        }
        #expect(try await numbers { $0.stack = web } == [2, 4, 6])
        #expect(try await numbers { $0.project = "shop" } == [2, 4, 6])
        #expect(try await numbers { $0.project = "shop-2" } == [3, 5, 7])
        #expect(try await numbers { $0.kind = .began } == [1])
        #expect(try await numbers { $0.since = noon.adding(.seconds(4)) } == [6, 7])
        #expect(try await numbers { $0.limit = 2 } == [6, 7])
        #expect(try await numbers { $0.after = 5 } == [6, 7])
    }

    @Test(
        "Rows can be neither changed nor removed",
        arguments: ["UPDATE entries SET time = 0", "DELETE FROM entries"]
    )
    func appendOnly(statement: String) throws {
        _ = try create()
        let database = try DatabaseQueue(path: directory.path + "/audit.sqlite")
        #expect { try database.write { try $0.execute(sql: statement) } } throws: {
            "\($0)".contains("append-only")
        }
    }

    @Test("A log that was taken away while it was open takes nothing more")
    func loss() async throws {
        let log = try create()
        try FileManager.default.removeItem(atPath: directory.path + "/audit.sqlite")
        await #expect { try await log.append([(.stopped, noon)], journal: nil) } throws: {
            ($0 as? StoreError)?.code == .lost
        }
        #expect(log.head.sequence == 1)
    }

    @Test("What is missing, empty, foreign or tampered with at its end is told apart")
    func openings() async throws {
        guard case .missing = try AuditLog.open(at: directory.path) else {
            return #expect(Bool(false), "there is none")
        }
        let log = try create()
        try await log.append([(.stopped, noon)], journal: nil)
        let file = directory.path + "/audit.sqlite"
        try tamper(file, "UPDATE entries SET time = 1 WHERE seq = 2")
        guard case .broken(let reason) = try AuditLog.open(at: directory.path) else {
            return #expect(Bool(false), "its last entry was changed")
        }
        #expect(reason == "the chain breaks at entry 2")
        try tamper(file, "DELETE FROM entries")
        guard case .broken("it has no entry") = try AuditLog.open(at: directory.path) else {
            return #expect(Bool(false), "a log is never empty")
        }
        let name = try AuditLog.setAside(at: directory.path, now: noon)
        #expect(name == "audit.sqlite.broken-20270115T080000Z")
    }

    @Test("Texts and lists of an entry are bounded")
    func bounds() {
        let long = String(repeating: "ü", count: 5000)
        #expect(JSON.clipped(long).stringValue?.unicodeScalars.count == 501)
        let list = JSON.clipped("steps", (0..<250).map { .int($0) })
        #expect(list["steps"]??.arrayValue?.count == 100)
        #expect(list["steps_in_all"]??.intValue == 250)
        #expect(JSON.clipped("steps", [.int(1)])["steps_in_all"] == .some(nil))
    }

    @Test("A verdict is known until eight others came")
    func verdicts() throws {
        let shop = try StackID(parsing: "shop")
        var state = AuditState()
        let verdicts = (0..<9).map { AuditEntry(.judged, shop, ["n": .int($0)]) }
        for verdict in verdicts {
            #expect(!state.knows(verdict))
            state.apply(verdict)
            #expect(state.knows(verdict))
        }
        #expect(!state.knows(verdicts[0]) && state.knows(verdicts[1]))
        let read = try #require(AuditEntry(payload: verdicts[4].payload(journal: "1:x")))
        #expect(read == verdicts[4] && read.digest == verdicts[4].digest)
    }
}
