internal import FoundationEssentials
internal import GRDB
package import Model

/// One entry as the journal holds it.
package struct JournalRecord: Hashable, Sendable {
    /// Its number, from 1 and without gaps.
    package let sequence: Int64
    package let time: Instant
    package let entry: JournalEntry
    /// The hash of this entry and, through the one before it, of all that came before.
    package let hash: String
}

/// The journal's chain: what its links say.
enum JournalChain {
    static let chain = Chain(name: "journal", columns: ["kind"])
    static let migrator = chain.migrator

    /// Gives `body` every entry in order, each checked against the link before it.
    static func walk(_ database: Database, _ body: (JournalEntry) -> Void) throws -> ChainHead {
        try chain.walk(database) { body(try entry($0)) }
    }

    /// The entries from number `first` on, at most `limit`, without a check of their links.
    static func records(
        _ database: Database,
        from first: Int64,
        limit: Int
    ) throws -> [JournalRecord] {
        try chain.links(database, "WHERE seq >= ? ORDER BY seq LIMIT ?", [first, limit]).map {
            JournalRecord(
                sequence: $0.sequence,
                time: Instant(milliseconds: $0.time),
                entry: try entry($0),
                hash: $0.hash
            )
        }
    }

    /// The canonical text of an entry, and where the audit log stood.
    static func encode(_ entry: JournalEntry, audit: ChainHead?) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let anchored = Anchored(entry: entry, audit: audit?.description)
        return String(decoding: try encoder.encode(anchored), as: UTF8.self)
    }

    /// Where the audit log stood when an entry was written; nil where it doesn't say.
    static func audit(in link: ChainLink) -> ChainHead? {
        // Most entries have none, and reading all of each would cost.
        guard link.payload.utf8.starts(with: "{\"audit\":\"".utf8) else { return nil }
        return ChainHead(parsing: link.payload.dropFirst(10).prefix { $0 != "\"" })
    }

    static func broken(_ reason: String) -> StoreError { chain.broken(reason) }

    private static func entry(_ link: ChainLink) throws -> JournalEntry {
        do {
            return try JSONDecoder().decode(JournalEntry.self, from: Data(link.payload.utf8))
        } catch DecodingError.dataCorrupted(let context) {
            throw broken("entry \(link.sequence) can't be read: \(context.debugDescription)")
        } catch {
            throw broken("entry \(link.sequence) can't be read: \(error)")
        }
    }
}

/// An entry with the member that says where the audit log stood; the first by its name.
private struct Anchored: Encodable {
    let entry: JournalEntry
    let audit: String?

    private enum CodingKeys: CodingKey { case audit }

    func encode(to encoder: any Encoder) throws {
        try entry.encode(to: encoder)
        guard let audit else { return }
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(audit, forKey: .audit)
    }
}
