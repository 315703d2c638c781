internal import CGit2
internal import Model

/// The refs of a mirror, and what each stands for.
///
/// - `refs/heads/<branch>`: the tip as last fetched. `/` is written `%2F` there, because git
///   can't hold `a` and `a/b` side by side, and a repository may go from one to the other.
/// - `refs/tags/<tag>`: the commit of a tag that is followed, as last fetched.
/// - `refs/versions/<hash of the range>/<tag>`: the highest version of a range so far; it stays
///   when the repository loses the tag.
/// - `refs/gyre/<project>/<stack>/good`: the last good commit of a stack, kept whatever happens
///   to the branch.
enum MirrorRef {
    static func head(of branch: String) -> String { "refs/heads/\(encoded(branch))" }

    static func commit(of tag: String) -> String { "refs/tags/\(encoded(tag))" }

    /// What the refs of a range start with.
    static func prefix(of range: VersionRange) -> String {
        "refs/versions/\(SHA256Hex.of(range.description).prefix(16))/"
    }

    /// A name as one component of a ref.
    static func encoded(_ name: String) -> String {
        name.reduce(into: "") { text, character in
            switch character {
            case "%": text += "%25"
            case "/": text += "%2F"
            default: text.append(character)
            }
        }
    }

    /// The name that was encoded.
    static func decoded(_ name: some StringProtocol) -> String {
        String(name).split(separator: "%2F", omittingEmptySubsequences: false)
            .joined(separator: "/").split(separator: "%25", omittingEmptySubsequences: false)
            .joined(separator: "%")
    }

    static func good(of stack: StackID) -> String {
        "refs/gyre/\(stack.project)/\(stack.stack)/good"
    }

    /// Refuses what git wouldn't take as a branch or a tag, and patterns.
    static func check(_ name: String) throws(GitError) {
        guard !GitReference.isName(name) else { return }
        throw GitError(
            .invalidBranch,
            operation: "read a name",
            message: "\"\(name)\" can't name a branch or a tag"
        )
    }
}

extension Mirror {
    /// The object that `ref` names, or the commit behind it where that is a tag of its own; nil
    /// where there is no such ref.
    ///
    /// A branch must name a commit itself.
    func target(of ref: String) throws(GitError) -> git_oid? {
        var oid = git_oid()
        let status = git_reference_name_to_id(&oid, repository, ref)
        guard status != GIT_ENOTFOUND.rawValue else { return nil }
        try check("read \(ref)", status)
        var tag: OpaquePointer?
        guard !ref.hasPrefix("refs/heads/"),
            git_object_lookup(&tag, repository, &oid, GIT_OBJECT_TAG) == 0
        else { return oid }
        defer { git_object_free(tag) }
        var object: OpaquePointer?
        guard git_object_peel(&object, tag, GIT_OBJECT_COMMIT) == 0 else { return oid }
        defer { git_object_free(object) }
        return git_object_id(object)?.pointee
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
                try remove(ref)
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

    /// Lets go of `ref`.
    func remove(_ ref: String) throws(GitError) {
        try check("remove \(ref)", git_reference_remove(repository, ref))
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
