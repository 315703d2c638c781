internal import Admission
internal import ComposeFile
internal import Model

/// One repository of one project.
struct RepositoryEntry: Hashable, Sendable {
    var project: String
    var origin: Origin
    /// What the folder's own stack is called, if it is one.
    var stack: String?
    /// Which environments `.gyre.yaml` may ask for, the usual one first; nil for any.
    var environments: [String]?
    var tenant: TenantPolicy
    var polling: Nanoseconds
}

extension RepositoryEntry {
    /// Where the entry's stacks are: where `.gyre.yaml` says so, if there is one, else below its
    /// folder, or in every folder that its pattern matches.
    ///
    /// A tenant's commit decides how long it takes, so nobody waits for it but who asks.
    @concurrent func places(in snapshot: Snapshot, _ file: TenantFile?) async -> [StackFolder] {
        if let file {
            let pattern = origin.folders
            return file.folders(
                in: snapshot,
                below: origin.folder,
                environments: environments
            ) { folder in pattern?.matches(folder) ?? true }
        }
        guard let pattern = origin.folders else {
            return Stack.folders(in: snapshot, below: origin.folder, project: ownName)
        }
        let names = Set(StackFolder.composeFiles)
        let folders = snapshot.entries.keys.compactMap { path -> String? in
            let slash = path.lastIndex(of: "/")
            let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
            let folder = slash.map { String(path[..<$0]) } ?? ""
            return names.contains(String(name)) && pattern.matches(folder) ? folder : nil
        }
        return Set(folders).sorted().filter { !$0.isEmpty }.map { folder in
            StackFolder(name: pattern.name(of: folder), folder: folder)
        }
    }

    /// What the stack is called that is the entry's own folder.
    var ownName: String { stack ?? project }

    /// Whether a stack of the entry may be in `folder`.
    func covers(_ folder: String) -> Bool {
        if let pattern = origin.folders { return pattern.matches(folder) }
        let slash = folder.lastIndex(of: "/")
        let parent = slash.map { String(folder[..<$0]) } ?? ""
        return folder == origin.folder || !folder.isEmpty && parent == origin.folder
    }

    /// Where its `.gyre.yaml` would be.
    var tenantFile: String {
        origin.folder.isEmpty ? TenantFile.name : "\(origin.folder)/\(TenantFile.name)"
    }

    /// The first of `known` where something stands that is no folder; of all folders where a stack
    /// called `name` would be, where none is known.
    @concurrent func obstructedFolder(
        of name: String,
        _ known: [String],
        in snapshot: Snapshot
    ) async -> String? {
        let folders = known.isEmpty ? likelyFolders(of: name, in: snapshot) : known
        return folders.first { snapshot.obstacle(at: $0) != nil }
    }

    /// Where a stack called `name` would be, with what a commit has in the places of folders.
    private func likelyFolders(of name: String, in snapshot: Snapshot) -> [String] {
        let base = origin.folder
        if let pattern = origin.folders {
            let namesakes = snapshot.entries.keys.filter {
                pattern.matches($0) && pattern.name(of: $0) == name
            }
            return [base] + namesakes.sorted()
        }
        return [base.isEmpty ? name : "\(base)/\(name)"] + (name == ownName ? [base] : [])
    }
}

extension RepositoryEntry {
    /// More stacks than the controller looks after for one entry.
    ///
    /// Each costs a pass with every commit and every poll, and the work of all of them is done in
    /// turn with that of other projects.
    func excess(_ count: Int) -> Diagnostic {
        let place =
            origin.folders.map { "match folders: \($0)" }
            ?? "are below \(origin.folder.isEmpty ? "its root" : origin.folder)"
        return Diagnostic(
            code: "too-many-stacks",
            "\(count) folders of \(origin.repository) that hold a compose file \(place), more than "
                + "\(TenantFile.mostStacks)",
            fix: "take folders away, or ask the operator to divide them among several entries of "
                + "repositories: by folder: or folders:"
        )
    }
}
