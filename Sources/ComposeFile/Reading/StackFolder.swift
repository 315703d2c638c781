package import Model

/// A folder of a snapshot that holds a stack.
package struct StackFolder: Hashable, Sendable {
    /// Name of the stack: of the folder, or of the project when it is the project's own folder.
    package let name: String
    /// Path in the snapshot; the empty one is the root.
    package let folder: String
    /// What of it is read.
    package internal(set) var chosen = ChosenFiles()
    /// Stacks of its project that come before it.
    package internal(set) var dependencies: [WrittenText] = []
    /// What keeps it from being read, whatever its files are.
    package internal(set) var findings: [Diagnostic] = []

    /// A folder under a name of the caller's choosing.
    package init(name: String, folder: String) {
        self.name = name
        self.folder = folder
    }

    /// Names of compose files, the first found winning.
    ///
    /// Source: Docker Compose.
    package static let composeFiles = [
        "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml",
    ]

    /// Files that Compose reads over the first one.
    static let overrideFiles = [
        "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml",
        "docker-compose.override.yaml",
    ]

    static let rancherFiles = ["rancher-compose.yml", "rancher-compose.yaml"]

    /// Those of `names` that are files of `folder`.
    static func files(_ names: [String], in folder: String, of snapshot: Snapshot) -> [String] {
        names.filter { snapshot.hasFile(folder.isEmpty ? $0 : "\(folder)/\($0)") }
    }

    /// What Compose reads of `folder` where nothing names files: the first of each kind.
    static func usualFiles(in folder: String, of snapshot: Snapshot) -> [String] {
        [composeFiles, overrideFiles]
            .compactMap { files($0, in: folder, of: snapshot).first }
            .map { folder.isEmpty ? $0 : "\(folder)/\($0)" }
    }
}

extension Stack {
    /// The stacks below `folder`: itself when it holds a compose file, else each folder directly
    /// below it that does, sorted by name.
    ///
    /// Names are those of folders and may be none that a ``StackID`` takes; folders whose names
    /// start with a dot are no stacks.
    package static func folders(
        in snapshot: Snapshot,
        below folder: String,
        project: String
    ) -> [StackFolder] {
        let base = CleanPath.withoutDots(
            folder.hasPrefix("/") ? String(folder.dropFirst()) : folder
        )
        if !StackFolder.files(StackFolder.composeFiles, in: base, of: snapshot).isEmpty {
            return [StackFolder(name: project, folder: base)]
        }
        return snapshot.folders(in: base).filter { !$0.hasPrefix(".") }
            .map { StackFolder(name: $0, folder: base.isEmpty ? $0 : "\(base)/\($0)") }
            .filter {
                !StackFolder.files(StackFolder.composeFiles, in: $0.folder, of: snapshot).isEmpty
            }
    }
}
