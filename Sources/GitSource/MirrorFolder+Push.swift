internal import CGit2
internal import Model

extension MirrorFolder {
    /// Restores a path on top of the branch as it is now, and pushes that; nil where the branch
    /// holds that content already.
    ///
    /// Never forced: where somebody else pushes in between, it is done once more on the new tip.
    func restore(_ restoration: Restoration, transfer: Transfer) throws(GitError) -> Commit? {
        for _ in 0..<2 {
            let tip = try head(of: .branch(restoration.branch), transfer: Transfer(transfer.link))
            let result = try use { mirror throws(GitError) -> Pushed in
                guard let id = try mirror.commit(restoration, onto: tip) else { return .nothing }
                let attempt = Transfer(transfer.link)
                guard try mirror.push(id, to: restoration.branch, attempt) else { return .moved }
                try mirror.set(MirrorRef.head(of: restoration.branch), to: id)
                return .done(try mirror.commit(id))
            }
            switch result {
            case .done(let commit): return commit
            case .nothing: return nil
            case .moved: continue
            }
        }
        throw GitError(
            .branchMoved,
            operation: "push to \(restoration.branch) of \(url)",
            message: "somebody else pushes to it at the same time"
        )
    }

    private enum Pushed {
        case done(Commit)
        case nothing
        case moved
    }
}

extension Mirror {
    /// Pushes a commit; false where the branch has moved on.
    fileprivate func push(
        _ id: String,
        to branch: String,
        _ transfer: Transfer
    ) throws(GitError) -> Bool {
        let local = "refs/push/\(MirrorRef.encoded(branch))"
        try set(local, to: id)
        defer { try? remove(local) }
        return try Remote(for: self, transfer: transfer).push(local, to: "refs/heads/\(branch)")
    }
}

extension Remote {
    /// Lets `ref` of the repository name what `local` does, if that only adds to it.
    ///
    /// - Returns: False where the ref has moved on.
    fileprivate func push(_ local: String, to ref: String) throws(GitError) -> Bool {
        let operation = "push to \(ref) of \(url)"
        var options = git_push_options()
        git_push_options_init(&options, UInt32(GIT_PUSH_OPTIONS_VERSION))
        options.callbacks = transfer.callbacks
        options.pb_parallelism = 1
        let status = withExtendedLifetime(transfer) {
            "\(local):\(ref)".withCString { spec in
                var pattern: UnsafeMutablePointer<CChar>? = UnsafeMutablePointer(mutating: spec)
                return withUnsafeMutablePointer(to: &pattern) { strings in
                    var specs = git_strarray(strings: strings, count: 1)
                    return git_remote_push(pointer, &specs, &options)
                }
            }
        }
        if status == GIT_ENONFASTFORWARD.rawValue { return false }
        try checkRemote(operation, status)
        guard let rejection = transfer.rejection else { return true }
        // Source: the reasons that git-receive-pack(1) gives when it was overtaken.
        let overtaken = ["fetch first", "non-fast-forward", "stale info", "failed to update ref"]
        if overtaken.contains(where: { rejection.contains($0) }) { return false }
        let words = rejection.prefix(200).filter { !$0.isNewline }
        throw GitError(.pushRejected, operation: operation, message: "the server says: \(words)")
    }
}
