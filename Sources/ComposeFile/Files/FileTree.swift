package import Model

/// Where the files of a project are read from: a commit, or the disk under a person's hands.
///
/// A tree of a commit has paths from its root, without a slash before them, so an absolute path
/// is one of a node and never a file of it. A tree of the disk has absolute paths alone.
package protocol FileTree: Sendable {
    /// The bytes at `path`.
    func read(_ path: String) throws(Snapshot.ReadError) -> [UInt8]
    /// Whether `path` is to be read as a file; that it can be is another matter.
    func hasFile(_ path: String) -> Bool
    /// What keeps anybody from looking into a folder; see ``Snapshot/obstacle(at:)``.
    func obstacle(at path: String) -> FolderObstacle?
}

extension Snapshot: FileTree {}

extension FileTree {
    /// None: who reads the disk is told so by each file.
    package func obstacle(at path: String) -> FolderObstacle? { nil }

    /// Those of `names` that are files of `folder`, as paths.
    func files(_ names: [String], in folder: String) -> [String] {
        names.map { CleanPath.joined(folder, $0) }.filter(hasFile)
    }
}
