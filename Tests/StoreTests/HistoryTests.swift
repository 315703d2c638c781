import Foundation
import GRDB
import Model
import Store
import Testing

func run(_ id: String, stack: String = "astro/web") throws -> RunRecord {
    RunRecord(
        id: id,
        stack: try StackID(parsing: stack),
        commit: Commit(id: "4f0c", author: "Ada", seconds: 1, message: "Say hello"),
        version: nil,
        started: noon,
        finished: noon.adding(.seconds(2)),
        result: .deployed,
        summary: "web was created",
        steps: [StepRecord(text: "create web/1", reason: "it is missing", result: "done")]
    )
}

@Suite struct HistoryTests {
    let directory: Directory

    init() throws { directory = try Directory() }

    @Test("Runs come newest first, of all stacks or one")
    func runs() async throws {
        let opening = try History.open(at: directory.path)
        #expect(opening.replaced == nil)
        let history = opening.history
        try await history.append(run("r1"))
        try await history.append(run("r2", stack: "bio/db"))
        try await history.append(run("r3"))
        #expect(try await history.runs(limit: 9).map(\.id) == ["r3", "r2", "r1"])
        #expect(try await history.runs(limit: 2).map(\.id) == ["r3", "r2"])
        let stack = try StackID(parsing: "astro/web")
        #expect(try await history.runs(stack: stack, limit: 9).map(\.id) == ["r3", "r1"])
        #expect(try await history.run("r2") == (try run("r2", stack: "bio/db")))
        #expect(try await history.run("r9") == nil)
    }

    @Test("A run that is recorded again is there once")
    func again() async throws {
        let history = try History.open(at: directory.path).history
        var record = try run("r1")
        try await history.append(record)
        record.summary = "on second thoughts"
        try await history.append(record)
        #expect(try await history.runs(limit: 9) == [record])
    }

    @Test("Events come newest first, of all stacks or one")
    func events() async throws {
        let history = try History.open(at: directory.path).history
        let stack = try StackID(parsing: "astro/web")
        let all = [
            EventRecord(time: noon, stack: nil, level: .info, kind: "started", message: "a"),
            EventRecord(time: noon, stack: stack, level: .error, kind: "held", message: "b"),
        ]
        for event in all { try await history.append(event) }
        #expect(try await history.events(limit: 9) == all.reversed())
        #expect(try await history.events(stack: stack, limit: 9) == [all[1]])
        #expect(try await history.events(limit: 1) == [all[1]])
    }

    @Test("Only the newest are kept")
    func bounded() async throws {
        let bounds = History.Bounds(runs: 3, events: 2)
        let history = try History.open(at: directory.path, bounds: bounds).history
        for number in 1...5 {
            try await history.append(run("r\(number)"))
            try await history.append(
                EventRecord(time: noon, stack: nil, level: .info, kind: "k", message: "\(number)")
            )
        }
        #expect(try await history.runs(limit: 9).map(\.id) == ["r5", "r4", "r3"])
        #expect(try await history.events(limit: 9).map(\.message) == ["5", "4"])
    }

    @Test("It is kept, and read beside the one who writes")
    func kept() async throws {
        #expect(try History.reading(at: directory.path) == nil)
        let history = try History.open(at: directory.path).history
        try await history.append(run("r1"))
        let reader = try #require(try History.reading(at: directory.path))
        #expect(try await reader.runs(limit: 9).map(\.id) == ["r1"])
        await #expect { try await reader.append(run("r2")) } throws: {
            ($0 as? StoreError)?.code == .readOnly
        }
        let again = try History.open(at: directory.path)
        #expect(again.replaced == nil)
        #expect(try await again.history.runs(limit: 9).map(\.id) == ["r1"])
    }

    @Test("A broken one is replaced by an empty one, saying so", arguments: [10, 100, 5000])
    func broken(length: Int) async throws {
        let text = Data(repeating: 0x41, count: length)
        try text.write(to: URL(fileURLWithPath: directory.history))
        let opening = try History.open(at: directory.path)
        #expect(opening.replaced != nil)
        try await opening.history.append(run("r1"))
        let again = try History.open(at: directory.path)
        #expect(again.replaced == nil)
        #expect(try await again.history.runs(limit: 9).map(\.id) == ["r1"])
    }

    @Test("A run of a form no longer read is left out")
    func otherForm() async throws {
        let history = try History.open(at: directory.path).history
        try await history.append(run("r1"))
        try await DatabaseQueue(path: directory.history).write { database in
            try database.execute(
                sql: "INSERT INTO runs (id, stack, record) VALUES ('r0', 'astro/web', '{}')"
            )
        }
        #expect(try await history.runs(limit: 9).map(\.id) == ["r1"])
        #expect(try await history.run("r0") == nil)
    }

    @Test("A run is recorded though its task was cancelled")
    func cancellation() async throws {
        let history = try History.open(at: directory.path).history
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await history.append(run("r1"))
        }
        try await task.value
        #expect(try await history.runs(limit: 9).count == 1)
    }
}
