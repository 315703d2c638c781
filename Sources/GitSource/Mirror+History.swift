internal import CGit2
internal import Model

extension Mirror {
    /// Changes that are listed of one commit; who has more sees that there are many.
    private static let changeLimit = 1000

    /// The files that differ between two trees, sorted by path, up to a bound.
    func changes(
        from old: OpaquePointer,
        to new: OpaquePointer,
        _ operation: String
    ) throws(GitError) -> [FileChange] {
        var diff: OpaquePointer?
        try check(operation, git_diff_tree_to_tree(&diff, repository, old, new, nil))
        defer { git_diff_free(diff) }
        let count = min(git_diff_num_deltas(diff), Mirror.changeLimit)
        return (0..<count).compactMap { index in
            guard let delta = git_diff_get_delta(diff, index)?.pointee else { return nil }
            switch delta.status {
            case GIT_DELTA_ADDED:
                return delta.new_file.path.map { FileChange(String(cString: $0), .added) }
            case GIT_DELTA_DELETED:
                return delta.old_file.path.map { FileChange(String(cString: $0), .removed) }
            default:
                return delta.new_file.path.map { FileChange(String(cString: $0), .changed) }
            }
        }
    }

    /// The commit whose id begins with `start`, in the history of `reference` as last fetched.
    ///
    /// What other branches of the mirror hold isn't found: they may be followed by others.
    func commit(startingWith start: String, in reference: GitReference) throws(GitError) -> Commit {
        let operation = "find the commit \(start.prefix(64))"
        let isID =
            (4...40).contains(start.utf8.count)
            && start.utf8.allSatisfy { Mirror.isHexadecimal($0) }
        guard isID else {
            throw GitError(
                .commitMissing,
                operation: operation,
                message: "a commit is named by 4 to 40 of its hexadecimal digits"
            )
        }
        var prefix = git_oid()
        try check(operation, git_oid_fromstrn(&prefix, start.lowercased(), start.utf8.count))
        var pointer: OpaquePointer?
        let status = git_commit_lookup_prefix(&pointer, repository, &prefix, start.utf8.count)
        guard status != GIT_EAMBIGUOUS.rawValue else {
            throw GitError(
                .commitMissing,
                operation: operation,
                message: "more than one object begins so; give more digits"
            )
        }
        let missing = GitError(
            .commitMissing,
            operation: operation,
            message: "the history of \(reference) has no such commit"
        )
        guard status != GIT_ENOTFOUND.rawValue else { throw missing }
        try check(operation, status)
        defer { git_commit_free(pointer) }
        guard let id = git_commit_id(pointer)?.pointee, let tip = try lastFetched(reference),
            try contains(id, in: tip, operation)
        else { throw missing }
        return try commit(ObjectID.text(id))
    }

    /// Whether `id` is `tip` or one of those before it.
    private func contains(
        _ id: git_oid,
        in tip: Commit,
        _ operation: String
    ) throws(GitError) -> Bool {
        guard ObjectID.text(id) != tip.id else { return true }
        var oid = id
        var newest = try ObjectID.parse(tip.id)
        let answer = git_graph_descendant_of(repository, &newest, &oid)
        try check(operation, answer)
        return answer == 1
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}
