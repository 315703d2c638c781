internal import CGit2
internal import Model

/// One open bare mirror.
///
/// It never leaves the thread that opened it: libgit2's objects may be used by one thread at a
/// time, and everything taken from them is copied into values first.
struct Mirror: ~Copyable {
    let repository: OpaquePointer

    /// Opens the mirror at `path`.
    init(opening path: String) throws(GitError) {
        try LibGit2.start()
        var pointer: OpaquePointer?
        try check("open the mirror \(path)", git_repository_open_bare(&pointer, path))
        guard let pointer else {
            throw GitError(.failed, operation: "open the mirror \(path)", status: -1)
        }
        repository = pointer
    }

    /// Makes an empty mirror of `url` at `path`, where nothing may be yet.
    init(creating path: String, of url: RepositoryURL) throws(GitError) {
        try LibGit2.start()
        var options = git_repository_init_options()
        git_repository_init_options_init(
            &options,
            UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION)
        )
        options.flags =
            GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_NO_REINIT.rawValue
            | GIT_REPOSITORY_INIT_MKDIR.rawValue
        var pointer: OpaquePointer?
        let status = url.text.withCString { text in
            options.description = text
            return git_repository_init_ext(&pointer, path, &options)
        }
        try check("create the mirror \(path)", status)
        guard let pointer else {
            throw GitError(.failed, operation: "create the mirror \(path)", status: -1)
        }
        repository = pointer
    }

    deinit { git_repository_free(repository) }

    /// The commit `id`; a missing one is `.commitMissing`.
    func commit(_ id: String) throws(GitError) -> Commit {
        let commit = try lookUp(id)
        defer { git_commit_free(commit) }
        return Commit(copying: commit, id: id)
    }

    /// The tree of the commit `id`; the caller frees it.
    func tree(of id: String) throws(GitError) -> OpaquePointer {
        let commit = try lookUp(id)
        defer { git_commit_free(commit) }
        let operation = "read the tree of \(id)"
        var tree: OpaquePointer?
        try check(operation, git_commit_tree(&tree, commit))
        guard let tree else { throw GitError(.failed, operation: operation, status: -1) }
        return tree
    }

    /// The commit `id`; the caller frees it.
    private func lookUp(_ id: String) throws(GitError) -> OpaquePointer? {
        var oid = try ObjectID.parse(id)
        var pointer: OpaquePointer?
        let status = git_commit_lookup(&pointer, repository, &oid)
        guard status != GIT_ENOTFOUND.rawValue else {
            throw try has(oid)
                ? GitError(
                    .notACommit,
                    operation: "read \(id)",
                    message: "the object is no commit"
                )
                : GitError(
                    .commitMissing,
                    operation: "read \(id)",
                    message: "the mirror lacks it"
                )
        }
        try check("read \(id)", status)
        return pointer
    }

    /// Whether there is an object of this id, of whatever type.
    private func has(_ oid: git_oid) throws(GitError) -> Bool {
        var database: OpaquePointer?
        try check("open the object database", git_repository_odb(&database, repository))
        defer { git_odb_free(database) }
        var oid = oid
        return git_odb_exists(database, &oid) == 1
    }
}

/// Object ids between libgit2's bytes and our text.
enum ObjectID {
    static func parse(_ text: String) throws(GitError) -> git_oid {
        var oid = git_oid()
        guard text.utf8.count == Int(GIT_OID_HEXSZ) else {
            throw GitError(
                .commitMissing,
                operation: "read an object id",
                message: "it needs \(GIT_OID_HEXSZ) hexadecimal digits"
            )
        }
        try check("read an object id", git_oid_fromstr(&oid, text))
        return oid
    }

    static func text(_ oid: git_oid) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return withUnsafeBytes(of: oid.id) { bytes in
            String(
                decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
                as: UTF8.self
            )
        }
    }
}

extension Commit {
    /// Messages are a tenant's input without a bound; nobody reads more than this.
    private static let messageLimit = 64 << 10

    fileprivate init(copying commit: OpaquePointer?, id: String) {
        let message = git_commit_message(commit).map { String(cString: $0) } ?? ""
        func words(_ person: git_signature?) -> String {
            let name = person?.name.map { String(cString: $0) } ?? ""
            let email = person?.email.map { String(cString: $0) } ?? ""
            return "\(name) <\(email)>"
        }
        let author = git_commit_author(commit)?.pointee
        self.init(
            id: id,
            author: words(author),
            committer: git_commit_committer(commit).map { words($0.pointee) },
            seconds: author?.when.time ?? 0,
            message: String(decoding: message.utf8.prefix(Commit.messageLimit), as: UTF8.self)
        )
    }
}
