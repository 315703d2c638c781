import Foundation
import GRDB
import Model
import Store
import Testing

@Suite struct BrokenJournalTests {
    let directory: Directory

    init() throws { directory = try Directory() }

    @Test(
        "A changed row breaks the chain there",
        arguments: [
            (
                "UPDATE entries SET payload = replace(payload, 'c3', 'c4') WHERE seq = 3",
                "at entry 3"
            ),
            ("UPDATE entries SET time = time + 1 WHERE seq = 2", "at entry 2"),
            ("UPDATE entries SET hash = replace(hash, 'a', 'b') WHERE seq = 5", "at entry 5"),
            ("UPDATE entries SET previous = hash WHERE seq = 1", "at entry 1"),
            ("DELETE FROM entries WHERE seq = 4", "entry 4 is missing"),
            ("DELETE FROM entries WHERE seq = 1", "entry 1 is missing"),
            ("UPDATE entries SET seq = 9 WHERE seq = 5", "entry 5 is missing"),
        ]
    )
    func changed(statement: String, finding: String) async throws {
        try await fill(directory, 5)
        let reader = try #require(try Journal.reading(at: directory.path).sound)
        try tamper(directory.journal, statement)
        let reason = try #require(try Journal.open(at: directory.path).reason)
        #expect(reason.contains(finding))
        #expect { try reader.verify() } throws: { error in
            (error as? StoreError)?.code == .broken && "\(error)".contains(finding)
        }
    }

    @Test("A changed byte of an entry in the file itself is found")
    func changedByte() async throws {
        try await fill(directory, 5)
        try directory.rewrite(directory.journal) { bytes in
            guard let place = bytes.firstRange(of: Data("astro_web-3".utf8)) else { return }
            bytes[place.lowerBound] ^= 1
        }
        let reason = try #require(try Journal.open(at: directory.path).reason)
        #expect(reason == "the chain breaks at entry 3")
    }

    @Test(
        "An entry that is well chained but can't be read",
        arguments: [
            (#"{"format":2,"kind":"gone","id":"x"}"#, "form 2, which are unknown"),
            (#"{"format":1,"kind":"forgotten","id":"x"}"#, "forgotten"),
            (#"{"format":1,"kind":"gone"}"#, "lacks"),
            (#"{"kind":"gone","id":"x"}"#, "format"),
            ("[]", "can't be read"),
        ]
    )
    func unreadable(payload: String, finding: String) async throws {
        try await fill(directory, 1)
        let head = try #require(try Journal.reading(at: directory.path).sound).verify()
        let hash = SHA256Hex.of("\(head.hash)\n2\n0\n\(payload)")
        try tamper(
            directory.journal,
            """
            INSERT INTO entries (seq, time, payload, previous, hash)
            VALUES (2, 0, '\(payload)', '\(head.hash)', '\(hash)')
            """
        )
        let reason = try #require(try Journal.open(at: directory.path).reason)
        #expect(reason.contains("entry 2 can't be read"))
        #expect(reason.contains(finding))
    }

    @Test("Values of another type are a finding, not the end of the process")
    func otherTypes() async throws {
        try await fill(directory, 1)
        try tamper(
            directory.journal,
            "DROP TABLE entries",
            "CREATE TABLE entries (seq, time, payload, previous, hash)",
            "INSERT INTO entries VALUES (NULL, 'noon', x'00', 1.5, NULL)"
        )
        #expect(try Journal.open(at: directory.path).reason?.contains("is no entry") == true)
    }

    @Test("Files that are no journal", arguments: [0, 1, 100, 4096, 5000])
    func truncated(length: Int) async throws {
        try await fill(directory, 50)
        try directory.rewrite(directory.journal) { $0 = $0.prefix(length) }
        #expect(try Journal.open(at: directory.path).reason != nil)
        #expect(try Journal.reading(at: directory.path).reason != nil)
    }

    @Test("A file of something else, and a database of something else")
    func other() async throws {
        try Data(repeating: 0x41, count: 9000).write(to: URL(fileURLWithPath: directory.journal))
        #expect(try Journal.open(at: directory.path).reason != nil)
        try FileManager.default.removeItem(atPath: directory.journal)
        try await DatabaseQueue(path: directory.journal).write { database in
            try database.execute(sql: "CREATE TABLE entries (a)")
        }
        #expect(try Journal.open(at: directory.path).reason == "journal.sqlite holds no journal")
    }

    @Test("A journal of a newer version is left as it is")
    func newer() async throws {
        try await fill(directory, 1)
        try tamper(directory.journal, "INSERT INTO grdb_migrations VALUES ('of the future')")
        let reason = try Journal.open(at: directory.path).reason
        #expect(reason == "a newer version of Gyre wrote it")
    }

    @Test("Random damage is found or does no harm, and never ends the process", arguments: 0..<60)
    func damage(seed: Int) async throws {
        var dice = Dice(seed: seed)
        try await fill(directory, 40)
        let sound = try #require(try Journal.reading(at: directory.path).sound).state()
        try directory.rewrite(directory.journal) { bytes in
            for _ in 0..<(1 + dice.pick(20)) {
                bytes[dice.pick(bytes.count)] = UInt8(dice.pick(256))
            }
        }
        switch try Journal.open(at: directory.path) {
        case .sound(let journal): #expect(journal.state() == sound)
        case .missing: Issue.record("the file is there")
        case .broken(let reason): #expect(!reason.isEmpty)
        }
    }

    @Test("Without its write-ahead log, a journal is a sound shorter one")
    func deletedLog() async throws {
        let journal = try Journal.create(at: directory.path)
        try await journal.append([owned(1)], at: noon)
        let copy = try Directory()
        try FileManager.default.copyItem(atPath: directory.journal, toPath: copy.journal)
        let other = try #require(try Journal.open(at: copy.path).sound)
        #expect(try other.verify().sequence == 0)
        #expect(try journal.verify().sequence == 1)
    }

    @Test("A log without its database is broken, and can be set aside")
    func onlyLog() throws {
        try Data("x".utf8).write(to: URL(fileURLWithPath: directory.journal + "-wal"))
        #expect(try Journal.open(at: directory.path).reason?.contains("gone") == true)
        #expect { try Journal.create(at: directory.path) } throws: {
            ($0 as? StoreError)?.code == .exists
        }
        _ = try Journal.setAside(at: directory.path, now: noon)
        #expect(try Journal.open(at: directory.path).isMissing)
    }

    @Test("A journal set aside keeps its bytes, and makes room for a new one")
    func setAside() async throws {
        try Data("no journal".utf8).write(to: URL(fileURLWithPath: directory.journal))
        let name = try Journal.setAside(at: directory.path, now: noon)
        #expect(name == "journal.sqlite.broken-20270115T080000Z")
        let kept = try String(contentsOfFile: directory.path + "/" + name, encoding: .utf8)
        #expect(kept == "no journal")
        try await fill(directory, 1)
        let second = try Journal.setAside(at: directory.path, now: noon)
        #expect(second == name + "-2")
        #expect(try Journal.open(at: directory.path).isMissing)
    }

    @Test("What is not the journal's fault is thrown, not called broken")
    func elsewhere() throws {
        try FileManager.default.createDirectory(
            atPath: directory.journal,
            withIntermediateDirectories: true
        )
        #expect { try Journal.open(at: directory.path) } throws: {
            ($0 as? StoreError)?.code == .failed
        }
    }
}
