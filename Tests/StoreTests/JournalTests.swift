import Foundation
import GRDB
import Model
import Store
import Testing

@Suite struct JournalTests {
    let directory: Directory

    init() throws { directory = try Directory() }

    @Test("Where no journal is, it is missing; where one is, it isn't made again")
    func missing() async throws {
        #expect(try Journal.open(at: directory.path).isMissing)
        #expect(try Journal.reading(at: directory.path).isMissing)
        _ = try Journal.create(at: directory.path)
        #expect(try Journal.open(at: directory.path).sound != nil)
        #expect { try Journal.create(at: directory.path) } throws: {
            ($0 as? StoreError)?.code == .exists
        }
    }

    @Test("What was appended is there after reopening, in order, each entry hashed")
    func reopening() async throws {
        let journal = try Journal.create(at: directory.path)
        try await journal.append([owned(1), owned(2)], at: noon)
        try await journal.append([], at: noon)
        try await journal.append([.gone(id: "c1")], at: noon.adding(.milliseconds(5)))
        let again = try #require(try Journal.open(at: directory.path).sound)
        #expect(again.state() == journal.state())
        #expect(Set(again.state().owned.keys.map(\.id)) == ["c2"])
        let records = try await again.entries(limit: 10)
        #expect(records.map(\.sequence) == [1, 2, 3])
        #expect(records.map(\.entry) == [try owned(1), try owned(2), .gone(id: "c1")])
        #expect(records.last?.time.milliseconds == noon.milliseconds + 5)
        #expect(try await again.entries(from: 2, limit: 1).map(\.sequence) == [2])
        let head = try again.verify()
        #expect(head.sequence == 3 && head.hash == records.last?.hash)
    }

    @Test("The chain is SHA-256 over the hash before, number, time and payload")
    func chain() async throws {
        try await fill(directory, 2)
        let rows = try DatabaseQueue(path: directory.journal).read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM entries ORDER BY seq")
        }
        #expect(rows.count == 2)
        var previous = String(repeating: "0", count: 64)
        for row in rows {
            let (sequence, time): (Int64, Int64) = (row["seq"], row["time"])
            let payload: String = row["payload"]
            #expect(row["kind"] == "owned")
            #expect(row["previous"] == previous)
            previous = SHA256Hex.of("\(previous)\n\(sequence)\n\(time)\n\(payload)")
            #expect(row["hash"] == previous)
        }
    }

    @Test(
        "Rows can be neither changed nor removed",
        arguments: [
            "UPDATE entries SET time = 0", "DELETE FROM entries",
            "DELETE FROM entries WHERE seq = 1",
        ]
    )
    func appendOnly(statement: String) async throws {
        try await fill(directory, 2)
        let database = try DatabaseQueue(path: directory.journal)
        #expect { try database.write { try $0.execute(sql: statement) } } throws: {
            "\($0)".contains("append-only")
        }
    }

    @Test("Concurrent appends all arrive, each whole, and the state follows the disk")
    func concurrent() async throws {
        let journal = try Journal.create(at: directory.path)
        try await withThrowingTaskGroup { group in
            for number in 0..<200 {
                group.addTask {
                    let pair = [try owned(2 * number), try owned(2 * number + 1)]
                    try await journal.append(pair, at: noon)
                }
            }
            try await group.waitForAll()
        }
        let entries = try await journal.entries(limit: 1000).map(\.entry)
        #expect(entries.count == 400)
        for index in stride(from: 0, to: 400, by: 2) {
            guard case .owned(let first) = entries[index], case .owned = entries[index + 1],
                let number = Int(first.id.dropFirst())
            else { return #expect(Bool(false)) }
            #expect(number % 2 == 0)
            #expect(entries[index + 1] == (try owned(number + 1)))
        }
        #expect(journal.state() == JournalState(entries))
        #expect(try journal.verify().sequence == 400)
    }

    @Test("A cancelled caller's entries are kept all the same")
    func cancellation() async throws {
        let journal = try Journal.create(at: directory.path)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await journal.append([owned(1)], at: noon)
        }
        try await task.value
        #expect(journal.state().owned.count == 1)
    }

    @Test("The state is the fold of the entries, before and after reopening", arguments: 0..<25)
    func fold(seed: Int) async throws {
        var dice = Dice(seed: seed)
        let journal = try Journal.create(at: directory.path)
        var all: [JournalEntry] = []
        for _ in 0..<20 {
            let batch = try (0..<dice.pick(5)).map { _ in try JournalEntry.any(&dice) }
            try await journal.append(batch, at: noon)
            all += batch
            #expect(journal.state() == JournalState(all))
        }
        let again = try #require(try Journal.open(at: directory.path).sound)
        #expect(again.state() == JournalState(all))
        #expect(try await again.entries(limit: 1000).map(\.entry) == all)
    }

    @Test("Another process reads while the controller writes, and can't write")
    func reading() async throws {
        let journal = try Journal.create(at: directory.path)
        try await journal.append([owned(1)], at: noon)
        let reader = try #require(try Journal.reading(at: directory.path).sound)
        #expect(reader.state() == journal.state())
        try await journal.append([owned(2)], at: noon)
        #expect(try await reader.entries(limit: 9).count == 2)
        #expect(try reader.verify().sequence == 2)
        await #expect { try await reader.append([owned(3)], at: noon) } throws: {
            ($0 as? StoreError)?.code == .readOnly
        }
    }

    @Test("It can be read when no controller runs")
    func readingAlone() async throws {
        try await fill(directory, 3)
        let reader = try #require(try Journal.reading(at: directory.path).sound)
        #expect(reader.state().owned.count == 3)
    }

    @Test("Ten thousand entries can be opened", .timeLimit(.minutes(10)))
    func large() async throws {
        let journal = try Journal.create(at: directory.path)
        try await journal.append((1...10_000).map(owned), at: noon)
        let opened = try Journal.open(at: directory.path).sound
        #expect(opened?.state().owned.count == 10_000)
    }
}
