/// What went wrong between a repository and its mirror.
///
/// The description names places and branches, never credentials: `RepositoryURL` can't hold any,
/// and what is sent to a server is repeated nowhere.
package struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    package enum Code: String, Hashable, Sendable, CaseIterable {
        /// Nothing is at the repository's path.
        case pathMissing
        /// The operating system forbids reading it.
        case unreadable
        /// Something is there that is no repository.
        case notARepository
        /// The repository has no branch at all.
        case emptyRepository
        /// The repository has branches, but not this one.
        case branchMissing
        /// The repository has no such tag, or none in the range of versions.
        case tagMissing
        /// The name can't be one of a branch or tag.
        case invalidBranch
        /// The branch names an object that is no commit.
        case notACommit
        /// It is a kind of repository that can't be fetched from.
        case unsupported
        /// The mirror doesn't have the commit.
        case commitMissing
        /// The repository's own objects are damaged or incomplete.
        case corruptRemote
        /// The mirror was damaged; it is rebuilt from the repository at the next attempt.
        case corruptMirror
        /// The commit holds names that git refuses to check out.
        case invalidTree
        /// The commit exceeds the bounds of a snapshot, or what is to be fetched its limit.
        case tooLarge
        /// The file system of the mirrors is full.
        case outOfDisk
        /// Another process holds a lock in the mirror.
        case locked
        /// A file or variable that should hold credentials doesn't.
        case credentialsUnreadable
        /// The server wants credentials, or others.
        case unauthorized
        /// The server knows us and refuses.
        case forbidden
        /// The server has no such repository, or doesn't show it to us.
        case notFound
        /// Nobody answers there, or hangs up.
        case hostUnreachable
        /// A deadline passed.
        case timeout
        /// The server can't do it now.
        case unavailable
        /// The server's certificate is trusted by none of our authorities.
        case untrustedCertificate
        /// The ssh server's key is not among those that we know.
        case hostKeyUnknown
        /// The ssh server's key is another than the one that we know.
        case hostKeyChanged
        /// A redirect leads where the operator lets nobody lead us.
        case redirectRefused
        /// The server's name leads to an address where the operator lets nobody lead us.
        case addressRefused
        /// The operator doesn't allow this kind of URL.
        case schemeForbidden
        /// The answer is none of git's.
        case protocolError
        /// Reading is allowed, pushing isn't.
        case pushForbidden
        /// The server took the push, but not the change of the branch.
        case pushRejected
        /// The branch was pushed to by somebody else, again and again.
        case branchMoved
        /// Neither the commit nor its tag has a signature, and one is needed.
        case unsigned
        /// There is a signature, and it is nobody's who counts, or wrong.
        case signatureRefused
        /// Gyre is to sign what it commits, and has no key for it that counts.
        case cannotSign
        /// Whatever libgit2 says beyond these.
        case failed
    }

    package let code: Code
    /// What was being done, such as `fetch main from /srv/git/app.git`.
    package let operation: String
    /// One sentence without a full stop.
    package let message: String

    package init(_ code: Code, operation: String, message: String) {
        self.code = code
        self.operation = operation
        self.message = message
    }

    /// Whether the same attempt may succeed later although nobody changed a repository or a
    /// setting.
    package var isTransient: Bool {
        switch code {
        case .corruptMirror, .outOfDisk, .locked, .failed, .hostUnreachable, .timeout,
            .unavailable, .branchMoved:
            true
        case .tagMissing, .credentialsUnreadable, .unauthorized, .forbidden, .notFound,
            .untrustedCertificate, .hostKeyUnknown, .hostKeyChanged, .redirectRefused,
            .addressRefused,
            .schemeForbidden, .protocolError, .pushForbidden, .pushRejected, .pathMissing,
            .unreadable,
            .notARepository, .emptyRepository, .branchMissing,
            .invalidBranch, .notACommit, .unsupported, .commitMissing, .corruptRemote, .invalidTree,
            .tooLarge, .unsigned, .signatureRefused, .cannotSign:
            false
        }
    }

    package var description: String {
        "\(operation): \(message)\(code.remedy.map { "; \($0)" } ?? "") [\(code.word)]"
    }
}

extension GitError.Code {
    /// What somebody can do about it, where the message doesn't say.
    package var remedy: String? {
        switch self {
        case .pathMissing, .notARepository: "mend url: in gyre.yaml"
        case .unreadable: "let the user that runs gyre read it"
        case .branchMissing: "push it, or mend branch: in gyre.yaml"
        case .tagMissing: "push it, or mend tag: or semver: in gyre.yaml"
        case .pushForbidden:
            "give the repository credentials in gyre.yaml that may write, or push the change "
                + "yourself"
        case .unsigned: "sign it with git commit -S, by a key that \"signers\" of gyre.yaml lists"
        case .pushRejected: "push the change the way that the server wants it"
        default: nil
        }
    }

    /// The code as people and programs read it, such as `path-missing`.
    package var word: String {
        rawValue.reduce(into: "") { word, letter in
            word += letter.isUppercase ? "-\(letter.lowercased())" : String(letter)
        }
    }
}
