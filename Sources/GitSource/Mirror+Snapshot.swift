internal import CGit2
internal import Model

extension Mirror {
    /// The files of the commit `id` within `bounds`.
    ///
    /// Contents are read below `folder` first, then elsewhere, until the budget of bytes is
    /// used up; an entry whose bytes were not read is `.omitted`. So is one whose name isn't
    /// UTF-8: it shows that something is there, under a name nobody can ask for.
    func snapshot(
        of id: String,
        folder: String,
        bounds: SnapshotBounds
    ) throws(GitError) -> Snapshot {
        let commit = try commit(id)
        let listing = try TreeListing(of: id, in: self, bounds: bounds)
        let files = listing.files
        var database: OpaquePointer?
        try check("open the object database", git_repository_odb(&database, repository))
        defer { git_odb_free(database) }

        let wanted = Folder(folder)
        var reader = BlobReader(
            database: database,
            bounds: bounds,
            left: bounds.totalSize - listing.pathBytes
        )
        var entries: [String: Snapshot.Entry] = [:]
        entries.reserveCapacity(files.count)
        for isWanted in [true, false] {
            for file in files where wanted.covers(file.path) == isWanted {
                let entry = try reader.entry(of: file)
                guard entries.updateValue(entry, forKey: file.path) == nil else {
                    throw GitError(
                        .invalidTree,
                        operation: "list the files of \(commit.short)",
                        message: "two entries are named \"\(file.path)\""
                    )
                }
            }
        }
        if let link = Snapshot.linkInDisguise(entries) {
            throw GitError(
                .invalidTree,
                operation: "list the files of \(commit.short)",
                message: "the link \"\(link)\" has the name of another entry but for letter case"
            )
        }
        let executables = files.filter { $0.mode == GIT_FILEMODE_BLOB_EXECUTABLE }.map(\.path)
        return Snapshot(commit: commit, entries: entries, executables: Set(executables))
    }

    /// Whether anything below `folder` differs between two commits; true where the mirror
    /// can't tell, because the older one is gone.
    func changed(from old: String?, to new: String, folder: String) throws(GitError) -> Bool {
        let after = try entry(at: folder, of: new)
        guard let old else { return true }
        do {
            return try entry(at: folder, of: old) != after
        } catch let error where error.code == .commitMissing {
            return true
        }
    }

    /// The id of what stands at `folder`; nil where nothing does.
    private func entry(at folder: String, of id: String) throws(GitError) -> String? {
        let tree = try tree(of: id)
        defer { git_tree_free(tree) }
        let path = Folder(folder).path
        guard !path.isEmpty else { return git_tree_id(tree).map { ObjectID.text($0.pointee) } }
        var entry: OpaquePointer?
        let status = git_tree_entry_bypath(&entry, tree, path)
        guard status != GIT_ENOTFOUND.rawValue else { return nil }
        try check("find \(path) in \(id.prefix(8))", status)
        defer { git_tree_entry_free(entry) }
        return git_tree_entry_id(entry).map { ObjectID.text($0.pointee) }
    }
}

/// A folder of a tree; `.` and the empty text are the root.
private struct Folder {
    let path: String

    init(_ text: String) {
        path = text.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    func covers(_ file: String) -> Bool {
        path.isEmpty || file == path || file.hasPrefix(path + "/")
    }
}

/// Reads contents until the budget of bytes is used up.
private struct BlobReader {
    private static let targetLimit = 4096

    let database: OpaquePointer?
    let bounds: SnapshotBounds
    private var left: Int64

    init(database: OpaquePointer?, bounds: SnapshotBounds, left: Int64) {
        self.database = database
        self.bounds = bounds
        self.left = left
    }

    mutating func entry(of file: TreeListing.File) throws(GitError) -> Snapshot.Entry {
        guard file.mode != GIT_FILEMODE_COMMIT else { return .submodule }
        let isLink = file.mode == GIT_FILEMODE_LINK
        let size = try size(of: file)
        let limit = isLink ? Int64(BlobReader.targetLimit) : bounds.fileSize
        guard file.isText, size <= limit, size <= left else { return .omitted(byteCount: size) }
        let bytes = try bytes(of: file)
        left -= size
        guard isLink else { return Snapshot.Entry(fileOf: bytes) }
        guard let target = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
            return .omitted(byteCount: size)
        }
        return .link(target)
    }

    private func size(of file: TreeListing.File) throws(GitError) -> Int64 {
        var oid = file.oid
        var size = 0
        var type = GIT_OBJECT_INVALID
        try check("read \(file.path)", git_odb_read_header(&size, &type, database, &oid))
        guard type == GIT_OBJECT_BLOB else {
            throw GitError(
                .invalidTree,
                operation: "read \(file.path)",
                message: "the entry is no file"
            )
        }
        return Int64(size)
    }

    private func bytes(of file: TreeListing.File) throws(GitError) -> [UInt8] {
        var oid = file.oid
        var object: OpaquePointer?
        try check("read \(file.path)", git_odb_read(&object, database, &oid))
        defer { git_odb_object_free(object) }
        let bytes = UnsafeRawBufferPointer(
            start: git_odb_object_data(object),
            count: git_odb_object_size(object)
        )
        return Array(bytes)
    }
}
