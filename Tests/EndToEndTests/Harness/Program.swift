import Glibc

/// Runs other programs, each with a deadline; what they write goes to files, never to a pipe that
/// a child of theirs could keep open.
enum Program {
    /// What a program left behind.
    struct Output: Sendable {
        var status: Int32
        var out: String
        var err: String

        var isSuccess: Bool { status == 0 }
    }

    /// A program that failed, or was not found, or took too long.
    struct Failure: Error, CustomStringConvertible {
        var description: String
    }

    /// Runs a program to its end and gives what it wrote, whatever its status.
    static func run(
        _ command: [String],
        environment: [String: String] = [:]
    ) async throws -> Output {
        let out = try scratch()
        defer { close(out) }
        let err = try scratch()
        defer { close(err) }
        let pid = try spawn(command, environment, out: out, err: err)
        guard let status = try await end(of: pid) else {
            kill(pid, SIGKILL)
            _ = try? await end(of: pid)
            throw Failure(
                description: "`\(command.joined(separator: " "))` took longer than \(patience)\n"
                    + contents(of: err)
            )
        }
        return Output(status: status, out: contents(of: out), err: contents(of: err))
    }

    /// Runs a program that must succeed, and gives its standard output.
    @discardableResult
    static func check(
        _ command: [String],
        environment: [String: String] = [:]
    ) async throws -> String {
        let output = try await run(command, environment: environment)
        guard output.isSuccess else {
            throw Failure(
                description: "`\(command.joined(separator: " "))` ended with \(output.status)\n"
                    + output.err + output.out
            )
        }
        return output.out
    }

    /// Starts a program with both outputs appended to a file, and gives its process id.
    static func start(
        _ command: [String],
        environment: [String: String] = [:],
        log: String
    ) throws -> pid_t {
        let file = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Failure(description: "can't write \(log)") }
        defer { close(file) }
        return try spawn(command, environment, out: file, err: file)
    }

    /// The exit status of a child, 128 and the signal's number when one ended it; nil when it
    /// still runs after ``patience``.
    static func end(of pid: pid_t) async throws -> Int32? {
        let deadline = ContinuousClock.now + patience
        var status: Int32 = 0
        while waitpid(pid, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < deadline else { return nil }
            try await Task.sleep(for: .milliseconds(5))
        }
        let signal = status & 0x7F
        return signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    }

    private static func spawn(
        _ command: [String],
        _ environment: [String: String],
        out: Int32,
        err: Int32
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, out, 1)
        posix_spawn_file_actions_adddup2(&actions, err, 2)
        let variables = Environment.all.merging(environment) { _, new in new }
        let arguments = command.map { strdup($0) } + [nil]
        let settings = variables.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + settings).forEach { free($0) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, command[0], &actions, nil, arguments, settings)
        guard code == 0 else {
            throw Failure(
                description: "can't run \(command[0]): \(String(cString: strerror(code)))"
            )
        }
        return pid
    }

    /// A file without a name.
    private static func scratch() throws -> Int32 {
        let file = open("/tmp", O_RDWR | O_CLOEXEC | 0x410000, 0o600)  // O_TMPFILE
        guard file >= 0 else { throw Failure(description: "can't make a temporary file") }
        return file
    }

    private static func contents(of file: Int32) -> String {
        lseek(file, 0, SEEK_SET)
        return String(decoding: Files.rest(of: file), as: UTF8.self)
    }
}
