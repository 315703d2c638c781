/// A file or a folder of a commit that a service mounts, fixed by its digest.
///
/// It holds no bytes of the commit: they are read again when they have to be shipped, and the
/// digest says whether they are the same.
package struct Content: Hashable, Codable, Sendable {
    /// Where its bytes are.
    package enum Source: Hashable, Codable, Sendable {
        /// A path of the commit, with every link in it followed.
        case tree(path: String)
        /// Written into the compose file, or a variable's; ``Stack/texts`` has it by the content's
        /// name, so that no plan holds it.
        case text
    }

    /// Whose a config or secret is, and who may do what with it.
    package struct Attributes: Hashable, Codable, Sendable {
        package var user: Int
        package var group: Int
        package var mode: Int

        package init(user: Int = 0, group: Int = 0, mode: Int = 0o444) {
            self.user = user
            self.group = group
            self.mode = mode
        }
    }

    /// What is mounted of it.
    package enum Kind: String, Codable, Sendable {
        case file, folder
    }

    package var source: Source
    package var kind: Kind
    /// SHA-256 of ``ContentArchive/bytes``, in hexadecimal; of a secret with a ``ContentKey``.
    package var digest: String
    /// What people call it, such as `./nginx.conf` or `config site`.
    package var name: String
    /// nil: root's, with the mode that it has in git.
    package var attributes: Attributes?
    /// Whether nobody may guess from the digest what it holds.
    package var isSecret: Bool

    package init(
        source: Source,
        kind: Kind,
        digest: String,
        name: String,
        attributes: Attributes? = nil,
        isSecret: Bool = false
    ) {
        self.source = source
        self.kind = kind
        self.digest = digest
        self.name = name
        self.attributes = attributes
        self.isSecret = isSecret
    }
}

/// Why something of a commit can't be mounted.
package enum ContentError: Error, Hashable, Sendable {
    case unreadable(path: String, Snapshot.ReadError)
    /// A link in a folder whose target is not in that folder.
    case linkLeaves(path: String)
    /// A path or target that the archive format has no room for.
    case nameTooLong(path: String)
    case tooManyEntries
    case tooManyBytes
}

extension ContentError: CustomStringConvertible {
    /// A clause that says what is wrong, and with what.
    package var description: String {
        switch self {
        case .unreadable(let path, let error): "\(path) can't be read: \(error.reason)"
        case .linkLeaves(let path): "the link \(path) leads out of the folder"
        case .nameTooLong(let path): "the path \(path) is too long"
        case .tooManyEntries:
            "the folder holds more than \(ContentArchive.maximumEntries) files"
        case .tooManyBytes:
            "it is larger than \(ByteCount(Int64(ContentArchive.maximumBytes)))"
        }
    }
}

extension Snapshot.ReadError {
    /// The error in words.
    package var reason: String {
        switch self {
        case .missing: "there is no such file"
        case .isDirectory: "it is a folder"
        case .outsideTree: "the path leaves the repository"
        case .tooManyLinks: "it is a chain of too many links"
        case .tooLarge(let count): "it is too large (\(count) bytes; see git.limits.file)"
        case .submodule: "it is in a submodule, which Gyre doesn't fetch"
        case .lfsPointer: "it is kept by Git LFS, which Gyre doesn't fetch; commit the file itself"
        }
    }
}
