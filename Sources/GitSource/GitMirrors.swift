package import Model
package import Transport

/// Repositories and branches to commits and snapshots, through bare mirrors of our own.
///
/// One mirror for each repository, made when it is first asked for. Every call into libgit2
/// runs on a thread of the pool; one mirror is used by one caller at a time, different mirrors
/// side by side. Whatever can't be read is an error, never an empty answer.
///
/// A mirror belongs to a URL and to what it is entered by: every call names both.
package struct GitMirrors: Sendable {
    private let directory: String
    private let pool: BlockingPool
    private let rules: GitRules
    private let turns = Turns<String>()
    private let hosts: Turns<String>

    /// Keeps the mirrors below `directory`, which belongs to Gyre alone.
    package init(directory: String, pool: BlockingPool, rules: GitRules = GitRules()) {
        self.directory = directory
        self.pool = pool
        self.rules = rules
        hosts = Turns(limit: rules.connectionsPerHost)
    }

    /// The commit that `reference` means now.
    ///
    /// Asks the repository for its refs and fetches only when the one that counts moved. A
    /// missing branch or tag and an empty repository are errors. A rewritten branch and a moved
    /// tag are followed; a range of versions never goes back, even where its highest tag was
    /// deleted; commits that a ref keeps (``markGood(_:stack:at:by:)``) stay.
    package func head(
        of reference: GitReference,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> Commit {
        try await speaking(with: url, access) { folder, transfer throws(GitError) in
            try folder.head(of: reference, transfer: transfer)
        }
    }

    /// The commit that `reference` meant when it was last fetched, without asking the
    /// repository; nil if it never was.
    package func lastFetched(
        _ reference: GitReference,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> Commit? {
        try await onMirror(of: url, access) { folder, _ in
            try folder.useRetrying { mirror throws(GitError) in
                try mirror.lastFetched(reference)
            }
        }
    }

    /// The commit with the full id `id`, from the mirror.
    package func commit(
        _ id: String,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> Commit {
        try await onMirror(of: url, access) { folder, _ in
            try folder.use { mirror throws(GitError) in try mirror.commit(id) }
        }
    }

    /// Remembers `commit` as the last good one of `stack`, durably.
    package func markGood(
        _ commit: Commit,
        stack: StackID,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws {
        try await onMirror(of: url, access) { folder, _ in
            try folder.useRetrying { mirror throws(GitError) in
                try mirror.set(MirrorRef.good(of: stack), to: commit.id)
            }
        }
    }

    /// The last good commit of `stack`; nil if there was none yet.
    package func good(
        stack: StackID,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> Commit? {
        try await onMirror(of: url, access) { folder, _ in
            try folder.useRetrying { mirror throws(GitError) in
                try mirror.commit(at: MirrorRef.good(of: stack))
            }
        }
    }

    /// The files of `commit`, from the mirror's object database.
    ///
    /// Lists the whole tree; reads contents below `folder` first and elsewhere while the
    /// bounds allow.
    package func snapshot(
        of commit: Commit,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess(),
        folder: String = "",
        bounds: SnapshotBounds? = nil
    ) async throws -> Snapshot {
        let bounds = bounds ?? SnapshotBounds(fileSize: rules.limits.file.bytes)
        return try await onMirror(of: url, access) { folderOfMirror, _ in
            try folderOfMirror.use { mirror throws(GitError) in
                try mirror.snapshot(of: commit.id, folder: folder, bounds: bounds)
            }
        }
    }

    /// Whether anything below `folder` differs between two commits; true where `old` is nil or
    /// no longer there, since unknown is never "unchanged".
    package func changed(
        from old: Commit?,
        to new: Commit,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess(),
        folder: String = ""
    ) async throws -> Bool {
        try await onMirror(of: url, access) { folderOfMirror, _ in
            try folderOfMirror.use { mirror throws(GitError) in
                try mirror.changed(from: old?.id, to: new.id, folder: folder)
            }
        }
    }

    /// Gives a path of a branch the content that it had at an earlier commit, by a new commit
    /// that is pushed, and returns that; nil where the branch holds that content already.
    ///
    /// Never forced. Where somebody else pushes in between it is done once more on the new tip,
    /// then it is an error.
    package func restore(
        _ restoration: Restoration,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> Commit? {
        try await speaking(with: url, access) { folder, transfer throws(GitError) in
            try folder.restore(restoration, transfer: transfer)
        }
    }

    /// Runs `body`, which speaks with the repository, when it is its host's turn too.
    ///
    /// Waiting for a host costs no thread: a slow one can hold only its own share of the pool.
    private func speaking<T: Sendable>(
        with url: RepositoryURL,
        _ access: RepositoryAccess,
        _ body: @escaping @Sendable (MirrorFolder, Transfer) throws(GitError) -> T
    ) async throws -> T {
        let rules = rules
        let talk = { () async throws -> T in
            try await onMirror(of: url, access) { folder, stop in
                try body(folder, Transfer(Link(url, access, rules, stop)))
            }
        }
        guard !url.isLocal else { return try await talk() }
        return try await hosts.take(url.host, talk)
    }

    /// Runs `body` on a thread of the pool when it is this mirror's turn.
    private func onMirror<T: Sendable>(
        of url: RepositoryURL,
        _ access: RepositoryAccess,
        _ body: @escaping @Sendable (MirrorFolder, StopFlag) throws -> T
    ) async throws -> T {
        let folder = MirrorFolder(of: url, access, in: directory)
        return try await turns.take(folder.path) {
            try await pool.runStoppable { stop in
                do {
                    return try body(folder, stop)
                } catch let error as GitError {
                    if stop.isSet { throw CancellationError() }
                    throw error
                }
            }
        }
    }
}
