internal import Glibc

/// The path where a controller listens, and what stands there now.
package struct ControlSocket: Hashable, Sendable {
    package let path: String

    package init(_ path: String) { self.path = path }

    /// What a connection to the path meets.
    package enum State: Hashable, Sendable {
        case absent
        /// A socket that nobody listens on: its process ended without taking it away.
        case stale
        case answering
        /// Something else stands there, or it may not be used.
        case unusable(reason: String)
    }

    /// The longest path that the kernel takes; unix(7).
    package static let longestPath = 107

    /// Connects, says nothing, and looks at what came of it.
    package func state() -> State {
        guard path.utf8.count <= ControlSocket.longestPath else {
            return .unusable(
                reason: "the path is longer than the \(ControlSocket.longestPath) bytes that a "
                    + "socket's may have"
            )
        }
        var status = stat()
        guard lstat(path, &status) == 0 else {
            return errno == ENOENT ? .absent : .unusable(reason: ControlSocket.reason())
        }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            return .unusable(reason: "it is no socket")
        }
        return connectOnce()
    }

    /// Makes room for a new socket: takes a stale one away, and refuses to take anything else.
    package func clear() throws(ControlFailure) {
        switch state() {
        case .absent: try checkFolder()
        case .stale:
            guard unlink(path) == 0 || errno == ENOENT else {
                throw ControlFailure(.failed, "can't remove \(path): \(ControlSocket.reason())")
            }
        case .answering:
            throw ControlFailure(
                .notPossible,
                "another process answers on \(path)",
                remedy: "stop it, or give this controller another socket in gyre.yaml"
            )
        case .unusable(let reason):
            throw ControlFailure(
                .failed,
                "can't listen on \(path): \(reason)",
                remedy: "give another socket in gyre.yaml"
            )
        }
    }

    private func checkFolder() throws(ControlFailure) {
        let folder = path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)
        guard access(folder.isEmpty ? "/" : String(folder), W_OK | X_OK) != 0 else { return }
        throw ControlFailure(
            .failed,
            "can't listen on \(path): \(folder): \(ControlSocket.reason())",
            remedy: "make the folder, or give another socket in gyre.yaml"
        )
    }

    /// Keeps everyone but the owner out.
    func protect() { chmod(path, 0o600) }

    private func connectOnce() -> State {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC | O_NONBLOCK, 0)
        guard descriptor >= 0 else { return .unusable(reason: ControlSocket.reason()) }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, size)
            }
        }
        guard result != 0 else { return .answering }
        switch errno {
        case ECONNREFUSED: return .stale
        case ENOENT: return .absent
        // A full queue of connections is somebody's.
        case EAGAIN: return .answering
        default: return .unusable(reason: ControlSocket.reason())
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
