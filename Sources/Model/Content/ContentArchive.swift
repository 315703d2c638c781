/// The archive in which a content goes to an engine: the same bytes for the same content, always.
///
/// A plain ustar archive, uncompressed: entries in the order of their paths, owned by root,
/// permissions 0644, or 0755 where the commit says executable. Its form never changes, because
/// its digest is part of spec hashes; a golden test holds it.
///
/// A file's time is made from its bytes. Web servers and compilers tell versions by time and
/// size, so a time that is always the same would make them keep what has changed.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format".
package struct ContentArchive: Hashable, Sendable {
    package static let maximumEntries = 10_000
    package static let maximumBytes = 16 << 20
    /// What a content that is a file is called in its volume.
    package static let fileName = "content"

    package let kind: Content.Kind
    package private(set) var bytes: [UInt8] = []
    private var entryCount = 0

    /// What stands at `path` of `snapshot`, which has no links in it.
    package init(of path: String, in snapshot: Snapshot) throws(ContentError) {
        if case .file(let bytes)? = snapshot.entries[path] {
            kind = .file
            let mode = snapshot.executables.contains(path) ? 0o755 : 0o644
            try add(ContentArchive.fileName, .file(bytes, .init(mode: mode)))
        } else {
            kind = .folder
            guard snapshot.isDirectory(path) else {
                throw .unreadable(path: path, ContentArchive.problem(with: path, in: snapshot))
            }
            try addFolder(path, of: snapshot)
        }
        // Two empty blocks end an archive.
        bytes += [UInt8](repeating: 0, count: 1024)
    }

    /// A file of `bytes`, such as a config.
    ///
    /// The time of a secret says nothing of it, since more may see the time than read the file.
    package init(
        file bytes: [UInt8],
        _ attributes: Content.Attributes,
        isSecret: Bool = false
    ) throws(ContentError) {
        kind = .file
        try add(ContentArchive.fileName, .file(bytes, attributes), isSecret: isSecret)
        self.bytes += [UInt8](repeating: 0, count: 1024)
    }

    package var digest: String { SHA256Hex.of(bytes) }

    /// What makes `path` unfit to be read.
    private static func problem(with path: String, in snapshot: Snapshot) -> Snapshot.ReadError {
        do throws(Snapshot.ReadError) {
            _ = try snapshot.read(path)
            return .missing
        } catch {
            return error
        }
    }

    private mutating func addFolder(_ path: String, of snapshot: Snapshot) throws(ContentError) {
        // By bytes: to a string, a slash and a mark above it are one character.
        let prefix = path.isEmpty ? [] : Array((path + "/").utf8)
        let paths = snapshot.entries.keys.filter { $0.utf8.starts(with: prefix) }
        try add(".", .folder)
        var folders: Set<[UInt8]> = []
        for path in paths.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            let name = String(decoding: path.utf8.dropFirst(prefix.count), as: UTF8.self)
            for folder in name.enclosingFolders where folders.insert(Array(folder.utf8)).inserted {
                try add(folder, .folder)
            }
            try add(name, entry(at: path, called: name, in: snapshot))
        }
    }

    private func entry(
        at path: String,
        called name: String,
        in snapshot: Snapshot
    ) throws(ContentError) -> Entry {
        switch snapshot.entries[path] {
        case .file(let bytes):
            return .file(bytes, .init(mode: snapshot.executables.contains(path) ? 0o755 : 0o644))
        case .link(let target):
            guard ContentArchive.stays(target, seenFrom: name) else {
                throw .linkLeaves(path: path)
            }
            return .link(target)
        case .omitted(let count): throw .unreadable(path: path, .tooLarge(byteCount: count))
        case .submodule: throw .unreadable(path: path, .submodule)
        case .lfsPointer: throw .unreadable(path: path, .lfsPointer)
        case nil: throw .unreadable(path: path, .missing)
        }
    }

    /// Whether a link called `name` with this target can't lead out of the folder, by its text
    /// alone: a link on the way may lead elsewhere, but stays inside for the same reason.
    package static func stays(_ target: String, seenFrom name: String) -> Bool {
        guard let first = target.utf8.first, first != 0x2F else { return false }
        var depth = name.utf8.count { $0 == 0x2F }
        for part in target.utf8.split(separator: 0x2F).map(Array.init) where part != [0x2E] {
            depth += part == [0x2E, 0x2E] ? -1 : 1
            if depth < 0 { return false }
        }
        return true
    }

    // MARK: The format

    private enum Entry {
        case file([UInt8], Content.Attributes)
        case folder
        case link(String)
    }

    private mutating func add(
        _ name: String,
        _ entry: Entry,
        isSecret: Bool = false
    ) throws(ContentError) {
        entryCount += 1
        guard entryCount <= ContentArchive.maximumEntries else { throw .tooManyEntries }
        let header: [UInt8]
        var content: [UInt8] = []
        switch entry {
        case .folder:
            let path = name == "." ? "./" : name + "/"
            header = try UstarHeader(path: path, .init(mode: 0o755), type: "5").block
        case .link(let target):
            header = try UstarHeader(path: name, .init(mode: 0o777), type: "2", link: target).block
        case .file(let bytes, let attributes):
            content = bytes
            header = try UstarHeader(
                path: name,
                attributes,
                type: "0",
                content: bytes,
                isSecret: isSecret
            ).block
        }
        let padding = (512 - content.count % 512) % 512
        guard bytes.count + 512 + content.count + padding <= ContentArchive.maximumBytes else {
            throw .tooManyBytes
        }
        bytes += header
        bytes += content
        bytes += [UInt8](repeating: 0, count: padding)
    }
}

extension String {
    /// The folders that hold the file of this path, outermost first.
    fileprivate var enclosingFolders: [String] {
        utf8.indices.filter { utf8[$0] == 0x2F }.map { String(self[..<$0]) }
    }
}
