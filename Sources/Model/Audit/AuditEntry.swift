/// One fact of the audit log: what was decided, demanded or done, by whom and on what grounds.
///
/// Evidence for people and their programs; nothing is planned from it. Everything in it is
/// clipped, and nothing of a container's log or of a tenant's environment is.
package struct AuditEntry: Hashable, Sendable {
    /// What sort of fact it is, by the name it is written under.
    package enum Kind: String, Sendable, CaseIterable {
        /// The log begins, or goes on in a new file.
        case began
        /// A controller begins to work, or ends.
        case started, stopped
        /// The operator's file was taken up, or refused.
        case configured
        /// A person demanded something.
        case acted
        /// What policy says of a commit.
        case judged
        /// A head is not followed, because nobody who counts has signed it.
        case refused
        /// The policy of a project is another than before.
        case policy
        /// Under another policy something else is said of the commit that serves.
        case rejudged
        /// What is about to be done to the engine.
        case decided
        /// What became of one step.
        case applied
        /// What became of all of them.
        case ended
        /// A version failed and is held.
        case held
        /// Objects of a run that was cut off were found.
        case adopted
        /// An image that Gyre had pulled and nothing was made of any more is removed.
        case collected
        /// The journal was made anew.
        case journal
        /// Outcomes were lost that could not be written.
        case missed
    }

    package let kind: Kind
    /// nil where it concerns the controller as a whole.
    package let stack: StackID?
    package let facts: [String: JSON]

    package init(_ kind: Kind, _ stack: StackID? = nil, _ facts: [String: JSON?] = [:]) {
        self.kind = kind
        self.stack = stack
        self.facts = facts.compactMapValues(\.self)
    }

    /// The form that this version writes.
    package static let format: Int64 = 1

    /// As it is kept; `journal` says where the journal stood.
    package func payload(journal: String?) -> String {
        JSON.members([
            "format": .int(AuditEntry.format), "kind": .string(kind.rawValue),
            "stack": stack.map { .string($0.description) }, "facts": .object(facts),
            "journal": journal.map(JSON.string),
        ]).text
    }

    /// Reads what was kept; nil where another version wrote it.
    package init?(payload: String) {
        guard let json = try? JSON(parsing: Array(payload.utf8)),
            json["format"]?.intValue == AuditEntry.format,
            let kind = json["kind"]?.stringValue.flatMap(Kind.init)
        else { return nil }
        self.kind = kind
        stack = json["stack"]?.stringValue.flatMap { try? StackID(parsing: $0) }
        facts = json["facts"]?.objectValue ?? [:]
    }

    /// What it is known by elsewhere in the log.
    package var digest: String { SHA256Hex.of(payload(journal: nil)) }
}

extension JSON {
    /// The longest text of an entry, and the longest list.
    private static let longestText = 500
    private static let longestList = 100

    /// A text of somebody's, no longer than an entry may have it.
    package static func clipped(_ text: String) -> JSON {
        let scalars = text.unicodeScalars
        guard scalars.count > longestText else { return .string(text) }
        return .string(String(String.UnicodeScalarView(scalars.prefix(longestText))) + "…")
    }

    /// The first of `elements` under `name`, and under `<name>_in_all` how many there are if that
    /// isn't all.
    package static func clipped(_ name: String, _ elements: [JSON]) -> [String: JSON?] {
        guard !elements.isEmpty else { return [:] }
        let isWhole = elements.count <= longestList
        return [
            name: .array(Array(elements.prefix(longestList))),
            "\(name)_in_all": isWhole ? nil : .int(Int64(elements.count)),
        ]
    }
}
