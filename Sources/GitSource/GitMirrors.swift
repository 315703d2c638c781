package import Model
package import Transport

/// Repositories and branches to commits and snapshots, through bare mirrors of our own.
///
/// One mirror for each repository, made when it is first asked for. Every call into libgit2
/// runs on a thread of the pool; one mirror is used by one caller at a time, different mirrors
/// side by side. Whatever can't be read is an error, never an empty answer.
package struct GitMirrors: Sendable {
    private let directory: String
    private let pool: BlockingPool
    private let fetchLimit: Int64
    private let turns = Turns<RepositoryURL>()

    /// Keeps the mirrors below `directory`, which belongs to Gyre alone.
    ///
    /// A single fetch that brings more than `fetchLimit` bytes is broken off, so that one
    /// repository can't fill the disk of all.
    package init(directory: String, pool: BlockingPool, fetchLimit: ByteCount = .gibibytes(1)) {
        self.directory = directory
        self.pool = pool
        self.fetchLimit = fetchLimit.bytes
    }

    /// The commit that `branch` is at now.
    ///
    /// Asks the repository for its tip and fetches only when that moved. A missing branch and
    /// an empty repository are errors. A rewritten branch is followed; commits that a ref keeps
    /// (``markGood(_:stack:at:)``) stay.
    package func head(of branch: String, at url: RepositoryURL) async throws -> Commit {
        try await onMirror(of: url) { [fetchLimit] folder, stop in
            try folder.head(of: branch, transfer: Transfer(stop: stop, limit: fetchLimit))
        }
    }

    /// The commit that `branch` was at when it was last fetched, without asking the repository;
    /// nil if it never was.
    package func lastFetched(branch: String, at url: RepositoryURL) async throws -> Commit? {
        try await onMirror(of: url) { folder, _ in
            try MirrorRef.check(branch: branch)
            return try folder.useRetrying { mirror throws(GitError) in
                try mirror.commit(at: MirrorRef.head(of: branch))
            }
        }
    }

    /// The commit with the full id `id`, from the mirror.
    package func commit(_ id: String, at url: RepositoryURL) async throws -> Commit {
        try await onMirror(of: url) { folder, _ in
            try folder.use { mirror throws(GitError) in try mirror.commit(id) }
        }
    }

    /// Remembers `commit` as the last good one of `stack`, durably.
    package func markGood(
        _ commit: Commit,
        stack: StackID,
        at url: RepositoryURL
    ) async throws {
        try await onMirror(of: url) { folder, _ in
            try folder.useRetrying { mirror throws(GitError) in
                try mirror.set(MirrorRef.good(of: stack), to: commit.id)
            }
        }
    }

    /// The last good commit of `stack`; nil if there was none yet.
    package func good(stack: StackID, at url: RepositoryURL) async throws -> Commit? {
        try await onMirror(of: url) { folder, _ in
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
        folder: String = "",
        bounds: SnapshotBounds = SnapshotBounds()
    ) async throws -> Snapshot {
        try await onMirror(of: url) { folderOfMirror, _ in
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
        folder: String = ""
    ) async throws -> Bool {
        try await onMirror(of: url) { folderOfMirror, _ in
            try folderOfMirror.use { mirror throws(GitError) in
                try mirror.changed(from: old?.id, to: new.id, folder: folder)
            }
        }
    }

    /// Runs `body` on a thread of the pool when it is this mirror's turn.
    private func onMirror<T: Sendable>(
        of url: RepositoryURL,
        _ body: @escaping @Sendable (MirrorFolder, StopFlag) throws -> T
    ) async throws -> T {
        let folder = MirrorFolder(of: url, in: directory)
        return try await turns.take(url) {
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
