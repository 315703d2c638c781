/// What went wrong between a repository and its mirror.
///
/// The description names paths and branches, never credentials: `RepositoryURL` can't hold any.
package struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    package enum Code: String, Hashable, Sendable {
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
        /// The name can't be one of a branch.
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
        case .corruptMirror, .outOfDisk, .locked, .failed: true
        case .pathMissing, .unreadable, .notARepository, .emptyRepository, .branchMissing,
            .invalidBranch, .notACommit, .unsupported, .commitMissing, .corruptRemote, .invalidTree,
            .tooLarge:
            false
        }
    }

    package var description: String { "\(operation): \(message) [\(code.rawValue)]" }
}
