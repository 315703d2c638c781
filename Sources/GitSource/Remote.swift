internal import CGit2
internal import Model

/// The repository behind a mirror: the one place that speaks with it.
///
/// What a URL's scheme needs (subtransports, credentials, deadlines) goes into the callbacks of
/// its ``Transfer``; nothing else knows how objects travel.
struct Remote: ~Copyable {
    private let pointer: OpaquePointer
    private let url: RepositoryURL
    private let transfer: Transfer

    /// Prepares to fetch from `url` into `mirror`.
    init(
        _ url: RepositoryURL,
        for mirror: borrowing Mirror,
        transfer: Transfer
    ) throws(GitError) {
        try Remote.checkReadable(url)
        var pointer: OpaquePointer?
        let status = git_remote_create_anonymous(
            &pointer,
            mirror.repository,
            Remote.fileURL(url.path)
        )
        try check("open \(url)", status)
        guard let pointer else { throw GitError(.failed, operation: "open \(url)", status: -1) }
        self.pointer = pointer
        self.url = url
        self.transfer = transfer
    }

    deinit { git_remote_free(pointer) }

    /// The id that the tip of `branch` has right now.
    func tip(of branch: String) throws(GitError) -> String {
        let heads = try heads()
        guard !heads.isEmpty else {
            throw GitError(
                .emptyRepository,
                operation: "list \(url)",
                message: "the repository has no commit yet"
            )
        }
        guard let tip = heads[branch] else {
            let others = heads.keys.sorted().prefix(5).joined(separator: ", ")
            throw GitError(
                .branchMissing,
                operation: "list \(url)",
                message: "there is no branch \"\(branch)\"; there is \(others)"
            )
        }
        return tip
    }

    /// Brings the objects of `ref` into the mirror and lets `local` name its tip there, however
    /// the branch was rewritten.
    func fetch(_ ref: String, to local: String) throws(GitError) {
        let operation = "fetch \(ref) from \(url)"
        var options = git_fetch_options()
        git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION))
        options.callbacks = transfer.callbacks
        options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
        options.prune = GIT_FETCH_NO_PRUNE
        options.update_fetchhead = 0
        let status = withExtendedLifetime(transfer) {
            "+\(ref):\(local)".withCString { spec in
                var pattern: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: spec)
                return withUnsafeMutablePointer(to: &pattern) { strings in
                    var specs = git_strarray(strings: strings, count: 1)
                    return git_remote_fetch(pointer, &specs, &options, nil)
                }
            }
        }
        guard !transfer.isTooLarge else {
            throw GitError(
                .tooLarge,
                operation: operation,
                message: "it brings more than \(ByteCount(transfer.limit))"
            )
        }
        try checkRemote(operation, status)
    }

    /// Branches and their tips.
    private func heads() throws(GitError) -> [String: String] {
        var callbacks = transfer.callbacks
        let status = withExtendedLifetime(transfer) {
            git_remote_connect(pointer, GIT_DIRECTION_FETCH, &callbacks, nil, nil)
        }
        try checkRemote("connect to \(url)", status)
        var list: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try checkRemote("list \(url)", git_remote_ls(&list, &count, pointer))
        var heads: [String: String] = [:]
        for index in 0..<count {
            guard let head = list?[index]?.pointee, let name = head.name else { continue }
            let ref = String(cString: name)
            guard ref.hasPrefix("refs/heads/") else { continue }
            heads[String(ref.dropFirst("refs/heads/".count))] = ObjectID.text(head.oid)
        }
        return heads
    }

    /// As ``check``, but what is damaged is the repository, not the mirror.
    private func checkRemote(_ operation: String, _ status: Int32) throws(GitError) {
        do {
            try check(operation, status)
        } catch let error where error.code == .corruptMirror || error.code == .invalidTree {
            throw GitError(.corruptRemote, operation: operation, message: error.message)
        }
    }
}
