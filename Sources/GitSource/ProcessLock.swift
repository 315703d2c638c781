internal import Glibc

/// Turns among the processes that use one state directory: a controller, and commands that look.
///
/// The kernel keeps them, as `flock` of a file, and gives them back when a process ends in any way.
/// Threads of one process take turns by ``Turns``.
enum ProcessLock {
    /// Runs `body` while this process alone has the lock; waits for it without a thread, for at
    /// most `limit`, then says who has it.
    static func take<T>(
        _ path: String,
        within limit: Duration,
        to operation: String,
        _ body: () async throws -> T
    ) async throws -> T {
        let descriptor = try opened(path)
        defer { give(descriptor) }
        let end = ContinuousClock.now + limit
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard ContinuousClock.now < end else {
                throw GitError(
                    .locked,
                    operation: operation,
                    message: "\(holder(descriptor)) is doing that, and has not come to an end yet"
                )
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        let name = "\(getpid())\n"
        ftruncate(descriptor, 0)
        _ = name.withCString { pwrite(descriptor, $0, name.utf8.count, 0) }
        return try await body()
    }

    /// Runs `body`, which takes a moment, while this process alone has the lock.
    static func hold<T>(_ path: String, _ body: () throws(GitError) -> T) throws(GitError) -> T {
        let descriptor = try opened(path)
        defer { give(descriptor) }
        while flock(descriptor, LOCK_EX) != 0 && errno == EINTR {}
        return try body()
    }

    /// The process that wrote its id down when it got the lock.
    private static func holder(_ descriptor: CInt) -> String {
        var bytes = [UInt8](repeating: 0, count: 20)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
        return Int(text.prefix { $0.isNumber }).map { "process \($0)" } ?? "another process"
    }

    private static func opened(_ path: String) throws(GitError) -> CInt {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            let isFull = errno == ENOSPC
            let reason = String(cString: strerror(errno)).lowercased()
            throw GitError(
                isFull ? .outOfDisk : .failed,
                operation: "lock \(path)",
                message: reason
            )
        }
        return descriptor
    }

    /// Unlocks by name: a child that was forked and has not called `exec` yet shares the file.
    private static func give(_ descriptor: CInt) {
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
