internal import Glibc
internal import Transport

/// Reads files that somebody else wrote: bounded, never through a link at the end, never from a
/// device or a pipe.
enum FileBytes {
    /// What stands at a path.
    enum Kind {
        case file(size: Int64)
        case directory
        case link
        case other
    }

    /// Why a file could not be read; errno's words.
    struct ReadError: Error, CustomStringConvertible {
        let path: String
        let description: String
        /// What the system says; nil where it is our own refusal.
        let code: CInt?

        init(_ path: String, _ reason: String, code: CInt? = nil) {
            self.path = path
            self.code = code
            description = "can't read \(path): \(reason)"
        }

        init(_ path: String, errno code: CInt) {
            self.init(path, String(cString: strerror(code)), code: code)
        }
    }

    /// nil when nothing is there.
    static func kind(of path: String, followingLink: Bool = false) throws -> Kind? {
        var status = stat()
        let result = followingLink ? stat(path, &status) : lstat(path, &status)
        guard result == 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw ReadError(path, errno: errno)
        }
        return switch status.st_mode & S_IFMT {
        case S_IFREG: .file(size: Int64(status.st_size))
        case S_IFDIR: .directory
        case S_IFLNK: .link
        default: .other
        }
    }

    /// Whether its owner may run it, which is what git keeps of a file's mode.
    static func isExecutable(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IXUSR != 0
    }

    /// All bytes of a file of at most `limit` bytes.
    ///
    /// With `isSecret`, a file of ours that others may read is refused.
    static func read(
        _ path: String,
        limit: Int,
        followingLink: Bool = false,
        isSecret: Bool = false
    ) throws -> [UInt8] {
        let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | (followingLink ? 0 : O_NOFOLLOW)
        let descriptor = open(path, flags)
        guard descriptor >= 0 else { throw ReadError(path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw ReadError(path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw ReadError(path, "it is no file") }
        guard !isSecret || !SecretFile.isExposed(status) else {
            throw ReadError(path, "others may read it; chmod 600 \(path)")
        }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw ReadError(path, errno: errno) }
            if count == 0 { return bytes }
            bytes += buffer.prefix(count)
            guard bytes.count <= limit else {
                throw ReadError(path, "it is larger than \(limit) bytes")
            }
        }
    }

    /// The target of a link, as stored.
    static func target(of path: String) throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink(path, &buffer, buffer.count)
        guard count >= 0 else { throw ReadError(path, errno: errno) }
        return String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Names in a directory, sorted, without `.` and `..`.
    static func names(in path: String) throws -> [String] {
        guard let directory = opendir(path) else { throw ReadError(path, errno: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                Array(name.prefix { $0 != 0 })
            }
            guard let name = String(validating: bytes, as: UTF8.self) else {
                throw ReadError(path, "it holds a name that is not UTF-8")
            }
            if name != "." && name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw ReadError(path, errno: errno) }
        return names.sorted()
    }
}
