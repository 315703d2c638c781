internal import Model

extension MirrorFolder {
    /// Each fetch adds a pack, and each pack slows every look-up down.
    private static let packLimit = 50

    /// The tip of `branch` as the repository has it now; fetches only when it moved.
    func head(of branch: String, transfer: Transfer) throws(GitError) -> Commit {
        try MirrorRef.check(branch: branch)
        let ref = MirrorRef.head(of: branch)
        let (commit, hasManyPacks) = try useRetrying { mirror throws(GitError) in
            let known = try mirror.commit(at: ref)
            let remote = try Remote(url, for: mirror, transfer: transfer)
            let tip = try remote.tip(of: branch)
            if let known, known.id == tip { return (known, false) }
            try mirror.verify()
            try remote.fetch("refs/heads/\(branch)", to: ref)
            let commit = try mirror.commit(at: ref, else: known)
            return (commit, mirror.packCount() > MirrorFolder.packLimit)
        }
        // The commit is there either way; what fails here is tried again after a later fetch.
        if hasManyPacks { try? rebuild(keepingOld: false) }
        return commit
    }
}
