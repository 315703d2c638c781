internal import GRDB
package import Model

/// Which entries are asked for.
package struct AuditQuery: Hashable, Sendable {
    package var project: String?
    package var stack: StackID?
    /// nil: of every kind.
    package var kind: AuditEntry.Kind?
    package var since: Instant?
    /// Only entries after this number.
    package var after: Int64 = 0
    /// The newest of those that fit; nil for all.
    package var limit: Int?

    package init() {}
}

/// One entry as the log holds it.
package struct AuditRecord: Hashable, Sendable {
    package let sequence: Int64
    package let time: Instant
    /// The canonical JSON that was written.
    package let payload: String
    package let previous: String
    /// Over all of the above; see Docs/Audit.md.
    package let hash: String

    init(_ link: ChainLink) {
        sequence = link.sequence
        time = Instant(milliseconds: link.time)
        payload = link.payload
        previous = link.previous
        hash = link.hash
    }

    /// nil where another version wrote it.
    package var entry: AuditEntry? { AuditEntry(payload: payload) }
}

extension AuditLog {
    /// The entries that are asked for, oldest first, without a check of the chain.
    package func records(_ query: AuditQuery) async throws -> [AuditRecord] {
        let rest = """
            WHERE seq > ?1 AND time >= ?2 AND (?3 IS NULL OR kind = ?3)
            AND (?4 IS NULL OR stack = ?4) AND (?5 IS NULL OR substr(stack, 1, length(?5)) = ?5)
            ORDER BY seq DESC LIMIT ?6
            """
        let arguments: StatementArguments = [
            query.after, query.since?.milliseconds ?? Int64.min, query.kind?.rawValue,
            query.stack?.description, query.project.map { "\($0)/" }, query.limit ?? -1,
        ]
        do {
            return try await writer.database.read { database in
                try AuditLog.chain.links(database, rest, arguments).reversed().map(AuditRecord.init)
            }
        } catch { throw StoreError(error, "read the audit log") }
    }

    /// Gives `body` all entries in order, without keeping them.
    package func forEach(_ body: (AuditRecord) throws -> Void) throws {
        var next: Int64 = 0
        while true {
            let links = try writer.database.read { database in
                try AuditLog.chain.links(
                    database,
                    "WHERE seq > ? ORDER BY seq LIMIT 1000",
                    [next]
                )
            }
            guard let last = links.last else { return }
            for link in links { try body(AuditRecord(link)) }
            next = last.sequence
        }
    }
}
