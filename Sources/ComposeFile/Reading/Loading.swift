internal import Model
internal import YAMLTree

/// One reading of one project: what it reads from, and what it has found on the way.
///
/// A reference, because every value of the files reports to the same one; it doesn't outlive the
/// call that made it.
final class Loading {
    let tree: any FileTree
    var findings = Findings()
    /// Whether short forms that can't be read stay as they are, because variables stand in them.
    let keepsShortForms: Bool
    /// Read as `docker stack` does; see ``ComposeRequest/isForSwarm``.
    var isForSwarm = false
    /// How much text interpolation may still make, all files together.
    var budget = ExpansionBudget()
    /// How many nodes merging and extending may still make.
    private var nodes = 1_000_000
    /// How many nodes may still be looked at again because something is put over them.
    private var looks = 20_000_000
    /// How many files of YAML may still be read, and bytes of all files.
    private var files = 1000
    private var bytes = 128 << 20
    /// Bytes of all files that were read.
    private(set) var taken = 0
    /// Nodes of the files that aliases stand for, each as often as it is repeated.
    private(set) var repeatedNodes = 0

    init(tree: any FileTree, keepsShortForms: Bool = false) {
        self.tree = tree
        self.keepsShortForms = keepsShortForms
    }

    /// Records what is wrong; see ``Diagnostic``.
    func report(
        _ code: String,
        _ message: String,
        at place: SourceLocation?,
        field: FieldPath? = nil,
        fix: String? = nil
    ) {
        findings.add(Diagnostic(code: code, message, at: place, field: field, fix: fix))
    }

    /// Records what is worth saying and no error.
    func warn(
        _ code: String,
        _ message: String,
        at place: SourceLocation?,
        field: FieldPath? = nil,
        fix: String? = nil
    ) {
        findings.add(Diagnostic(.warning, code: code, message, at: place, field: field, fix: fix))
    }

    /// Takes `count` nodes out of what the model may have; false, once said, when it is too much.
    func spend(_ count: Int, at place: SourceLocation) -> Bool {
        guard nodes >= 0 else { return false }
        nodes -= count
        guard nodes < 0 else { return true }
        report(
            "model-too-large",
            "the model gets more than 1000000 values with this",
            at: place,
            fix: "repeat less with extends, include and ranges"
        )
        return false
    }

    /// Whether the model has too many nodes, so that nothing more need be added to it.
    var isSpent: Bool { nodes < 0 || looks < 0 }

    /// Takes `count` looks at what was read before; false, once said, when there were too many.
    func look(_ count: Int, at place: SourceLocation) -> Bool {
        guard looks >= 0 else { return false }
        looks -= count
        guard looks < 0 else { return true }
        report(
            "model-too-large",
            "too much was read before for this to be put over it",
            at: place,
            fix: "use fewer documents and includes"
        )
        return false
    }

    /// Whether a file of `count` bytes may be read after all that was; says so once if it may not.
    func takes(_ count: Int, of path: String, named source: Value?) -> Bool {
        guard bytes >= 0 else { return false }
        // A file costs something even if it is empty.
        bytes -= count + 256
        taken += count
        guard bytes < 0 else { return true }
        report(
            "too-many-files",
            "with this file more than 128 MiB would be read",
            at: source?.location ?? SourceLocation(file: path, line: 1, column: 1),
            field: source?.path,
            fix: "name large files less often"
        )
        return false
    }

    /// `did you mean …?`, for the first findings alone: each looks at every name there is.
    func question(_ text: String, among names: some Sequence<String>) -> String? {
        findings.list.count < 20 ? Suggestion.question(text, among: names) : nil
    }

    /// The documents of a YAML file; none after reporting why.
    ///
    /// `source` is the value that names it, `place` where else it is named; a file that nobody
    /// names is reported at its start. Of several files that go over each other, each may be empty,
    /// though not all of them.
    func documents(
        _ path: String,
        named source: Value? = nil,
        at place: SourceLocation? = nil,
        mayBeEmpty: Bool = false
    ) -> [Node] {
        let start = place ?? SourceLocation(file: path, line: 1, column: 1)
        files -= 1
        guard files >= 0 else {
            if files == -1 {
                report(
                    "too-many-files",
                    "more than 1000 files would be read",
                    at: start
                )
            }
            return []
        }
        do {
            let text = try tree.read(path)
            guard takes(text.count, of: path, named: source) else { return [] }
            let plain = plain(text, path)
            let documents = try parseYAML(plain, file: path, repeated: &repeatedNodes)
            if documents.isEmpty, !mayBeEmpty { reportEmpty(at: start) }
            // docker/cli reads no further than the first.
            return isForSwarm ? Array(documents.prefix(1)) : documents
        } catch let error as Rejection {
            error.diagnostics.forEach { findings.add($0) }
        } catch let error as Snapshot.ReadError {
            unreadable(path, error, source, at: start)
        } catch {
            unreadable(path, .missing, source, at: start)
        }
        return []
    }

    /// `text` in UTF-8: one of UTF-16 is read as Compose reads it, and told.
    private func plain(_ text: [UInt8], _ path: String) -> [UInt8] {
        guard let plain = UTF16Text.decoded(text) else { return text }
        warn(
            "other-encoding",
            "the file is in UTF-16, in which reviewers and other tools may see something else",
            at: SourceLocation(file: path, line: 1, column: 1)
        )
        return plain
    }

    /// Reports a file that says nothing where something is needed.
    func reportEmpty(at start: SourceLocation) {
        report("empty-file", "the file says nothing", at: start, fix: "declare services:")
    }

    /// The folder that `path` is, else the one that it would stand in.
    ///
    /// Source: compose-go's `localResourceLoader.Dir`.
    func folder(_ path: String) -> String {
        do {
            _ = try tree.read(path)
        } catch Snapshot.ReadError.isDirectory {
            return path
        } catch {}
        return CleanPath.folder(of: path)
    }

    /// Whether `path` leaves the tree, by its text or by a link, or is git's own.
    func leadsOutside(_ path: String) -> Bool {
        do {
            _ = try tree.read(path)
        } catch Snapshot.ReadError.outsideTree {
            return true
        } catch Snapshot.ReadError.missing {
            return CleanPath.isOfGit(path)
        } catch {}
        return false
    }

    /// Reports a file that can't be read, at the value that names it.
    func unreadable(
        _ path: String,
        _ error: Snapshot.ReadError,
        _ source: Value?,
        at start: SourceLocation? = nil
    ) {
        let code =
            switch error {
            case .submodule: "in-submodule"
            case .lfsPointer: "lfs-pointer"
            case .outsideTree: "file-outside"
            case .missing where CleanPath.isOfGit(path) || CleanPath.isOfHome(path): "file-outside"
            case .tooLarge: "yaml-too-large"
            default: "unreadable-file"
            }
        report(
            code,
            "\(path) can't be read: \(error.reason)",
            at: source?.location ?? start ?? SourceLocation(file: path, line: 1, column: 1),
            field: source?.path
        )
    }
}
