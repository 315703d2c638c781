internal import CGit2
internal import Model

extension MirrorFolder {
    /// Restores a path on top of the branch as it is now, and pushes that if `isPushed`.
    ///
    /// Never forced: where somebody else pushes in between, it is done once more on the new tip.
    func restore(
        _ restoration: Restoration,
        signedBy signing: CommitSigning?,
        isPushed: Bool,
        transfer: Transfer
    ) throws(GitError) -> Restored {
        if isPushed { try Remote.checkHooks(url) }
        for _ in 0..<2 {
            let tip = try head(of: .branch(restoration.branch), transfer: Transfer(transfer.link))
            let restored = try use { mirror throws(GitError) -> Restored? in
                guard let draft = try mirror.draft(restoration, onto: tip, signedBy: signing)
                else {
                    return Restored(tip: tip)
                }
                guard isPushed else { return Restored(tip: tip, changes: draft.changes) }
                let attempt = Transfer(transfer.link)
                guard try mirror.push(draft.id, to: restoration.branch, attempt) else { return nil }
                try mirror.set(MirrorRef.head(of: restoration.branch), to: draft.id)
                let commit = try mirror.commit(draft.id)
                return Restored(tip: tip, commit: commit, changes: draft.changes)
            }
            if let restored { return restored }
        }
        throw GitError(
            .branchMoved,
            operation: "push to \(restoration.branch) of \(url)",
            message: "somebody else pushes to it at the same time"
        )
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
        do throws(GitError) {
            try checkRemote(operation, status)
        } catch let error where Remote.isForbidden(error) {
            throw GitError(.pushForbidden, operation: operation, message: error.message)
        }
        guard let rejection = transfer.rejection else { return true }
        // Source: the reasons that git-receive-pack(1) gives when it was overtaken.
        let overtaken = ["fetch first", "non-fast-forward", "stale info", "failed to update ref"]
        if overtaken.contains(where: { rejection.contains($0) }) { return false }
        let words = ([rejection] + transfer.remarks).joined(separator: ": ")
        throw GitError(.pushRejected, operation: operation, message: "the server says: \(words)")
    }

    /// Whether a push came to nothing because of who pushes, as reading went well just before.
    ///
    /// What keeps a key from writing over ssh is a program of the server's, which says so in its
    /// own words and ends.
    private static func isForbidden(_ error: GitError) -> Bool {
        switch error.code {
        case .forbidden, .unauthorized, .notFound, .failed, .unreadable: true
        default: false
        }
    }
}
