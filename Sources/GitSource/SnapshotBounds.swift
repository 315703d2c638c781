/// How much of a commit a snapshot may hold.
///
/// More entries, more depth, or longer or more paths refuse the commit; more bytes only leave
/// contents out, visibly. Every tenant's commit is untrusted input.
package struct SnapshotBounds: Hashable, Sendable {
    /// Files, links and directories together, so that nested empty trees count too.
    package var entries: Int
    /// Directories above a file.
    package var depth: Int
    /// Bytes of a whole path.
    package var pathLength: Int
    /// The largest file that is read.
    package var fileSize: Int64
    /// The most bytes that are kept in all: of the paths, then of what is below the folder asked
    /// for, then of what is elsewhere.
    package var totalSize: Int64

    package init(
        entries: Int = 100_000,
        depth: Int = 64,
        pathLength: Int = 4096,
        fileSize: Int64 = 1 << 20,
        totalSize: Int64 = 16 << 20
    ) {
        self.entries = entries
        self.depth = depth
        self.pathLength = pathLength
        self.fileSize = fileSize
        self.totalSize = totalSize
    }
}
