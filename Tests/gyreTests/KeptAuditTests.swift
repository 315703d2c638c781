import Foundation
import Logging
import Model
import Store
import Testing

@testable import gyre

/// What waits while the audit log can't be written.
@Suite struct KeptAuditTests {
    private let noon = Instant(milliseconds: 1_795_262_400_000)

    private func entry(_ number: Int) -> AuditEntry {
        .acted("sync", nil, by: Person("kim", uid: nil), ["n": .int(Int64(number))])
    }

    @Test("No more than 10,000 entries wait, in order; how many were given up is told first")
    func bound() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (path, away) = (folder.path + "/audit.sqlite", folder.path + "/away.sqlite")
        let log = try AuditLog.create(
            at: folder.path,
            after: .start,
            .began(because: "a test"),
            at: noon,
            journal: nil
        )
        let journal = KeptJournal(try Journal.create(at: folder.path), in: folder.path, beside: log)
        let kept = KeptAudit(log, beside: journal, logger: .quiet)
        try FileManager.default.moveItem(atPath: path, toPath: away)
        await kept.note((0..<9_990).map(entry), at: noon)
        await kept.note((9_990..<10_007).map(entry), at: noon)
        await #expect(throws: (any Error).self) { try await kept.append([entry(-1)], at: noon) }
        try FileManager.default.moveItem(atPath: away, toPath: path)
        try await kept.append([entry(20_000)], at: noon)
        var query = AuditQuery()
        query.limit = nil
        let entries = try await log.records(query).compactMap(\.entry)
        #expect(entries.count == 10_003)
        #expect(entries[1] == .missed(7))
        let numbers = entries.dropFirst(2).compactMap { $0.facts["n"]?.intValue }
        let wanted: [Int64] = Array(7..<10_007) + [20_000]
        #expect(numbers == wanted)
    }
}
