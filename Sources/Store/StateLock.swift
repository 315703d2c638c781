internal import Glibc

/// Keeps what belongs to one process to one process: the state directory, an engine.
///
/// The kernel holds the lock for as long as this value lives and gives it back when the process
/// ends in any way, so a lock is never stale. It binds processes of one machine, not of several
/// that mount the same directory.
package final class StateLock: Sendable {
    package let path: String
    private let descriptor: CInt
    /// Whether the file goes with the lock.
    private let isPassing: Bool

    /// Takes the lock at `path`, or throws `locked` at once when another holder has it.
    ///
    /// The file is made when it is missing, and holds the id of the last holder's process, for
    /// people. With `isPassing` it is removed when the lock is given back.
    package init(at path: String, isPassing: Bool = false) throws(StoreError) {
        var descriptor = try Self.lock(path)
        // A lock on a file that its last holder has just removed keeps nobody out.
        while !Self.stands(descriptor, at: path) {
            close(descriptor)
            descriptor = try Self.lock(path)
        }
        self.path = path
        self.descriptor = descriptor
        self.isPassing = isPassing
        let name = "\(getpid())\n"
        _ = ftruncate(descriptor, 0)
        _ = name.withCString { pwrite(descriptor, $0, name.utf8.count, 0) }
    }

    /// Who has the lock at `path`, such as `process 17 has it`; nil when nobody has, or it can't be
    /// told.
    package static func holder(at path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        for attempt in 1...tries {
            if flock(descriptor, LOCK_SH | LOCK_NB) == 0 {
                flock(descriptor, LOCK_UN)
                return nil
            }
            guard errno == EWOULDBLOCK else { return nil }
            if attempt < tries { usleep(5000) }
        }
        return holder(descriptor)
    }

    /// Removes the locks in `directory` that processes left behind which were killed: files that
    /// `isLock` knows by their names and that nobody holds.
    ///
    /// What can't be opened, as another user's, stays. A file is removed only while it is locked
    /// here and still the one of its name, so nobody's lock goes: whoever has opened it meanwhile
    /// finds that it is no more and makes another.
    package static func sweep(_ directory: String, where isLock: (String) -> Bool) {
        guard let stream = opendir(directory) else { return }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            if isLock(name) { removeAbandoned("\(directory)/\(name)") }
        }
    }

    private static func removeAbandoned(_ path: String) {
        let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { return }
        if stands(descriptor, at: path) { unlink(path) }
        flock(descriptor, LOCK_UN)
    }

    /// Whoever only looks whether it is held has it for an instant, and so has a sweep.
    private static let tries = 5

    /// An open file at `path` with our lock on it.
    private static func lock(_ path: String) throws(StoreError) -> CInt {
        let operation = "lock \(path)"
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(.failed, operation, reason()) }
        var isOurs = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        for _ in 1..<tries where !isOurs && errno == EWOULDBLOCK {
            usleep(5000)
            isOurs = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        }
        guard isOurs else {
            let isHeld = errno == EWOULDBLOCK
            let reason = isHeld ? holder(descriptor) : reason()
            close(descriptor)
            throw StoreError(isHeld ? .locked : .failed, operation, reason)
        }
        return descriptor
    }

    /// Whether the open file is still the one at `path`.
    private static func stands(_ descriptor: CInt, at path: String) -> Bool {
        var own = stat()
        var there = stat()
        guard fstat(descriptor, &own) == 0, stat(path, &there) == 0 else { return false }
        return own.st_dev == there.st_dev && own.st_ino == there.st_ino
    }

    /// Takes the lock of a controller's state directory.
    package convenience init(ofDirectory directory: String) throws(StoreError) {
        try self.init(at: directory + "/lock")
    }

    /// Removed while it is locked, so that nobody's lock but our own goes.
    ///
    /// Unlocked by name: a child that was forked and has not called `exec` yet shares the file.
    deinit {
        if isPassing { unlink(path) }
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
