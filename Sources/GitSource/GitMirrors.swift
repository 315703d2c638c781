package import Model
package import Transport

/// Repositories and branches to commits and snapshots, through bare mirrors of our own.
///
/// One mirror for each repository, made when it is first asked for. Every call into libgit2
/// runs on a thread of a pool. One conversation goes on for each mirror at a time, and other
/// threads read what the mirror holds meanwhile, so that neither a long fetch nor a slow server
/// keeps anybody from what is there already. Whatever can't be read is an error, never an empty
/// answer.
///
/// A mirror belongs to a URL and to what it is entered by: every call names both.
package struct GitMirrors: Sendable {
    private let directory: String
    /// Threads that speak with servers.
    private let talkers: BlockingPool
    /// Threads that read mirrors, which takes a moment.
    private let readers = BlockingPool(name: "mirrors", threads: 8)
    private let rules: GitRules
    /// How long another process that speaks with a repository is waited for.
    private let patience: Duration
    /// Who speaks with a mirror's repository.
    private let talks = Turns<String>()
    /// Who reads a mirror, sets a ref in it, or puts another in its place.
    private let looks = Turns<String>()
    private let hosts: Turns<String>
    private let signatures = SignatureMemory()

    /// Keeps the mirrors below `directory`, which belongs to Gyre alone, and speaks with servers
    /// on threads of `pool`.
    ///
    /// Where another process speaks with a repository, it is waited for as long as that may take,
    /// or for `patience`: whoever only looks goes on with what was fetched last.
    package init(
        directory: String,
        pool: BlockingPool,
        rules: GitRules = GitRules(),
        patience: Duration? = nil
    ) {
        self.directory = directory
        talkers = pool
        self.rules = rules
        self.patience = patience ?? rules.limits.time
        hosts = Turns(limit: rules.connectionsPerHost)
    }

    /// Starts what speaks with repositories, which reads the machine's certificates.
    ///
    /// Whoever needs it first does so otherwise.
    package static func start() async { try? LibGit2.start() }

    /// The commits that `references` mean now, in their order, by one question.
    ///
    /// Asks the repository for its refs and fetches only what moved of those that count. A
    /// missing branch or tag and an empty repository are errors, each of its own reference. A
    /// rewritten branch and a moved tag are followed; a range of versions never goes back, even
    /// where its highest tag was deleted; commits that a ref keeps
    /// (``markGood(_:stack:at:by:)``) stay.
    package func heads(
        of references: [GitReference],
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> [Result<Commit, GitError>] {
        try await speaking(with: url, access) { folder, transfer throws(GitError) in
            try folder.heads(of: references, transfer: transfer)
        }
    }

    /// The commit that one `reference` means now.
    package func head(
        of reference: GitReference,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> Commit {
        let heads = try await heads(of: [reference], at: url, by: access)
        return try heads[0].get()
    }

    /// The commit that `reference` meant when it was last fetched, without asking the
    /// repository; nil if it never was.
    package func lastFetched(
        _ reference: GitReference,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> Commit? {
        try await onMirror(of: url, access, isRetried: true) { folder throws(GitError) in
            try folder.use { mirror throws(GitError) in
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
        try await onMirror(of: url, access) { folder throws(GitError) in
            try folder.use { mirror throws(GitError) in try mirror.commit(id) }
        }
    }

    /// The commit whose id begins with `start`, from the history of `reference` in the mirror.
    package func commit(
        startingWith start: String,
        in reference: GitReference,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws -> Commit {
        try await onMirror(of: url, access) { folder throws(GitError) in
            try folder.use { mirror throws(GitError) in
                try mirror.commit(startingWith: start, in: reference)
            }
        }
    }

    /// Remembers `commit` as the last good one of `stack`, durably.
    package func markGood(
        _ commit: Commit,
        stack: StackID,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess()
    ) async throws {
        try await onMirror(of: url, access, isRetried: true) { folder throws(GitError) in
            try folder.use { mirror throws(GitError) in
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
        try await onMirror(of: url, access, isRetried: true) { folder throws(GitError) in
            try folder.use { mirror throws(GitError) in
                try mirror.commit(at: MirrorRef.good(of: stack))
            }
        }
    }

    /// Who signed `commit`, or the tag by which `reference` leads to it: one of `signers`, else it
    /// is an error.
    package func signer(
        of commit: Commit,
        following reference: GitReference,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess(),
        among signers: Signers
    ) async throws -> String {
        let key = SignatureMemory.Key(commit, reference, signers)
        if let known = signatures.signer(key) { return known }
        let signed = try await onMirror(of: url, access) { folder throws(GitError) in
            try folder.use { mirror throws(GitError) in
                let texts = [try mirror.signed(commit.id)]
                return try texts + [mirror.signedTag(reference, of: commit.id)]
            }
        }
        let check = SignatureCheck(of: signers, folder: directory)
        let signer = try await run(on: readers) { stop throws(GitError) in
            try check.signer(of: commit, signed.compactMap(\.self), stop)
        }
        signatures.remember(signer, key)
        return signer
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
        return try await onMirror(of: url, access) { folderOfMirror throws(GitError) in
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
        try await onMirror(of: url, access) { folderOfMirror throws(GitError) in
            try folderOfMirror.use { mirror throws(GitError) in
                try mirror.changed(from: old?.id, to: new.id, folder: folder)
            }
        }
    }

    /// Gives a path of a branch the content that it had at an earlier commit, by a new commit
    /// that is pushed if `isPushed`; none where the branch holds that content already.
    ///
    /// Signed where the rules name a key; by one of `signers`, where somebody has to sign, else it
    /// is an error and nothing is pushed. Never forced. Where somebody else pushes in between it is
    /// done once more on the new tip, then it is an error.
    package func restore(
        _ restoration: Restoration,
        at url: RepositoryURL,
        by access: RepositoryAccess = RepositoryAccess(),
        among signers: Signers? = nil,
        isPushed: Bool = true
    ) async throws -> Restored {
        let (key, directory) = (rules.signingKey, directory)
        guard signers == nil || key != nil else {
            throw GitError(
                .cannotSign,
                operation: "push to \(url)",
                message: "its commits have to be signed; name \"signing_key\" under \"git\" of "
                    + "gyre.yaml, or revert and sign it yourself"
            )
        }
        return try await speaking(with: url, access) { folder, transfer throws(GitError) in
            let stop = transfer.link.patience.stop
            let signing = key.map {
                CommitSigning(key: $0, signers: signers, folder: directory, stop: stop)
            }
            return try folder.restore(
                restoration,
                signedBy: signing,
                isPushed: isPushed,
                transfer: transfer
            )
        }
    }

    /// Runs `body`, which speaks with the repository, when it is its mirror's turn and its host's.
    ///
    /// Waiting costs no thread: a slow host can hold only its own share of the pool.
    private func speaking<T: Sendable>(
        with url: RepositoryURL,
        _ access: RepositoryAccess,
        _ body: @escaping @Sendable (MirrorFolder, Transfer) throws(GitError) -> T
    ) async throws -> T {
        let rules = rules
        let folder = MirrorFolder(of: url, access, in: directory)
        let talk = { () async throws -> T in
            try await run(on: talkers) { stop throws(GitError) in
                try body(folder, Transfer(Link(url, access, rules, stop)))
            }
        }
        return try await alone(with: folder) {
            let result: T
            do {
                try await look(at: folder) { folder throws(GitError) in try folder.prepare() }
                result = try await inTurn(url, talk)
            } catch let error as GitError where error.isOfMirror {
                if error.code == .corruptMirror { try await rebuild(folder) }
                result = try await inTurn(url, talk)
            }
            // What was asked for is there either way; what fails here is tried again later.
            if folder.hasManyPacks { try? await rebuild(folder, keepingOld: false) }
            return result
        }
    }

    /// Runs `body` while nobody else, of this process or another, speaks with the repository.
    private func alone<T>(
        with folder: MirrorFolder,
        _ body: () async throws -> T
    ) async throws -> T {
        try await talks.take(folder.path) {
            try folder.makeParent()
            return try await ProcessLock.take(
                folder.turnPath,
                within: patience,
                to: "speak with \(folder.url)",
                body
            )
        }
    }

    private func inTurn<T: Sendable>(
        _ url: RepositoryURL,
        _ talk: () async throws -> T
    ) async throws -> T {
        guard !url.isLocal else { return try await talk() }
        return try await hosts.take(url.host, talk)
    }

    /// Runs `body`, which takes a moment, on the mirror, whatever is being fetched into it.
    ///
    /// A mirror that it finds damaged is rebuilt, and then `body` is run once more if `isRetried`.
    private func onMirror<T: Sendable>(
        of url: RepositoryURL,
        _ access: RepositoryAccess,
        isRetried: Bool = false,
        _ body: @escaping @Sendable (MirrorFolder) throws(GitError) -> T
    ) async throws -> T {
        let folder = MirrorFolder(of: url, access, in: directory)
        do {
            return try await look(at: folder, body)
        } catch let error as GitError where error.isOfMirror {
            if error.code == .corruptMirror {
                try await alone(with: folder) { try await rebuild(folder) }
            }
            guard isRetried else { throw error }
            return try await look(at: folder, body)
        }
    }

    /// Only while nobody speaks with the mirror's repository.
    private func rebuild(_ folder: MirrorFolder, keepingOld: Bool = true) async throws {
        try await look(at: folder) { folder throws(GitError) in
            try folder.rebuild(keepingOld: keepingOld)
        }
    }

    private func look<T: Sendable>(
        at folder: MirrorFolder,
        _ body: @escaping @Sendable (MirrorFolder) throws(GitError) -> T
    ) async throws -> T {
        try await looks.take(folder.path) {
            try await run(on: readers) { _ throws(GitError) in try body(folder) }
        }
    }

    private func run<T: Sendable>(
        on pool: BlockingPool,
        _ body: @escaping @Sendable (StopFlag) throws(GitError) -> T
    ) async throws -> T {
        try await pool.runStoppable { stop in
            do throws(GitError) {
                return try body(stop)
            } catch {
                if stop.isSet { throw CancellationError() }
                throw error
            }
        }
    }
}

extension GitError {
    /// Whether the mirror stood in the way, and not the repository.
    var isOfMirror: Bool { code == .corruptMirror || code == .locked }
}
