internal import GitSource
internal import Model

/// A folder of the disk as a snapshot: what a commit of it would hold.
///
/// Links are kept as links, so they lead nowhere outside the folder; `.git` is left out, and names
/// that no commit may have are refused, as they are of one. What
/// `.gitmodules` calls a submodule is one, whatever was checked out there. The bounds are those of
/// a commit's snapshot.
struct FolderTree {
    let root: String
    private let bounds = SnapshotBounds()
    private var entries: [String: Snapshot.Entry] = [:]
    private var executables: Set<String> = []
    private var count = 0
    private var size: Int64 = 0

    private init(root: String) { self.root = root }

    /// Reads all of `folder`; what can't be read is a failure, never left out in silence.
    static func snapshot(of folder: String) throws -> Snapshot {
        let remedy = "name the folder that holds the compose file"
        guard case .directory = try FileBytes.kind(of: folder, followingLink: true) else {
            throw Failure(.usage, "\(folder) is no folder", remedy: remedy)
        }
        guard !folder.allSatisfy({ $0 == "/" }) else {
            throw Failure(.usage, "\(folder) is the whole machine, no repository", remedy: remedy)
        }
        var tree = FolderTree(root: folder)
        do {
            try tree.read("", depth: 0)
            tree.markSubmodules()
            if let link = Snapshot.linkInDisguise(tree.entries) {
                let words = "is a link with the name of another entry but for letter case"
                throw FolderTree.refusal(link, words)
            }
        } catch let error as FileBytes.ReadError {
            // All of it counts, since a commit would hold all of it.
            throw Failure(.failed, "\(error)", remedy: remedy)
        }
        let commit = Commit(
            id: String(repeating: "0", count: 40),
            author: "",
            seconds: 0,
            message: "the folder as it is"
        )
        return Snapshot(commit: commit, entries: tree.entries, executables: tree.executables)
    }

    /// Reads diagnostics' files of a snapshot; `folder` stands before their names.
    static func sources(_ snapshot: Snapshot, in folder: String = "") -> SourceFiles {
        let prefix = FolderTree.prefix(folder)
        return SourceFiles { name in
            name.hasPrefix(prefix) ? try? snapshot.read(String(name.dropFirst(prefix.count))) : nil
        }
    }

    /// Diagnostics that name files as seen from where the command runs.
    static func placed(_ diagnostics: [Diagnostic], in folder: String) -> [Diagnostic] {
        let prefix = FolderTree.prefix(folder)
        return diagnostics.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.location = diagnostic.location.map {
                SourceLocation(file: prefix + $0.file, line: $0.line, column: $0.column)
            }
            return diagnostic
        }
    }

    private static func prefix(_ folder: String) -> String {
        if folder.isEmpty || folder == "." { return "" }
        return folder.hasSuffix("/") ? folder : folder + "/"
    }

    private mutating func read(_ folder: String, depth: Int) throws {
        guard depth <= bounds.depth else { throw tooLarge("more than \(bounds.depth) levels") }
        let directory = folder.isEmpty ? root : "\(root)/\(folder)"
        for name in try FileBytes.names(in: directory) where name != ".git" {
            let path = folder.isEmpty ? name : "\(folder)/\(name)"
            if let objection = TreeName.objection(to: name) {
                throw FolderTree.refusal(path, objection)
            }
            count += 1
            guard count <= bounds.entries else {
                throw tooLarge("more than \(bounds.entries) files")
            }
            size += Int64(path.utf8.count)
            guard size <= bounds.totalSize else {
                throw tooLarge("paths of more than \(ByteCount(bounds.totalSize))")
            }
            switch try FileBytes.kind(of: "\(root)/\(path)") {
            case .directory: try read(path, depth: depth + 1)
            case .link: entries[path] = .link(try FileBytes.target(of: "\(root)/\(path)"))
            case .file(let size): try add(path, size)
            case .other, nil: break
            }
        }
    }

    /// Source: gitmodules(5); the paths stand there as `git submodule add` writes them.
    private mutating func markSubmodules() {
        guard case .file(let bytes) = entries[".gitmodules"] else { return }
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            guard let match = line.wholeMatch(of: /\s*path\s*=\s*(.+?)\s*/) else { continue }
            let quotes = match.1.first == "\"" && match.1.last == "\"" && match.1.count > 1
            let named = quotes ? match.1.dropFirst().dropLast() : match.1
            let path = named.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
            entries = entries.filter { !$0.key.hasPrefix(path + "/") }
            entries[path] = .submodule
        }
    }

    private mutating func add(_ path: String, _ fileSize: Int64) throws {
        guard fileSize <= bounds.fileSize, size + fileSize <= bounds.totalSize else {
            entries[path] = .omitted(byteCount: fileSize)
            return
        }
        size += fileSize
        if FileBytes.isExecutable("\(root)/\(path)") { executables.insert(path) }
        let limit = Int(bounds.fileSize)
        entries[path] = Snapshot.Entry(
            fileOf: try FileBytes.read("\(root)/\(path)", limit: limit)
        )
    }

    /// As of a commit that has such an entry, which is taken up nowhere.
    private static func refusal(_ path: String, _ objection: String) -> Failure {
        let finding = Diagnostic(
            code: "tree-name",
            "\(path) \(objection)",
            at: SourceLocation(file: path, line: 1, column: 1),
            fix: "rename it, or take it out of the repository"
        )
        return Failure(.denied, Rejection(finding), in: .none)
    }

    private func tooLarge(_ what: String) -> Failure {
        let finding = Diagnostic(
            code: "tree-too-large",
            "\(root) holds \(what)",
            fix: "name a smaller folder"
        )
        return Failure(.denied, Rejection(finding), in: .none)
    }
}
