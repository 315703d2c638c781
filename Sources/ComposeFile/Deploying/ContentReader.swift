internal import Model
internal import YAMLTree

/// Finds what services mount of their commit.
///
/// A reference, because a file that many services mount is read and hashed once.
final class ContentReader {
    private let snapshot: Snapshot
    private var known: [String: Result<Content, ContentError>] = [:]

    init(_ snapshot: Snapshot) { self.snapshot = snapshot }

    /// The file or folder of the commit that a bind names; nil once it is said why not.
    func bound(_ source: Value, isReadOnly: Bool) -> Content? {
        guard let path = source.node.string else { return nil }
        guard isReadOnly else {
            source.fail(
                "bind-of-repository-writable",
                "binds a file of the repository for writing, and what is written there would be "
                    + "in no commit",
                fix: "add :ro, or write to a named volume"
            )
            return nil
        }
        switch content(at: path) {
        case .success(let content): return content
        case .failure(let error):
            source.fail("bind-of-repository-file", "binds a file of the repository, but \(error)")
            return nil
        }
    }

    private func content(at path: String) -> Result<Content, ContentError> {
        if let known = known[path] { return known }
        let found = Result { () throws(ContentError) in try read(path) }
        known[path] = found
        return found
    }

    private func read(_ path: String) throws(ContentError) -> Content {
        let place: String
        do throws(Snapshot.ReadError) {
            place = try snapshot.resolve(path)
        } catch {
            throw .unreadable(path: "./" + path, error)
        }
        let archive = try ContentArchive(of: place, in: snapshot)
        return Content(
            source: .tree(path: place),
            kind: archive.kind,
            digest: archive.digest,
            name: "./" + path
        )
    }
}
