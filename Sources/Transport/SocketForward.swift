internal import Glibc
internal import Synchronization

/// A socket of another machine, brought to one of ours by an OpenSSH client.
///
/// The client is started when somebody asks for the socket, and again when it has ended. It ends
/// with this object, and by itself when this process ends: it runs a command on the server that
/// reads from us.
package final class SocketForward: Sendable {
    private let place: SSHPlace
    private let socket: String
    private let latest = Mutex<Session?>(nil)

    /// The one at `socket`, an absolute path of the server; nothing is started yet.
    package init(_ place: SSHPlace, socket: String) {
        self.place = place
        self.socket = socket
    }

    deinit { latest.withLock { $0?.stop.set() } }

    /// The path of a socket of ours that leads there, once it does.
    package func path() async throws -> String {
        let session = latest.withLock { latest in
            if let latest, !latest.isOver { return latest }
            let session = Session(place, socket)
            latest = session
            return session
        }
        while true {
            if let path = try session.path() { return path }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Why the socket is gone; nil while it stands.
    package var failure: TransportError? { latest.withLock { $0?.failure } }
}

/// One client, from its start to its end, on a thread of its own.
private final class Session: Sendable {
    let stop = StopFlag()
    private let folder: String
    private let progress = Mutex(Progress.starting)

    private enum Progress: Sendable {
        case starting
        case open
        case over(TransportError)
    }

    init(_ place: SSHPlace, _ socket: String) {
        let operation = "reach \(socket) on \(place.host) over ssh"
        guard let made = Session.makeFolder() else {
            folder = ""
            let reason = String(cString: strerror(errno))
            let message = "can't make a folder in \(Session.parent): \(reason)"
            end(TransportError(.system, operation: operation, message: message))
            return
        }
        folder = made
        let isStarted = OSThread.start { [self] in
            let error = run(place, socket, operation)
            end(error)
            unlink(ours)
            rmdir(folder)
        }
        guard !isStarted else { return }
        let message = "the system has no thread left"
        end(TransportError(.system, operation: operation, message: message))
    }

    private func end(_ error: TransportError) { progress.withLock { $0 = .over(error) } }

    var isOver: Bool { failure != nil }

    var failure: TransportError? {
        progress.withLock { if case .over(let error) = $0 { error } else { nil } }
    }

    /// The path of our socket; nil while the client is on its way there.
    func path() throws(TransportError) -> String? {
        let isOpen: Bool
        switch progress.withLock({ $0 }) {
        case .over(let error): throw error
        case .open: isOpen = true
        case .starting: isOpen = access(ours, F_OK) == 0
        }
        if isOpen { progress.withLock { if case .starting = $0 { $0 = .open } } }
        return isOpen ? ours : nil
    }

    private var ours: String { "\(folder)/s" }

    private static let parent = "/tmp"
    private static let prefix = "gyre-ssh-"

    /// A folder of ours alone, named for this process; nil leaves the reason in `errno`.
    ///
    /// Its path has to be short, since a socket's may have 107 bytes.
    private static func makeFolder() -> String? {
        sweep()
        var template = Array("\(parent)/\(prefix)\(getpid())-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { return nil }
        return String(cString: made)
    }

    /// Removes what processes left that are gone.
    private static func sweep() {
        guard let folder = opendir(parent) else { return }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            // Where it is: an entry ends with its name, and what follows may not be readable.
            let bytes = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            let name = String(decoding: bytes, as: UTF8.self)
            guard name.hasPrefix(prefix),
                let owner = pid_t(name.dropFirst(prefix.count).prefix { $0 != "-" }),
                kill(owner, 0) != 0, errno == ESRCH
            else { continue }
            let path = "\(parent)/\(name)"
            guard isOurs(path) else { continue }
            unlink("\(path)/s")
            rmdir(path)
        }
    }

    /// Whether it is a folder of ours: a link would lead to what isn't, and nobody else can put
    /// one in its place where everybody may write.
    private static func isOurs(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
            && status.st_uid == geteuid()
    }

    /// Waits for the client's end, and says what it was.
    private func run(_ place: SSHPlace, _ socket: String, _ operation: String) -> TransportError {
        do throws(TransportError) {
            let child = try ChildProcess(
                SSHPlace.program,
                place.arguments("exec cat", forwarding: (ours, socket)),
                environment: SSHPlace.environment,
                operation: operation,
                patience: Patience(
                    connect: place.connectTimeout,
                    progress: Session.ages,
                    total: Session.ages,
                    stop: stop
                ),
                connectedAt: SSHAccount.entry
            )
            return Session.end(of: child, place, operation)
        } catch {
            return error
        }
    }

    private static let ages = Duration.seconds(1 << 32)

    private static func end(
        of child: ChildProcess,
        _ place: SSHPlace,
        _ operation: String
    ) -> TransportError {
        var isLate = false
        do {
            // Nothing is said to the command there, so what comes is a greeting of the server's.
            var bytes = [UInt8](repeating: 0, count: 4096)
            while try bytes.withUnsafeMutableBytes({ try child.read(into: $0) }) > 0 {}
        } catch let error as TransportError {
            guard error.code == .timedOut, error.deadline == .connect else { return error }
            isLate = true
        } catch {
            return TransportError(.system, operation: operation, message: "\(error)")
        }
        child.finish()
        let failure = SSHFailure(child.errorText, place, isLate: isLate)
        return TransportError(failure, operation: operation)
    }
}

extension TransportError {
    /// What a failed session means for what it carries.
    fileprivate init(_ failure: SSHFailure, operation: String) {
        let code: Code =
            switch failure.kind {
            case .stranger, .disagreed: .malformed
            case .hostKeyUnknown, .hostKeyChanged, .unreadableKey, .denied: .untrusted
            case .unreachable, .hungUp: .cannotConnect
            case .late: .timedOut
            case .other: .closedEarly
            }
        self.init(code, operation: operation, message: failure.message)
    }
}
