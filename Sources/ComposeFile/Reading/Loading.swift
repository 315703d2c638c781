internal import Model
internal import YAMLTree

/// One reading of one project: what it reads from, and what it has found on the way.
///
/// A reference, because every value of the files reports to the same one; it doesn't outlive the
/// call that made it.
final class Loading {
    let tree: any FileTree
    var findings = Findings()
    /// How much text interpolation may still make, all files together.
    var budget = ExpansionBudget()
    /// How many nodes merging and extending may still make.
    private var nodes = 1_000_000
    /// How many files may still be read.
    private var files = 1000

    init(tree: any FileTree) { self.tree = tree }

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

    /// The documents of a YAML file; none after reporting why.
    ///
    /// `source` is the place that names it; a file that nobody names is reported at its start.
    func documents(_ path: String, named source: Value? = nil) -> [Node] {
        let start = SourceLocation(file: path, line: 1, column: 1)
        files -= 1
        guard files >= 0 else {
            report("too-many-files", "more than 1000 files would be read", at: start)
            return []
        }
        do {
            let documents = try parseYAML(try tree.read(path), file: path)
            if documents.isEmpty {
                report("empty-file", "the file says nothing", at: start, fix: "declare services:")
            }
            return documents
        } catch let error as Rejection {
            error.diagnostics.forEach { findings.add($0) }
        } catch let error as Snapshot.ReadError {
            unreadable(path, error, source)
        } catch {
            unreadable(path, .missing, source)
        }
        return []
    }

    /// Reports a file that can't be read, at the value that names it.
    func unreadable(_ path: String, _ error: Snapshot.ReadError, _ source: Value?) {
        report(
            "unreadable-file",
            "\(path) can't be read: \(error.reason)",
            at: source?.location ?? SourceLocation(file: path, line: 1, column: 1),
            field: source?.path
        )
    }
}
