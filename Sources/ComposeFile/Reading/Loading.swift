internal import Model
internal import YAMLTree

/// One reading of one stack: what it reads from, and what it has found on the way.
///
/// A reference, because every value of the file reports to the same one; it doesn't outlive the
/// initializer of the stack.
final class Loading {
    let snapshot: Snapshot
    let folder: String
    let id: StackID
    /// The variables of `.env`; empty until they have been read.
    var variables: [String: String] = [:]
    var findings = Findings()
    var places = SourceMap()
    /// False when a part of the stack can't be read, so that what is missing can't be judged.
    var isComplete = true
    /// How much text interpolation may still make, all files together.
    var budget = ExpansionBudget()

    init(snapshot: Snapshot, folder: String, id: StackID) {
        self.snapshot = snapshot
        self.folder = folder
        self.id = id
    }

    /// The path in the snapshot of a file that the stack's folder holds.
    func path(of file: String) -> String { folder.isEmpty ? file : "\(folder)/\(file)" }

    /// What interpolation knows: the stack's own `.env` and the name of the compose project.
    func variable(_ name: String) -> String? {
        name == "COMPOSE_PROJECT_NAME" ? id.composeProjectName : variables[name]
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

    /// The one document of a YAML file of the folder; nil after reporting why there is none.
    func document(_ file: String) -> Node? {
        let path = path(of: file)
        let start = SourceLocation(file: path, line: 1, column: 1)
        do {
            let documents = try parseYAML(try snapshot.read(path), file: path)
            if documents.count > 1 {
                report(
                    "not-supported",
                    "several YAML documents in one file are not handled yet",
                    at: documents[1].location,
                    fix: "keep one document; remove `---`"
                )
            }
            if documents.isEmpty {
                report("empty-file", "the file says nothing", at: start, fix: "declare services:")
            }
            return documents.first
        } catch let error as Rejection {
            error.diagnostics.forEach { findings.add($0) }
        } catch let error as Snapshot.ReadError {
            report("unreadable-file", "\(file) can't be read: \(error.reason)", at: start)
        } catch {
            report("unreadable-file", "\(file) can't be read", at: start)
        }
        return nil
    }
}

extension Snapshot.ReadError {
    /// The error in words.
    var reason: String {
        switch self {
        case .missing: "there is no such file in the repository"
        case .isDirectory: "it is a folder"
        case .outsideTree: "the path leaves the repository"
        case .tooManyLinks: "it is a chain of too many links"
        case .tooLarge(let count): "it is too large (\(count) bytes)"
        case .submodule: "it is in a submodule, which Gyre doesn't fetch"
        case .lfsPointer: "it is kept by Git LFS, which Gyre doesn't fetch; commit the file itself"
        }
    }
}
