/// A commit to be written: what a folder or file held once, on top of a branch as it is now.
package struct Restoration: Hashable, Sendable {
    /// In the repository; the empty path is its root.
    package var path: String
    /// Paths below `path` that stay as the branch has them: the folders of others.
    package var except: Set<String>
    /// The commit whose content comes back; where it has nothing at `path`, that is removed.
    package var source: Commit
    package var branch: String
    package var message: String
    package var author: Author

    package init(
        _ path: String,
        except: Set<String> = [],
        from source: Commit,
        onto branch: String,
        message: String,
        author: Author
    ) {
        self.path = path
        self.except = except
        self.source = source
        self.branch = branch
        self.message = message
        self.author = author
    }

    /// In whose name it is written, and when.
    package struct Author: Hashable, Sendable {
        package var name: String
        package var email: String
        /// Since 1970.
        package var seconds: Int64

        package init(name: String, email: String, seconds: Int64) {
            self.name = name
            self.email = email
            self.seconds = seconds
        }

        /// Reads `Gyre <gyre@example.org>`, as git shows it; nil for anything else.
        package init?(parsing text: String, seconds: Int64) {
            guard text.utf8.count <= 200, text.last == ">", let open = text.firstIndex(of: "<"),
                text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
            else { return nil }
            var name = text[..<open]
            while name.last == " " { name.removeLast() }
            let email = text[text.index(after: open)...].dropLast()
            guard !name.isEmpty, name.first != " ", !name.contains(">"), !email.isEmpty,
                !email.contains(where: { "<> ".contains($0) })
            else { return nil }
            self.init(name: String(name), email: String(email), seconds: seconds)
        }
    }
}

/// What a restoration came to, or would come to.
package struct Restored: Hashable, Codable, Sendable {
    /// The tip of the branch that it stands on.
    package var tip: Commit
    /// The commit that was pushed; nil where nothing was.
    package var commit: Commit?
    /// What differs between the two, sorted by path; bounded.
    package var changes: [FileChange]

    package init(tip: Commit, commit: Commit? = nil, changes: [FileChange] = []) {
        self.tip = tip
        self.commit = commit
        self.changes = changes
    }
}

/// What became of one file from one commit to another.
package struct FileChange: Hashable, Codable, Sendable {
    /// How it differs.
    package enum Kind: String, Codable, Sendable {
        case added, changed, removed
    }

    package var path: String
    package var kind: Kind

    package init(_ path: String, _ kind: Kind) {
        self.path = path
        self.kind = kind
    }
}
