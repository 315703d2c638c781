internal import CGit2
internal import Model

extension Mirror {
    /// A commit that is written but not pushed: nobody's yet.
    struct Draft {
        let id: String
        let changes: [FileChange]
    }

    /// Writes a commit on top of `tip` that restores a path; nil where the path holds that
    /// content already.
    ///
    /// Nothing else of the tree is touched, and no ref: who doesn't push it has changed nothing.
    func draft(
        _ restoration: Restoration,
        onto tip: Commit,
        signedBy signing: CommitSigning?
    ) throws(GitError) -> Draft? {
        let operation = "restore \(restoration.path) from \(restoration.source.short)"
        let current = try tree(of: tip.id)
        defer { git_tree_free(current) }
        let source = try tree(of: restoration.source.id)
        defer { git_tree_free(source) }
        let root = try restored(restoration, in: current, from: source, operation)
        guard let now = git_tree_id(current), ObjectID.text(now.pointee) != ObjectID.text(root)
        else { return nil }
        let tree = try look(up: root, operation)
        defer { git_tree_free(tree) }
        let id = try write(tree, onto: tip, restoration, signing, operation)
        if let signing { try signing.check(try commit(id), try signed(id)) }
        return Draft(
            id: id,
            changes: try changes(from: current, to: tree, operation)
        )
    }

    /// The tree with the path restored, and what is excepted put back.
    private func restored(
        _ restoration: Restoration,
        in current: OpaquePointer,
        from source: OpaquePointer,
        _ operation: String
    ) throws(GitError) -> git_oid {
        let names = Mirror.names(restoration.path)
        var root = try ObjectID.parse(git_tree_id(source).map { ObjectID.text($0.pointee) } ?? "")
        if !names.isEmpty {
            let content = try entry(names.joined(separator: "/"), of: source, operation)
            root = try replaced(names, of: current, by: content, operation)
        }
        for path in restoration.except.sorted() {
            let names = Mirror.names(path)
            let content = try entry(names.joined(separator: "/"), of: current, operation)
            let tree = try look(up: root, operation)
            defer { git_tree_free(tree) }
            root = try replaced(names, of: tree, by: content, operation)
        }
        return root
    }

    private static func names(_ path: String) -> [String] {
        path.split(separator: "/").filter { $0 != "." }.map(String.init)
    }

    /// What stands in a tree.
    private struct Content {
        let id: git_oid
        let mode: git_filemode_t
    }

    private func entry(
        _ path: String,
        of tree: OpaquePointer,
        _ operation: String
    ) throws(GitError) -> Content? {
        var entry: OpaquePointer?
        let status = git_tree_entry_bypath(&entry, tree, path)
        guard status != GIT_ENOTFOUND.rawValue else { return nil }
        try check(operation, status)
        defer { git_tree_entry_free(entry) }
        guard let id = git_tree_entry_id(entry) else { return nil }
        return Content(id: id.pointee, mode: git_tree_entry_filemode(entry))
    }

    /// The tree with `content` at the path `names`, or without anything there.
    private func replaced(
        _ names: [String],
        of tree: OpaquePointer,
        by content: Content?,
        _ operation: String
    ) throws(GitError) -> git_oid {
        if let id = try replace(names[...], of: tree, by: content, operation) { return id }
        var builder: OpaquePointer?
        try check(operation, git_treebuilder_new(&builder, repository, nil))
        defer { git_treebuilder_free(builder) }
        var id = git_oid()
        try check(operation, git_treebuilder_write(&id, builder))
        return id
    }

    /// The same; nil when nothing is left of the tree, since git keeps no empty folders.
    private func replace(
        _ names: ArraySlice<String>,
        of tree: OpaquePointer?,
        by content: Content?,
        _ operation: String
    ) throws(GitError) -> git_oid? {
        guard let name = names.first else { return nil }
        var builder: OpaquePointer?
        try check(operation, git_treebuilder_new(&builder, repository, tree))
        defer { git_treebuilder_free(builder) }
        var content = content
        if names.count > 1 {
            let child = try subtree(name, of: tree, operation)
            defer { git_tree_free(child) }
            content = try replace(names.dropFirst(), of: child, by: content, operation)
                .map { Content(id: $0, mode: GIT_FILEMODE_TREE) }
        }
        if let content {
            var id = content.id
            try check(operation, git_treebuilder_insert(nil, builder, name, &id, content.mode))
        } else if git_treebuilder_get(builder, name) != nil {
            try check(operation, git_treebuilder_remove(builder, name))
        }
        guard git_treebuilder_entrycount(builder) > 0 else { return nil }
        var id = git_oid()
        try check(operation, git_treebuilder_write(&id, builder))
        return id
    }

    /// The folder `name` of a tree, which the caller frees; nil where there is none.
    private func subtree(
        _ name: String,
        of tree: OpaquePointer?,
        _ operation: String
    ) throws(GitError) -> OpaquePointer? {
        guard let tree, let entry = git_tree_entry_byname(tree, name),
            git_tree_entry_filemode(entry) == GIT_FILEMODE_TREE
        else { return nil }
        var child: OpaquePointer?
        try check(operation, git_tree_lookup(&child, repository, git_tree_entry_id(entry)))
        return child
    }

    /// A tree by its id, which the caller frees.
    private func look(up id: git_oid, _ operation: String) throws(GitError) -> OpaquePointer {
        var id = id
        var tree: OpaquePointer?
        try check(operation, git_tree_lookup(&tree, repository, &id))
        guard let tree else { throw GitError(.failed, operation: operation, status: -1) }
        return tree
    }

    private func write(
        _ tree: OpaquePointer,
        onto tip: Commit,
        _ restoration: Restoration,
        _ signing: CommitSigning?,
        _ operation: String
    ) throws(GitError) -> String {
        let author = restoration.author
        var signature: UnsafeMutablePointer<git_signature>?
        try check(
            operation,
            git_signature_new(&signature, author.name, author.email, author.seconds, 0)
        )
        defer { git_signature_free(signature) }
        var parentID = try ObjectID.parse(tip.id)
        var parent: OpaquePointer?
        try check(operation, git_commit_lookup(&parent, repository, &parentID))
        defer { git_commit_free(parent) }
        var parents = [parent]
        var text = git_buf()
        defer { git_buf_dispose(&text) }
        try check(
            operation,
            git_commit_create_buffer(
                &text,
                repository,
                signature,
                signature,
                "UTF-8",
                restoration.message,
                tree,
                1,
                &parents
            )
        )
        // Without a signature no header is added to the text.
        let bytes = Array(UnsafeRawBufferPointer(start: text.ptr, count: text.size))
        let seal = try signing?.signature(of: bytes)
        var id = git_oid()
        try check(
            operation,
            git_commit_create_with_signature(&id, repository, text.ptr, seal, "gpgsig")
        )
        return ObjectID.text(id)
    }
}
