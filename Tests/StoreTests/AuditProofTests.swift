import Foundation
import GRDB
import Model
import Store
import Testing

/// Whoever changes, cuts or replaces the log is found out.
@Suite struct AuditProofTests {
    let directory: Directory

    init() throws { directory = try Directory() }

    private func act(_ number: Int) -> AuditEntry {
        .acted("release", nil, by: Person("kim", uid: 1000), ["number": .int(Int64(number))])
    }

    /// A log of `count` entries beside a journal that is written after every second of them.
    @discardableResult
    private func fill(_ count: Int = 9) async throws -> ChainHead {
        let path = directory.path
        let journal = try Journal.create(at: path)
        let log = try AuditLog.create(
            at: path,
            after: .start,
            .began(because: "there was none before"),
            at: noon,
            journal: journal.head
        )
        for number in 2...count {
            try await log.append([(act(number), noon)], journal: journal.head)
            guard number % 2 == 0 else { continue }
            try await journal.append([owned(number)], at: noon, audit: log.head)
        }
        return log.head
    }

    private var audit: String { directory.path + "/audit.sqlite" }

    private func findings(_ kept: ChainHead? = nil) throws -> [String] {
        let proof = try AuditProof(of: directory.path, kept: kept)
        #expect(proof.isSound == proof.findings.isEmpty)
        return proof.findings.map { "\($0.file): \($0.message)" }
    }

    /// What is still there of the log after entry `number`.
    private func cut(after number: Int) throws {
        try tamper(audit, "DELETE FROM entries WHERE seq > \(number)")
    }

    @Test("A log as it was written is sound, with every head compared")
    func sound() async throws {
        let head = try await fill()
        let proof = try AuditProof(of: directory.path, kept: head)
        #expect(proof.findings.isEmpty, "\(proof.findings)")
        #expect(proof.head == head && proof.first == 1 && proof.journal?.sequence == 4)
        // Four of the log that the journal has, audit.head and the one that was kept at one
        // number, and four of the journal that the log has but for the last.
        #expect(proof.compared >= 8, "\(proof.compared)")
        #expect(try AuditProof(of: directory.path).isSound)
    }

    @Test(
        "An entry that was changed, removed or moved is named",
        arguments: [
            (
                "UPDATE entries SET payload = replace(payload, 'kim', 'tim') WHERE seq = 3",
                "the chain breaks at entry 3"
            ),
            ("UPDATE entries SET time = time + 1 WHERE seq = 2", "the chain breaks at entry 2"),
            (
                "UPDATE entries SET hash = replace(hash, 'a', 'b') WHERE seq = 5",
                "the chain breaks at entry 5"
            ),
            ("DELETE FROM entries WHERE seq = 4", "entry 4 is missing"),
            (
                """
                UPDATE entries SET seq = 99 WHERE seq = 4; UPDATE entries SET seq = 4 WHERE seq = 5;
                UPDATE entries SET seq = 5 WHERE seq = 99
                """, "the chain breaks at entry 4"
            ),
            ("DELETE FROM entries WHERE seq < 3", "entries 1 to 2 are not here"),
        ]
    )
    func changed(statement: String, finding: String) async throws {
        try await fill()
        try tamper(audit, statement)
        let found = try findings()
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains(finding) == true, "\(found)")
    }

    @Test("A changed byte of the file itself is found")
    func changedByte() async throws {
        try await fill()
        try tamper(audit)
        try directory.rewrite(audit) { bytes in
            guard let place = bytes.firstRange(of: Data("\"number\":6".utf8)) else { return }
            bytes[place.upperBound - 1] ^= 1
        }
        #expect(try findings() == ["audit.sqlite: the chain breaks at entry 6"])
    }

    @Test("A tail that was cut off is missed by the head beside the log, and by the journal")
    func cutTail() async throws {
        try await fill()
        try cut(after: 8)
        #expect(try findings().first?.contains("audit.head knows entry 9") == true)
        // Somebody who takes care of that file, too.
        try FileManager.default.removeItem(atPath: directory.path + "/audit.head")
        #expect(try findings().isEmpty, "the journal knows the log up to entry 8")
        try cut(after: 7)
        let found = try findings()
        #expect(found.count == 1)
        #expect(found.first?.contains("entry 4 of the journal knows entry 8") == true, "\(found)")
    }

    @Test("A tail of the journal that was cut off is missed by the log")
    func cutJournal() async throws {
        try await fill()
        try tamper(directory.journal, "DELETE FROM entries WHERE seq = 4")
        let found = try findings()
        #expect(found.count == 1)
        #expect(found.first?.contains("the audit log knows entry 4") == true, "\(found)")
        try FileManager.default.removeItem(atPath: directory.journal)
        #expect(try findings() == ["journal.sqlite: there is no journal"])
    }

    @Test(
        "A log that was made anew is found by the journal, and all of it by a head kept elsewhere"
    )
    func replaced() async throws {
        let head = try await fill()
        try rechain(forging: 3)
        #expect(try findings().contains { $0.contains("the log was made anew") })
        // With the journal's heads taken away as well, nothing here tells.
        let journal = directory.journal
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: journal + suffix)
        }
        let found = try findings(head)
        #expect(found.contains { $0.contains("than the head that was given knows") }, "\(found)")
    }

    /// Changes an entry, and makes all hashes from there on fit.
    private func rechain(forging number: Int) throws {
        let database = try DatabaseQueue(path: audit)
        try database.writeWithoutTransaction { database in
            let triggers = try String.fetchAll(
                database,
                sql: "SELECT sql FROM sqlite_schema WHERE type = 'trigger'"
            )
            try database.execute(
                sql: "DROP TRIGGER entries_stay; DROP TRIGGER entries_stay_the_same"
            )
            var previous = String(repeating: "0", count: 64)
            for row in try Row.fetchAll(database, sql: "SELECT * FROM entries ORDER BY seq") {
                let (sequence, time): (Int64, Int64) = (row["seq"], row["time"])
                var payload: String = row["payload"]
                if sequence == number { payload = payload.replacing("kim", with: "tim") }
                let hash = SHA256Hex.of("\(previous)\n\(sequence)\n\(time)\n\(payload)")
                try database.execute(
                    sql: "UPDATE entries SET payload = ?, previous = ?, hash = ? WHERE seq = ?",
                    arguments: [payload, previous, hash, sequence]
                )
                previous = hash
            }
            for trigger in triggers { try database.execute(sql: trigger) }
        }
        try database.close()
        let head = directory.path + "/audit.head"
        try FileManager.default.removeItem(atPath: head)
    }

    @Test(
        "A table that would show something else than is proved is found",
        arguments: [
            "DROP TRIGGER entries_stay", "CREATE VIEW more AS SELECT * FROM entries",
            "PRAGMA writable_schema = ON; "
                + "UPDATE sqlite_schema SET sql = replace(sql, '$.kind', '$.kinx')",
            "ALTER TABLE entries RENAME TO kept; CREATE VIEW entries AS SELECT * FROM kept",
        ]
    )
    func redefined(_ change: String) async throws {
        try await fill()
        let database = try DatabaseQueue(path: audit)
        try await database.writeWithoutTransaction { try $0.execute(sql: change) }
        try database.close()
        #expect(try findings().contains { $0.contains("somebody has changed the file") })
    }

    @Test("A copy that was chained anew is found by a head that was kept, and by nothing else")
    func rechained() async throws {
        let head = try await fill()
        try rechain(forging: 9)
        #expect(try findings().isEmpty, "the journal's last head of it is of entry 8")
        let found = try findings(head)
        #expect(found.count == 1)
        #expect(found.first?.contains("entry 9 is another than the head that was given") == true)
    }

    @Test("One chain goes on over files, and is whole with all of them")
    func manyFiles() async throws {
        let head = try await fill()
        let archive = try Directory()
        for suffix in ["", "-wal", "-shm"] {
            let name = archive.path + "/old.sqlite" + suffix
            try? FileManager.default.moveItem(atPath: audit + suffix, toPath: name)
        }
        let noted = try #require(AuditLog.notedHead(at: directory.path))
        #expect(noted == head)
        let log = try AuditLog.create(
            at: directory.path,
            after: noted,
            .began(because: "taken away"),
            at: noon,
            journal: nil
        )
        try await log.append([(act(11), noon)], journal: nil)
        #expect(log.head.sequence == 11)
        #expect(try findings().first?.contains("entries 1 to 9 are not here") == true)
        let old = archive.path + "/old.sqlite"
        let proof = try AuditProof(of: directory.path, earlier: [old], kept: head)
        #expect(proof.isSound && proof.first == 1 && proof.head == log.head, "\(proof.findings)")
        try tamper(old, "DELETE FROM entries WHERE seq = 9")
        let cut = try AuditProof(of: directory.path, earlier: [old])
        #expect(cut.findings.contains { $0.message == "it does not follow entry 8" })
    }

    @Test("An export is checked like the log itself")
    func export() async throws {
        let head = try await fill()
        guard case .sound(let log) = try AuditLog.reading(at: directory.path) else {
            return #expect(Bool(false), "it is there")
        }
        var lines: [String] = []
        try log.forEach { lines.append($0.line) }
        #expect(lines.count == 9)
        let file = directory.path + "/export.jsonl"
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        let proof = try AuditProof(ofFiles: [file], kept: head)
        #expect(proof.isSound && proof.head == head)
        for (index, change) in [(4, "kim"), (2, "null")] {
            var changed = lines
            changed[index] = change == "null" ? "{}" : lines[index].replacing("kim", with: "tim")
            try changed.joined(separator: "\n").write(
                toFile: file,
                atomically: true,
                encoding: .utf8
            )
            #expect(try !AuditProof(ofFiles: [file]).isSound)
        }
    }

    @Test("A journal made anew, and told of, is not held against anybody")
    func newJournal() async throws {
        try await fill()
        _ = try Journal.setAside(at: directory.path, now: noon)
        let journal = try Journal.create(at: directory.path)
        guard case .sound(let log) = try AuditLog.open(at: directory.path) else {
            return #expect(Bool(false), "it is there")
        }
        try await journal.append([owned(1)], at: noon, audit: log.head)
        #expect(try !findings().isEmpty)
        try await log.append([(.newJournal(because: "it was lost"), noon)], journal: journal.head)
        let proof = try AuditProof(of: directory.path)
        #expect(proof.isSound, "\(proof.findings)")
        #expect(proof.remarks == ["entry 10: the journal was made anew: it was lost"])
    }

    @Test("Random damage is found or does no harm, and never ends the process", arguments: 0..<40)
    func damage(seed: Int) async throws {
        var dice = Dice(seed: seed)
        try await fill(30)
        try tamper(audit)
        let sound = try AuditProof(of: directory.path).head
        try directory.rewrite(audit) { bytes in
            for _ in 0..<(1 + dice.pick(20)) {
                bytes[dice.pick(bytes.count)] = UInt8(dice.pick(256))
            }
        }
        let proof = try? AuditProof(of: directory.path)
        if let proof, proof.isSound { #expect(proof.head == sound) }
    }
}
