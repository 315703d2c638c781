internal import Glibc

/// Where an archive goes that comes piece by piece: a file that is whole under its name or not
/// there, or standard output.
struct ArchiveFile {
    /// nil for standard output.
    let path: String?
    private let replaces: Bool
    private let descriptor: CInt

    /// Begins a file beside `path`; one that is there already has to be one that it `replaces`.
    init(_ path: String?, replacing: Bool = false) throws {
        self.path = path
        replaces = replacing
        guard let path else {
            descriptor = STDOUT_FILENO
            return
        }
        switch try FileBytes.kind(of: path) {
        case nil: break
        case .file:
            guard replacing else { throw ArchiveFile.taken(path) }
        default:
            throw Failure(
                .failed,
                "\(path) is no plain file",
                remedy: "without --output the archive goes to standard output"
            )
        }
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        descriptor = Glibc.open(ArchiveFile.part(of: path), flags, 0o600)
        guard descriptor >= 0 else { throw ArchiveFile.unwritable(path, errno) }
    }

    /// A run that was killed may have left its own.
    private static func part(of path: String) -> String { "\(path).part-\(getpid())" }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw ArchiveFile.unwritable(path ?? "standard output", count < 0 ? errno : EIO)
            }
            rest = rest.dropFirst(count)
        }
    }

    /// Gives the file its name, when all of it is on the disk.
    func keep() throws {
        guard let path else { return }
        let part = ArchiveFile.part(of: path)
        guard fsync(descriptor) == 0 else { throw ArchiveFile.unwritable(path, errno) }
        // A link, unlike a name that is given to it, takes no other file's place.
        guard replaces ? rename(part, path) == 0 : link(part, path) == 0 else {
            throw errno == EEXIST ? ArchiveFile.taken(path) : ArchiveFile.unwritable(path, errno)
        }
        end()
    }

    /// Leaves nothing but what has been given its name.
    func end() {
        guard let path else { return }
        close(descriptor)
        unlink(ArchiveFile.part(of: path))
    }

    private static func taken(_ path: String) -> Failure {
        Failure(.failed, "\(path) is there already", remedy: "name another file, or give --force")
    }

    private static func unwritable(_ path: String, _ code: CInt) -> Failure {
        Failure(.failed, "can't write \(path): \(String(cString: strerror(code)))")
    }
}
