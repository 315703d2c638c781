internal import CGit2
internal import Model

/// The repository behind a mirror: the one place that speaks with it.
///
/// What a URL's scheme needs (wires, credentials, deadlines) hangs on the callbacks of its
/// ``Transfer``; nothing here knows how objects travel.
struct Remote: ~Copyable {
    let pointer: OpaquePointer
    let url: RepositoryURL
    let transfer: Transfer

    /// Prepares to speak with the repository of `transfer` for `mirror`.
    init(for mirror: borrowing Mirror, transfer: Transfer) throws(GitError) {
        let url = transfer.link.url
        try transfer.link.checkScheme()
        if url.isLocal { try Remote.checkReadable(url) }
        let text = url.isLocal ? Remote.fileURL(url.path) : url.text
        var pointer: OpaquePointer?
        var options = git_remote_create_options()
        git_remote_create_options_init(&options, UInt32(GIT_REMOTE_CREATE_OPTIONS_VERSION))
        options.repository = mirror.repository
        // No configuration leads elsewhere (`insteadOf`); and to compare its entries costs 72 KiB
        // for ever each time: libgit2 1.5 frees nothing of a pattern that does not match.
        options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF.rawValue
        let status = git_remote_create_with_opts(&pointer, text, &options)
        try check("open \(url)", status)
        guard let pointer else { throw GitError(.failed, operation: "open \(url)", status: -1) }
        self.pointer = pointer
        self.url = url
        self.transfer = transfer
    }

    deinit { git_remote_free(pointer) }

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
        try checkRemote(operation, status)
    }

    /// What each ref names right now; a tag with an object of its own counts as its commit.
    func refs() throws(GitError) -> [String: String] {
        var callbacks = transfer.callbacks
        let status = withExtendedLifetime(transfer) {
            git_remote_connect(pointer, GIT_DIRECTION_FETCH, &callbacks, nil, nil)
        }
        try checkRemote("connect to \(url)", status)
        var list: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
        var count = 0
        try checkRemote("list \(url)", git_remote_ls(&list, &count, pointer))
        try transfer.check(refs: count)
        var refs: [String: String] = [:]
        for index in 0..<count {
            guard let head = list?[index]?.pointee, let name = head.name else { continue }
            let ref = String(cString: name)
            // `refs/tags/v1^{}` follows `refs/tags/v1` and names the commit behind it.
            let isPeeled = ref.hasPrefix("refs/tags/") && ref.hasSuffix("^{}")
            refs[isPeeled ? String(ref.dropLast(3)) : ref] = ObjectID.text(head.oid)
        }
        return refs
    }

    /// As ``check``, but what is damaged is the repository, not the mirror.
    ///
    /// What a wire or a limit had to say comes first: libgit2 only knows that it was stopped.
    func checkRemote(_ operation: String, _ status: Int32) throws(GitError) {
        guard status < 0 else { return }
        if let failure = transfer.failure { throw failure }
        do {
            try check(operation, status)
        } catch let error where error.code == .corruptMirror || error.code == .invalidTree {
            throw GitError(.corruptRemote, operation: operation, message: error.message)
        } catch let error where error.code == .failed && !url.isLocal {
            throw GitError(Remote.code(error.message), operation: operation, message: error.message)
        }
    }

    /// What libgit2 says of a server's answer: git's own error packet, or no packet at all.
    ///
    /// Source: gitprotocol-pack(5), "error-line".
    private static func code(_ message: String) -> GitError.Code {
        guard message.hasPrefix("remote error: ") else { return .protocolError }
        let text = message.lowercased()
        let isMissing = ["not found", "does not exist", "not exported", "access denied"]
            .contains { text.contains($0) }
        return isMissing ? .notFound : .unavailable
    }
}
