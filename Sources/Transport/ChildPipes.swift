internal import CCurl
internal import Glibc

/// What a child's standard streams are connected to, and the start of the child.
struct ChildPipes {
    let ourSocket: Int32
    let ourErrors: Int32
    private let theirSocket: Int32
    private let theirErrors: Int32

    init(_ operation: String) throws(TransportError) {
        var sockets: [Int32] = [-1, -1]
        var errors: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &sockets) == 0 else {
            throw ChildPipes.failure(operation)
        }
        guard socketpair(AF_UNIX, type, 0, &errors) == 0 else {
            for socket in sockets { close(socket) }
            throw ChildPipes.failure(operation)
        }
        (ourSocket, theirSocket) = (sockets[0], sockets[1])
        (ourErrors, theirErrors) = (errors[0], errors[1])
        _ = fcntl(ourErrors, F_SETFL, O_NONBLOCK)
    }

    /// Starts the program with these streams, every other file closed, default signals, and a
    /// process group of its own.
    ///
    /// - Returns: An `errno`, or zero and the process.
    func spawn(_ path: String, _ arguments: [String], _ variables: [String]) -> (Int32, pid_t) {
        guard !(arguments + variables).contains(where: { $0.utf8.contains(0) }) else {
            return (EINVAL, 0)
        }
        var files = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        guard posix_spawn_file_actions_init(&files) == 0 else { return (ENOMEM, 0) }
        defer { posix_spawn_file_actions_destroy(&files) }
        guard posix_spawnattr_init(&attributes) == 0 else { return (ENOMEM, 0) }
        defer { posix_spawnattr_destroy(&attributes) }
        let error = prepare(&files, &attributes)
        guard error == 0 else { return (error, 0) }

        var argv = arguments.map { strdup($0) } + [nil]
        var envp = variables.map { strdup($0) } + [nil]
        defer { for text in argv + envp { free(text) } }
        var process: pid_t = 0
        return (posix_spawn(&process, path, &files, &attributes, &argv, &envp), process)
    }

    private func prepare(
        _ files: inout posix_spawn_file_actions_t,
        _ attributes: inout posix_spawnattr_t
    ) -> Int32 {
        var all = sigset_t()
        var none = sigset_t()
        sigfillset(&all)
        sigemptyset(&none)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        let errors = [
            posix_spawn_file_actions_adddup2(&files, theirSocket, STDIN_FILENO),
            posix_spawn_file_actions_adddup2(&files, theirSocket, STDOUT_FILENO),
            posix_spawn_file_actions_adddup2(&files, theirErrors, STDERR_FILENO),
            ccurl_close_from(&files, STDERR_FILENO + 1),
            posix_spawnattr_setflags(&attributes, Int16(flags)),
            posix_spawnattr_setpgroup(&attributes, 0),
            posix_spawnattr_setsigdefault(&attributes, &all),
            posix_spawnattr_setsigmask(&attributes, &none),
        ]
        return errors.first { $0 != 0 } ?? 0
    }

    func closeTheirs() {
        close(theirSocket)
        close(theirErrors)
    }

    func closeOurs() {
        close(ourSocket)
        close(ourErrors)
    }

    private static func failure(_ operation: String) -> TransportError {
        TransportError(.system, operation: operation, message: systemText(errno))
    }
}

/// The system's words for an error number.
func systemText(_ number: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
        buffer.initialize(repeating: 0)
        guard let start = buffer.baseAddress, strerror_r(number, start, buffer.count) == 0 else {
            return "error \(number)"
        }
        return String(cString: start)
    }
}
