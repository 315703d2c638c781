package import Model

extension TenantFile {
    /// The stacks that it names as `snapshot` has them, sorted by name.
    ///
    /// Paths start at `base`, where the file is. `environments` are those that may be asked for,
    /// the usual one first; nil for any. What keeps a stack from being read, such as a folder that
    /// the operator has not declared, is in its findings.
    package func folders(
        in snapshot: Snapshot,
        below base: String,
        environments: [String]?,
        isDeclared: (String) -> Bool = { _ in true }
    ) -> [StackFolder] {
        stacks.sorted { $0.key < $1.key }.map { name, stack in
            var folder = DeclaredFolder(name, stack, base: base, snapshot: snapshot)
            folder.choose(among: environments)
            folder.check(isDeclared)
            return folder.result
        }
    }
}

/// Brings what a file says of a stack together with the commit that it is in.
private struct DeclaredFolder {
    private(set) var result: StackFolder
    private let stack: DeclaredStack
    private let base: String
    private let snapshot: Snapshot

    init(_ name: String, _ stack: DeclaredStack, base: String, snapshot: Snapshot) {
        let folder = CleanPath.joined(base, CleanPath.withoutDots(stack.folder.text))
        result = StackFolder(name: name, folder: folder)
        result.dependencies = stack.dependencies
        self.stack = stack
        self.base = base
        self.snapshot = snapshot
    }

    private var path: FieldPath { FieldPath("stacks", result.name) }

    /// Finds out the environment, and which files are read there.
    mutating func choose(among allowed: [String]?) {
        let overlay = overlay(among: allowed)
        var files = stack.files
        if let more = overlay?.files, !more.isEmpty {
            if files.isEmpty {
                let names = StackFolder.files(
                    StackFolder.composeFiles,
                    in: result.folder,
                    of: snapshot
                )
                files = names.prefix(1).map { WrittenText($0, at: stack.folder.place) }
            }
            files += more
        }
        var variables = stack.environmentFiles
        if let more = overlay?.environmentFiles, !more.isEmpty {
            let hasUsual = snapshot.hasFile(CleanPath.joined(result.folder, ".env"))
            if variables.isEmpty, hasUsual {
                variables = [WrittenText(".env", at: stack.folder.place)]
            }
            variables += more
        }
        for file in files { check(file, path / "files") }
        for file in variables { check(file, path / "env_files") }
        result.chosen = ChosenFiles(
            files: files.map(\.text),
            environmentFiles: variables.map(\.text)
        )
    }

    private mutating func overlay(among allowed: [String]?) -> DeclaredStack.Overlay? {
        if let asked = stack.environment, let allowed, !allowed.contains(asked.text) {
            refuse(
                "environment-not-allowed",
                "\(result.name) asks for the environment \(asked.text), and the operator allows "
                    + "\(allowed.isEmpty ? "none" : allowed.joined(separator: ", ")) here",
                at: asked.place,
                path / "environment",
                fix: "write one of these, or ask the operator for \(asked.text)"
            )
            return nil
        }
        guard let environments = stack.environments else { return nil }
        let known = environments.keys.sorted().joined(separator: ", ")
        guard let name = stack.environment?.text ?? allowed?.first else {
            refuse(
                "no-environment",
                "\(result.name) differs by environment, and nobody says which it is for",
                at: stack.folder.place,
                path / "environment",
                fix: "write environment: and one of \(known), or ask the operator for environments"
            )
            return nil
        }
        guard let overlay = environments[name] else {
            refuse(
                "unknown-environment",
                "\(result.name) is for \(name), which its environments don't name: \(known)",
                at: stack.folder.place,
                path / "environments",
                fix: "write \(name): {} below environments:, if nothing differs there"
            )
            return nil
        }
        return overlay
    }

    /// Whether the folder is there, and among those that the operator has declared.
    mutating func check(_ isDeclared: (String) -> Bool) {
        let folder = result.folder
        guard snapshot.obstacle(at: folder) == nil else {
            // Whoever loads it says what stands there.
            return
        }
        // Nothing is said of files in a folder that isn't there.
        guard let place = try? snapshot.resolve(folder), snapshot.isDirectory(place) else {
            result.findings = []
            return refuse(
                "no-folder",
                "the folder \(folder) of \(result.name) is not in the repository",
                at: stack.folder.place,
                path / "folder",
                fix: "write folder: and where it is, or remove \(result.name) if it is to go"
            )
        }
        let root = (try? snapshot.resolve(base)) ?? base
        let isInside = root.isEmpty || place == root || place.hasPrefix("\(root)/")
        guard isInside, isDeclared(folder) else {
            return refuse(
                "folder-not-declared",
                "the folder \(folder) of \(result.name) is not among those that the operator has "
                    + "declared" + (isInside ? "" : ": it is a link to \(place)"),
                at: stack.folder.place,
                path / "folder",
                fix: "move it to where the operator looks for stacks, or ask the operator for it"
            )
        }
    }

    /// Findings of one stack: more of them tell nobody more.
    private static let mostFindings = 20

    private mutating func check(_ file: WrittenText, _ field: FieldPath) {
        guard result.findings.count < Self.mostFindings else { return }
        let path = CleanPath.joined(result.folder, file.text)
        if path == ".." || path.hasPrefix("../") {
            refuse(
                "file-outside",
                "\(file.text) is not in the repository",
                at: file.place,
                field,
                fix: "name a file of the repository"
            )
        } else if !snapshot.hasFile(path) {
            refuse(
                "no-file",
                "\(path) is not in the repository",
                at: file.place,
                field,
                fix: "commit it, or take its name out"
            )
        }
    }

    private mutating func refuse(
        _ code: String,
        _ message: String,
        at place: SourceLocation,
        _ field: FieldPath,
        fix: String
    ) {
        result.findings.append(Diagnostic(code: code, message, at: place, field: field, fix: fix))
    }
}

extension TenantFile {
    /// The bytes of the file at `path`, where something stands.
    package static func bytes(
        at path: String,
        of snapshot: Snapshot
    ) throws(Rejection) -> [UInt8] {
        do {
            return try snapshot.read(path)
        } catch {
            let words =
                switch error {
                case .missing: "is a link to nothing"
                case .isDirectory: "is a folder"
                case .outsideTree: "is a link to what is not in the repository"
                case .tooManyLinks: "is a link in a circle"
                case .tooLarge(let count): "has \(ByteCount(count)), which is too much"
                case .submodule: "is in a submodule, which Gyre doesn't fetch"
                case .lfsPointer: "is kept by Git LFS, which Gyre doesn't fetch"
                }
            throw Rejection(
                Diagnostic(
                    code: "unreadable-file",
                    "\(path) \(words)",
                    at: SourceLocation(file: path, line: 1, column: 1),
                    fix: "commit it as a plain file"
                )
            )
        }
    }
}
