internal import CGit2
internal import Model

/// The refs of a mirror, and what each stands for.
///
/// - `refs/heads/<branch>`: the tip as last fetched. `/` is written `%2F` there, because git
///   can't hold `a` and `a/b` side by side, and a repository may go from one to the other.
/// - `refs/gyre/<project>/<stack>/good`: the last good commit of a stack, kept whatever happens
///   to the branch.
enum MirrorRef {
    static func head(of branch: String) -> String {
        let name = branch.reduce(into: "") { text, character in
            switch character {
            case "%": text += "%25"
            case "/": text += "%2F"
            default: text.append(character)
            }
        }
        return "refs/heads/\(name)"
    }

    static func good(of stack: StackID) -> String {
        "refs/gyre/\(stack.project)/\(stack.stack)/good"
    }

    /// Refuses what git wouldn't take as a branch, and patterns.
    static func check(branch: String) throws(GitError) {
        var isValid: Int32 = 0
        let status = git_reference_name_is_valid(&isValid, "refs/heads/\(branch)")
        let hasText = !branch.utf8.contains { $0 < 0x20 || $0 == UInt8(ascii: "*") }
        guard status == 0, isValid == 1, hasText else {
            throw GitError(
                .invalidBranch,
                operation: "read a branch name",
                message: "\"\(branch)\" can't name a branch"
            )
        }
    }
}

extension Mirror {
    /// The object that `ref` names; nil where there is no such ref.
    func target(of ref: String) throws(GitError) -> git_oid? {
        var oid = git_oid()
        let status = git_reference_name_to_id(&oid, repository, ref)
        guard status != GIT_ENOTFOUND.rawValue else { return nil }
        try check("read \(ref)", status)
        return oid
    }

    /// The commit that `ref` names; nil where there is no such ref.
    ///
    /// A ref to a missing object means that the mirror is damaged.
    func commit(at ref: String) throws(GitError) -> Commit? {
        guard let oid = try target(of: ref) else { return nil }
        do {
            return try commit(ObjectID.text(oid))
        } catch let error where error.code == .commitMissing {
            throw GitError(
                .corruptMirror,
                operation: "read \(ref)",
                message: "its commit \(ObjectID.text(oid)) is missing"
            )
        }
    }

    /// The commit that `ref` names since it was fetched.
    ///
    /// When it names something else, `ref` is put back to `known`: a ref always names a commit.
    func commit(at ref: String, else known: Commit?) throws(GitError) -> Commit {
        do throws(GitError) {
            if let commit = try commit(at: ref) { return commit }
            throw GitError(
                .branchMissing,
                operation: "read \(ref)",
                message: "the branch vanished while it was fetched"
            )
        } catch let error where error.code == .notACommit {
            if let known {
                try set(ref, to: known.id)
            } else {
                try check("remove \(ref)", git_reference_remove(repository, ref))
            }
            throw error
        }
    }

    /// Lets `ref` name the commit `id`, durably.
    func set(_ ref: String, to id: String) throws(GitError) {
        var oid = try ObjectID.parse(id)
        _ = try commit(id)
        var reference: OpaquePointer?
        try check(
            "write \(ref)",
            git_reference_create(&reference, repository, ref, &oid, 1, nil)
        )
        git_reference_free(reference)
    }

    /// The names of all refs, sorted.
    func refs() throws(GitError) -> [String] {
        var names = git_strarray()
        try check("list refs", git_reference_list(&names, repository))
        defer { git_strarray_dispose(&names) }
        return (0..<names.count).compactMap { names.strings[$0].map { String(cString: $0) } }
            .sorted()
    }

    /// Makes sure that every ref names a commit with its tree, before libgit2 tells a remote
    /// that we have them.
    func verify() throws(GitError) {
        for ref in try refs() {
            guard let commit = try commit(at: ref) else { continue }
            git_tree_free(try tree(of: commit.id))
        }
    }
}
