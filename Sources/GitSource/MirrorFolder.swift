internal import FoundationEssentials
internal import Glibc
internal import Model

/// The place of one repository's mirror on disk: opens it, makes it, and makes it anew when it
/// is damaged.
///
/// What rebuilds a mirror is done by one caller at a time, while nobody else of this process uses
/// it and no other process speaks with its repository; ``GitMirrors`` sees to it. A fetch may go
/// on while others read: git's files are only added to, or replaced as a whole.
struct MirrorFolder: Sendable {
    let url: RepositoryURL
    /// Where the mirror is.
    let path: String

    /// One for each URL and what it is entered by: whoever names a private repository without
    /// its credentials finds nothing of what others fetched with them.
    init(of url: RepositoryURL, _ access: RepositoryAccess, in directory: String) {
        self.url = url
        let key = access == RepositoryAccess() ? url.text : "\(url.text)\n\(access.identity)"
        path = "\(directory)/\(SHA256Hex.of(key).prefix(32)).git"
    }

    /// Where a damaged mirror is kept for a look; one, the latest.
    var brokenPath: String { path + ".broken" }
    private var freshPath: String { path + ".new" }
    /// Whose lock a process has that speaks with the repository.
    var turnPath: String { path + ".turn" }
    /// Whose lock a process has while it puts a mirror where there is none.
    private var placePath: String { path + ".place" }

    /// Runs `body` on the mirror.
    ///
    /// Whoever calls it sees to it that a mirror that is found damaged is rebuilt.
    func use<T>(_ body: (borrowing Mirror) throws(GitError) -> T) throws(GitError) -> T {
        do {
            return try body(try open())
        } catch let error where error.code == .locked {
            removeStaleLocks()
            throw error
        }
    }

    /// Makes the mirror if there is none.
    func prepare() throws(GitError) { _ = try open() }

    /// How many packs hold the objects.
    func packCount() -> Int {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "\(path)/objects/pack")
        return names?.count { $0.hasSuffix(".pack") } ?? 0
    }

    private func open() throws(GitError) -> Mirror {
        let files = FileManager.default
        if !files.fileExists(atPath: path) {
            try makeParent()
            try ProcessLock.hold(placePath) { () throws(GitError) in try place() }
        }
        return try Mirror(opening: path)
    }

    /// Puts a mirror where none is, complete at once: others may look at any time.
    private func place() throws(GitError) {
        let files = FileManager.default
        guard !files.fileExists(atPath: path) else { return }
        guard !files.fileExists(atPath: freshPath) else {
            // A crash came between the two renames of a rebuild.
            return try attempt("restore") { try files.moveItem(atPath: freshPath, toPath: path) }
        }
        let made = path + ".made"
        try attempt("create") { try remove(made) }
        _ = try Mirror(creating: made, of: url)
        try attempt("create") { try files.moveItem(atPath: made, toPath: path) }
    }

    /// Puts a new mirror with every ref that can be saved in the place of this one.
    ///
    /// It takes the place when it is complete: a full disk or a crash on the way loses nothing.
    /// Objects that no ref keeps stay behind, and many packs become few. The old one is kept
    /// beside it if `keepingOld`.
    func rebuild(keepingOld: Bool = true) throws(GitError) {
        let files = FileManager.default
        try attempt("rebuild") { try remove(freshPath) }
        do {
            try salvage(into: try Mirror(creating: freshPath, of: url))
        } catch {
            try? files.removeItem(atPath: freshPath)
            throw error
        }
        try ProcessLock.hold(placePath) { () throws(GitError) in
            try attempt("rebuild") {
                try remove(brokenPath)
                try files.moveItem(atPath: path, toPath: brokenPath)
                try files.moveItem(atPath: freshPath, toPath: path)
                if !keepingOld { try remove(brokenPath) }
            }
        }
    }

    /// Copies all refs together, or those whose history is whole if not all are.
    private func salvage(into fresh: borrowing Mirror) throws(GitError) {
        restoreFrame()
        guard let old = try? Mirror(opening: path), let refs = try? old.refs() else { return }
        do {
            try old.copy(refs, into: fresh)
        } catch let error where error.code == .outOfDisk {
            throw error
        } catch {
            for ref in refs {
                do {
                    try old.copy([ref], into: fresh)
                } catch let error where error.code == .outOfDisk {
                    throw error
                } catch {
                    continue  // What is damaged can't be kept; the repository still has it.
                }
            }
        }
    }

    private func remove(_ path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        try FileManager.default.removeItem(atPath: path)
    }

    /// Writes the files anew that make a directory a repository; they hold nothing of value.
    private func restoreFrame() {
        let files = FileManager.default
        for folder in ["objects", "refs"] {
            try? files.createDirectory(
                atPath: "\(path)/\(folder)",
                withIntermediateDirectories: true
            )
        }
        try? Data("ref: refs/heads/main\n".utf8).write(to: URL(filePath: "\(path)/HEAD"))
        let config = "[core]\n\tbare = true\n\trepositoryformatversion = 0\n"
        try? Data(config.utf8).write(to: URL(filePath: "\(path)/config"))
    }

    /// Removes lock files that a killed process left behind.
    ///
    /// A lock is held for milliseconds; one of ten seconds has lost its holder.
    private func removeStaleLocks() {
        let files = FileManager.default
        let names = (try? files.subpathsOfDirectory(atPath: path)) ?? []
        for name in names where name.hasSuffix(".lock") && !name.hasPrefix("objects/") {
            let attributes = try? files.attributesOfItem(atPath: "\(path)/\(name)")
            let date = attributes?[.modificationDate] as? Date
            guard let date, date.timeIntervalSinceNow < -10 else { continue }
            try? files.removeItem(atPath: "\(path)/\(name)")
        }
    }

    /// Makes the directory that the mirror and its locks stand in.
    func makeParent() throws(GitError) {
        let parent = String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])
        try attempt("create") {
            try FileManager.default.createDirectory(
                atPath: parent,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        }
    }

    private func attempt(_ verb: String, _ body: () throws -> Void) throws(GitError) {
        do {
            try body()
        } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
            throw GitError(
                isFull ? .outOfDisk : .failed,
                operation: "\(verb) the mirror \(path)",
                message: isFull ? "no space left on device" : MirrorFolder.words(for: error)
            )
        }
    }

    /// What the operating system says, where it said something.
    private static func words(for error: any Error) -> String {
        let cause = (error as? CocoaError)?.underlying ?? error
        guard let reason = cause as? POSIXError else { return "\(error)" }
        return String(cString: strerror(reason.code.rawValue)).lowercased()
    }
}

extension RepositoryAccess {
    /// A text that two accesses share only where they are the same.
    fileprivate var identity: String {
        let parts =
            switch credentials {
            case nil: ["open"]
            case .password(let user, let reference): ["password", user, reference.identity]
            case .token(let reference): ["token", reference.identity]
            case .key(let path): ["key", path]
            }
        let certificate = certificate.map { [$0.file, $0.key] } ?? []
        return (parts + certificate + [authorities ?? ""])
            .map { "\($0.utf8.count):\($0)" }.joined()
    }
}

extension SecretReference {
    fileprivate var identity: String {
        switch self {
        case .file(let path): "file \(path)"
        case .variable(let name): "variable \(name)"
        }
    }
}
