import Foundation
import Model
import Store
import Testing

/// A journal whose file is taken away while it is open.
@Suite struct LostJournalTests {
    let directory: Directory
    let journal: Journal

    init() async throws {
        directory = try Directory()
        journal = try Journal.create(at: directory.path)
        try await journal.append([try owned(1)], at: noon)
    }

    @Test("Nothing is written to a file that was removed", arguments: ["", "-wal"])
    func removed(part: String) async throws {
        #expect(journal.loss() == nil)
        try FileManager.default.removeItem(atPath: directory.journal + part)
        let reason = try #require(journal.loss())
        #expect(reason == "\(directory.journal)\(part) was removed while it was in use")
        await #expect {
            try await journal.append([try owned(2)], at: noon)
        } throws: { error in
            (error as? StoreError)?.code == .lost && "\(error)".contains(reason)
        }
        #expect(journal.state().owned.count == 1, "what was refused is not believed")
    }

    @Test("Nothing is written beside another file of the same name")
    func replaced() async throws {
        try FileManager.default.removeItem(atPath: directory.journal)
        try Data("somebody's".utf8).write(to: URL(fileURLWithPath: directory.journal))
        #expect(try #require(journal.loss()).contains("another file"))
        await #expect(throws: StoreError.self) {
            try await journal.append([try owned(2)], at: noon)
        }
    }

    @Test("Once it is closed, a new one can be made in its place and stays")
    func anew() async throws {
        for name in try directory.names {
            try FileManager.default.removeItem(atPath: directory.path + "/" + name)
        }
        try journal.close()
        let other = try Journal.create(at: directory.path)
        try await other.append([try owned(7)], at: noon)
        #expect(other.loss() == nil)
        try other.close()
        let opened = try #require(try Journal.open(at: directory.path).sound)
        #expect(opened.state().owned.keys.map(\.id).sorted() == ["c7"])
    }
}
