internal import CGit2

extension Mirror {
    /// Packs all that `refs` keep into the objects of `other`, and sets the same refs there.
    func copy(_ refs: [String], into other: borrowing Mirror) throws(GitError) {
        guard !refs.isEmpty else { return }
        let operation = "copy \(refs.count) refs into a new mirror"
        var walk: OpaquePointer?
        try check(operation, git_revwalk_new(&walk, repository))
        defer { git_revwalk_free(walk) }
        for ref in refs { try check(operation, git_revwalk_push_ref(walk, ref)) }

        var builder: OpaquePointer?
        try check(operation, git_packbuilder_new(&builder, repository))
        defer { git_packbuilder_free(builder) }
        try check(operation, git_packbuilder_insert_walk(builder, walk))
        let folder = "\(other.objects)/pack"
        try check(operation, git_packbuilder_write(builder, folder, 0, nil, nil))

        for ref in refs {
            guard let oid = try target(of: ref) else { continue }
            try other.set(ref, to: ObjectID.text(oid))
        }
    }

    private var objects: String {
        git_repository_path(repository).map { "\(String(cString: $0))objects" } ?? ""
    }
}
