/// The files of one commit, read from the object database; never a work tree.
///
/// Paths are relative to the repository's root, with `/` between components, no `.`, `..` or
/// empty component.
package struct Snapshot: Hashable, Codable, Sendable {
    /// What stands at a path.
    package enum Entry: Hashable, Codable, Sendable {
        case file([UInt8])
        /// A symbolic link and its target as stored; followed only inside the tree.
        case link(String)
        /// A file whose bytes were not read, and why: it was larger than the bounds allow.
        case omitted(byteCount: Int64)
        /// A commit of another repository, which Gyre doesn't fetch.
        case submodule
        /// What Git LFS keeps in the place of a file, which Gyre doesn't fetch.
        case lfsPointer

        /// What a plain file of these bytes is: one that stands for a file of Git LFS is none.
        ///
        /// Source: Git LFS, docs/spec.md, "The Pointer".
        package init(fileOf bytes: [UInt8]) {
            let isPointer =
                bytes.count < 1024
                && bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8)
            self = isPointer ? .lfsPointer : .file(bytes)
        }
    }

    package let commit: Commit
    package let entries: [String: Entry]
    /// Paths of the files that may be run.
    package let executables: Set<String>
    /// Paths of the folders that hold something, but for the root.
    ///
    /// A tenant's commit may have as many of them as it has entries, and name as many that it
    /// hasn't: to look for one must not walk the others.
    private let folders: Set<String>

    package init(commit: Commit, entries: [String: Entry], executables: Set<String> = []) {
        self.commit = commit
        self.entries = entries
        self.executables = executables
        folders = Snapshot.folders(above: entries.keys)
    }

    static func folders(above paths: some Sequence<String>) -> Set<String> {
        var folders: Set<String> = []
        for path in paths {
            var rest = path.utf8[...]
            while let slash = rest.lastIndex(of: UInt8(ascii: "/")) {
                rest = rest[..<slash]
                // Those above one that is known are known.
                guard folders.insert(String(Substring(rest))).inserted else { break }
            }
        }
        return folders
    }

    /// Why a path can't be read.
    package enum ReadError: Error, Hashable, Sendable {
        case missing
        case isDirectory
        case outsideTree
        case tooManyLinks
        case tooLarge(byteCount: Int64)
        case submodule
        case lfsPointer
    }

    /// The bytes at `path`, following links inside the tree, at most 40 of them.
    package func read(_ path: String) throws(ReadError) -> [UInt8] {
        let place = try resolve(path)
        switch entries[place] {
        case .file(let bytes): return bytes
        case .omitted(let count): throw .tooLarge(byteCount: count)
        case .submodule: throw .submodule
        case .lfsPointer: throw .lfsPointer
        case .link: throw .tooManyLinks
        case nil where isDirectory(place): throw .isDirectory
        case nil where Snapshot.isOfGit(place): throw .outsideTree
        case nil: throw isInSubmodule(place) ? .submodule : .missing
        }
    }

    /// Whether `place` lies among git's own files, which no commit holds.
    private static func isOfGit(_ place: String) -> Bool {
        place.split(separator: "/").contains { $0.utf8.count == 4 && $0.lowercased() == ".git" }
    }

    /// Whether `place` would lie in another repository.
    func isInSubmodule(_ place: String) -> Bool {
        place.indices.contains { index in
            place[index] == "/" && entries[String(place[..<index])] == .submodule
        }
    }

    /// Whether something stands at `path`: a file, a link to nowhere, a folder or a submodule.
    ///
    /// Whoever looks for a file by its name must not take one that can't be read for none at all:
    /// ``read(_:)`` says why it can't.
    package func hasFile(_ path: String) -> Bool {
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { String(path[..<$0]) } ?? ""
        guard let folder = try? resolve(folder) else { return false }
        let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
        let place = folder.isEmpty ? String(name) : "\(folder)/\(name)"
        return entries[place] != nil || isDirectory(place)
    }

    /// Whether any entry lies below `path`; the empty path is the root.
    package func isDirectory(_ path: String) -> Bool {
        path.isEmpty || folders.contains(path)
    }

    /// The names of the folders directly below `path`, sorted.
    package func folders(in path: String) -> [String] {
        let prefix = path.isEmpty ? "" : path + "/"
        return folders.compactMap { folder -> String? in
            guard folder.hasPrefix(prefix) else { return nil }
            let name = folder.dropFirst(prefix.count)
            return name.contains("/") ? nil : String(name)
        }.sorted()
    }

    /// How many components a path may come to with all links in it: four times the levels of the
    /// deepest tree.
    static let mostSteps = 256

    /// `path` with every link in it followed and `.` and `..` taken out.
    ///
    /// Component by component, as the kernel does it, because `a/../b` where `a` is a link is
    /// not `b`. A path that leaves the tree at any point is refused, even if it would return, and
    /// so is one that has, with all links in it, more components than any tree has levels.
    package func resolve(_ path: String) throws(ReadError) -> String {
        guard !path.hasPrefix("/") else { throw .outsideTree }
        var pending = path.split(separator: "/").reversed().map(String.init)
        var place: [String] = []
        // So many components of the place, at the least, are folders of the tree.
        var known = 0
        var links = 0
        var steps = 0
        while let component = pending.popLast() {
            steps += 1
            guard steps <= Snapshot.mostSteps else {
                throw links == 0 ? .missing : .tooManyLinks
            }
            if component == "." { continue }
            if component == ".." {
                guard place.popLast() != nil else { throw .outsideTree }
                known = min(known, place.count)
                continue
            }
            place.append(component)
            // Nothing is below what is no folder.
            guard place.count == known + 1 else { continue }
            let path = place.joined(separator: "/")
            guard case .link(let target) = entries[path] else {
                if isDirectory(path) { known += 1 }
                continue
            }
            links += 1
            guard links <= 40 else { throw .tooManyLinks }
            guard !target.hasPrefix("/") else { throw .outsideTree }
            place.removeLast()
            pending += target.split(separator: "/").reversed().map(String.init)
        }
        return place.joined(separator: "/")
    }
}
