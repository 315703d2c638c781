internal import CGit2
internal import Glibc
package import Model

/// The repository that somebody works in: one of its commits is read, and nothing is written.
package enum WorkingRepository {
    /// What `folder` of the disk holds in the commit that `revision` names, as git names them:
    /// `main`, `origin/main`, `v1.2`, `HEAD~1` or a beginning of an id.
    ///
    /// Nothing at all where the commit has no such folder. Refused where the folder lies in no
    /// repository, and where that has no such commit.
    package static func snapshot(
        of folder: String,
        at revision: String,
        bounds: SnapshotBounds = SnapshotBounds()
    ) throws(GitError) -> Snapshot {
        let mirror = try Mirror(around: folder)
        let id = try mirror.resolve(revision)
        let inner = try mirror.path(of: folder)
        let whole = try mirror.snapshot(of: id, folder: inner, bounds: bounds)
        return whole.below(inner)
    }
}

extension Mirror {
    /// Opens the repository that `folder` lies in.
    fileprivate init(around folder: String) throws(GitError) {
        try LibGit2.start()
        var pointer: OpaquePointer?
        let status = git_repository_open_ext(&pointer, folder, 0, nil)
        guard status != GIT_ENOTFOUND.rawValue else {
            throw GitError(
                .notARepository,
                operation: "find the repository of \(folder)",
                message: "the folder lies in none"
            )
        }
        try check("open the repository of \(folder)", status)
        guard let pointer else {
            throw GitError(.failed, operation: "open the repository of \(folder)", status: -1)
        }
        repository = pointer
    }

    /// The id of the commit that `revision` names.
    fileprivate func resolve(_ revision: String) throws(GitError) -> String {
        var object: OpaquePointer?
        let status = git_revparse_single(&object, repository, "\(revision)^{commit}")
        guard status == 0, let object else {
            throw GitError(
                .commitMissing,
                operation: "find the revision \(revision)",
                message: "the repository has no such commit; a shallow clone has to fetch it first"
            )
        }
        defer { git_object_free(object) }
        guard let id = git_object_id(object) else {
            throw GitError(.failed, operation: "find the revision \(revision)", status: -1)
        }
        return ObjectID.text(id.pointee)
    }

    /// `folder` as the repository's commits name it.
    fileprivate func path(of folder: String) throws(GitError) -> String {
        let operation = "find \(folder) in its repository"
        guard let root = git_repository_workdir(repository).map({ String(cString: $0) }) else {
            throw GitError(.unsupported, operation: operation, message: "it has no work tree")
        }
        func components(_ path: String) -> [String] {
            let real = realpath(path, nil)
            defer { free(real) }
            let text = real.map { String(cString: $0) } ?? path
            return text.split(separator: "/").map(String.init)
        }
        let (outer, inner) = (components(root), components(folder))
        guard inner.starts(with: outer) else {
            throw GitError(.unsupported, operation: operation, message: "it lies outside of it")
        }
        return inner.dropFirst(outer.count).joined(separator: "/")
    }
}

extension Snapshot {
    /// What stands below `folder`, as a tree of its own; links that lead out of it lead nowhere.
    fileprivate func below(_ folder: String) -> Snapshot {
        guard !folder.isEmpty else { return self }
        let prefix = folder + "/"
        func inner(_ path: String) -> String? {
            path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
        }
        let entries = entries.compactMap { path, entry in inner(path).map { ($0, entry) } }
        return Snapshot(
            commit: commit,
            entries: Dictionary(uniqueKeysWithValues: entries),
            executables: Set(executables.compactMap(inner))
        )
    }
}
