internal import Glibc

/// Keeps what belongs to one process to one process: the state directory, an engine.
///
/// The kernel holds the lock for as long as this value lives and gives it back when the process
/// ends in any way, so a lock is never stale. It binds processes of one machine, not of several
/// that mount the same directory.
package final class StateLock: Sendable {
    package let path: String
    private let descriptor: CInt

    /// Takes the lock at `path`, or throws `locked` at once when another holder has it.
    ///
    /// The file is made when it is missing and never removed: a lock on a removed file would
    /// keep nobody out. It holds the id of the last holder's process, for people.
    package init(at path: String) throws(StoreError) {
        let operation = "lock \(path)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(.failed, operation, Self.reason()) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let isHeld = errno == EWOULDBLOCK
            let reason = isHeld ? Self.holder(descriptor) : Self.reason()
            close(descriptor)
            throw StoreError(isHeld ? .locked : .failed, operation, reason)
        }
        self.path = path
        self.descriptor = descriptor
        let name = "\(getpid())\n"
        _ = ftruncate(descriptor, 0)
        _ = name.withCString { pwrite(descriptor, $0, name.utf8.count, 0) }
    }

    /// Takes the lock of a controller's state directory.
    package convenience init(ofDirectory directory: String) throws(StoreError) {
        try self.init(at: directory + "/lock")
    }

    /// Unlocked by name: a child that was forked and has not called `exec` yet shares the file.
    deinit {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func reason() -> String { String(cString: strerror(errno)) }

    private static func holder(_ descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let text = String(
            decoding: bytes.prefix(max(count, 0)).prefix { $0 != 0x0A },
            as: UTF8.self
        )
        return text.isEmpty ? "another process has it" : "process \(text) has it"
    }
}
