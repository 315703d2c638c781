/// One commit of a repository, by its id.
package struct Commit: Hashable, Codable, Sendable, CustomStringConvertible {
    /// Full object id in lowercase hexadecimal.
    package let id: String
    package let author: String
    /// Who made the commit of what the author wrote; nil where that is not known.
    package let committer: String?
    /// Seconds since 1970, as the author's clock had it.
    package let seconds: Int64
    /// The message as pushed; unbounded input of a tenant, so shown only through ``subject``.
    package let message: String

    package init(
        id: String,
        author: String,
        committer: String? = nil,
        seconds: Int64,
        message: String
    ) {
        self.id = id
        self.author = author
        self.committer = committer
        self.seconds = seconds
        self.message = message
    }

    /// The first line, at most 72 characters.
    package var subject: String {
        String(message.prefix { $0 != "\n" && $0 != "\r\n" }.prefix(72))
    }

    /// The id as people quote it.
    package var short: String { String(id.prefix(8)) }

    /// `short "subject"`.
    package var description: String { "\(short) \"\(subject)\"" }

    /// What the trailers named `key` of the last paragraph say, in order.
    ///
    /// The first paragraph is the subject, which holds none (git-interpret-trailers(1)).
    package func trailers(_ key: String) -> [String] {
        let paragraphs = message.split(omittingEmptySubsequences: false) { $0.isNewline }
            .split(separator: "")
        guard paragraphs.count > 1, let last = paragraphs.last else { return [] }
        return last.compactMap { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == key.lowercased() else { return nil }
            let value = parts[1].drop { $0 == " " }
            return value.isEmpty ? nil : String(value)
        }
    }
}
