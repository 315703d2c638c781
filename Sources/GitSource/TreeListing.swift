internal import CGit2
internal import Model

/// Every file, link and submodule of a tree, in the order of the tree.
struct TreeListing {
    /// One entry that is no directory.
    struct File {
        let path: String
        let mode: git_filemode_t
        let oid: git_oid
        /// Whether the path was stored in UTF-8; else it holds U+FFFD and can't be asked for.
        let isText: Bool
    }

    private(set) var files: [File] = []
    /// Bytes of the paths of all entries, folders too.
    private(set) var pathBytes: Int64 = 0
    private let repository: OpaquePointer
    private let bounds: SnapshotBounds
    private let operation: String
    private var entryCount = 0

    /// Walks the tree of the commit `id`.
    init(of id: String, in mirror: borrowing Mirror, bounds: SnapshotBounds) throws(GitError) {
        self.repository = mirror.repository
        self.bounds = bounds
        self.operation = "list the files of \(id.prefix(8))"
        let tree = try mirror.tree(of: id)
        defer { git_tree_free(tree) }
        try walk(tree, below: "", depth: 0, isText: true)
    }

    private mutating func walk(
        _ tree: OpaquePointer,
        below parent: String,
        depth: Int,
        isText: Bool
    ) throws(GitError) {
        guard depth <= bounds.depth else {
            throw refusal("a folder lies deeper than \(bounds.depth) levels")
        }
        for index in 0..<git_tree_entrycount(tree) {
            guard let entry = git_tree_entry_byindex(tree, index),
                let bytes = git_tree_entry_name(entry), let id = git_tree_entry_id(entry)
            else { continue }
            let valid = String(validatingCString: bytes)
            let path = try path(of: valid ?? String(cString: bytes), in: parent)
            let isText = isText && valid != nil
            let mode = git_tree_entry_filemode(entry)
            guard mode == GIT_FILEMODE_TREE else {
                files.append(File(path: path, mode: mode, oid: id.pointee, isText: isText))
                continue
            }
            var child: OpaquePointer?
            try check(operation, git_tree_lookup(&child, repository, id))
            guard let child else { continue }
            defer { git_tree_free(child) }
            try walk(child, below: path, depth: depth + 1, isText: isText)
        }
    }

    /// The path of one more entry, within the bounds.
    ///
    /// Refuses the names that git itself never checks out, and those that can't be shown.
    private mutating func path(of name: String, in parent: String) throws(GitError) -> String {
        entryCount += 1
        guard entryCount <= bounds.entries else {
            throw refusal("the tree has more than \(bounds.entries) entries")
        }
        if let objection = TreeName.objection(to: name) {
            throw GitError(
                .invalidTree,
                operation: operation,
                message: "\"\(name)\" in \"\(parent)\" \(objection)"
            )
        }
        let path = parent.isEmpty ? name : "\(parent)/\(name)"
        guard path.utf8.count <= bounds.pathLength else {
            throw refusal("a path is longer than \(bounds.pathLength) bytes")
        }
        // One name of a folder stands in the path of each entry below it.
        pathBytes += Int64(path.utf8.count)
        guard pathBytes <= bounds.totalSize else {
            throw refusal("the paths have more than \(ByteCount(bounds.totalSize)) in all")
        }
        return path
    }

    private func refusal(_ message: String) -> GitError {
        GitError(.tooLarge, operation: operation, message: message)
    }
}
