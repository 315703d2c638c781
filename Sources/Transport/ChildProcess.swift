internal import Glibc

/// A program started with an argument list, never a shell, and spoken with over its standard
/// input and output.
///
/// It knows nothing of our environment but what it is given, has no file of ours open, leads a
/// process group of its own, and is gone and reaped when this object is. Belongs to one thread.
package final class ChildProcess {
    /// What it writes on standard error is kept up to here; the rest is read and dropped.
    package static let errorLimit = 64 << 10

    private let process: pid_t
    private let operation: String
    private let patience: Patience
    /// Our end of its standard input and output; -1 once closed.
    private var socket: Int32
    private var errors: Int32
    private var errorBytes: [UInt8] = []
    private var status: Int32?
    private var usage = rusage()
    private var lastMove = ContinuousClock.now
    /// How a line of its standard error begins that says that it has connected to somewhere.
    private let entry: String?
    private var isConnected: Bool

    /// Starts the program at `path`, an absolute path; `arguments` don't repeat its name.
    ///
    /// A program that connects to somewhere has `patience.connect` to write a line on standard
    /// error that begins with `entry`, or to hand us its first byte.
    package init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        operation: String,
        patience: Patience,
        connectedAt entry: String? = nil
    ) throws(TransportError) {
        let pipes = try ChildPipes(operation)
        defer { pipes.closeTheirs() }
        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let (error, process) = pipes.spawn(path, [path] + arguments, variables)
        guard error == 0 else {
            pipes.closeOurs()
            throw TransportError(
                .system,
                operation: operation,
                message: "can't start \(path): \(systemText(error))"
            )
        }
        self.process = process
        self.operation = operation
        self.patience = patience
        self.entry = entry
        isConnected = entry == nil
        socket = pipes.ourSocket
        errors = pipes.ourErrors
    }

    deinit { kill() }

    /// Fills the start of `buffer` with what the program wrote; zero when it closed its output.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(TransportError) -> Int {
        guard !buffer.isEmpty else { return 0 }
        while true {
            let count = recv(socket, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
            if count >= 0 {
                lastMove = .now
                isConnected = isConnected || count > 0
                return count
            }
            // The program was killed with bytes of ours unread.
            if errno == ECONNRESET || errno == EBADF { return 0 }
            try wait(for: POLLIN)
        }
    }

    /// Hands all of `bytes` to the program.
    package func write(_ bytes: UnsafeRawBufferPointer) throws(TransportError) {
        var sent = 0
        while sent < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[sent...])
            let flags = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
            let count = send(socket, rest.baseAddress, rest.count, flags)
            if count > 0 {
                sent += count
                lastMove = .now
            } else if errno == EPIPE || errno == ECONNRESET || errno == EBADF {
                throw TransportError(
                    .closedEarly,
                    operation: operation,
                    message: "the program ended before it had read everything"
                )
            } else {
                try wait(for: POLLOUT)
            }
        }
    }

    /// Lets the program see the end of its input; it can still answer.
    package func endInput() {
        if socket >= 0 { shutdown(socket, Int32(SHUT_WR)) }
    }

    /// How a program came to its end.
    package enum Ending: Hashable, Sendable {
        case exited(Int32)
        case killed(signal: Int32)
    }

    /// How it ended; nil while it runs, and where somebody else reaped it.
    package var ending: Ending? {
        guard let status, status >= 0 else { return nil }
        let signal = status & 0x7F
        return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
    }

    /// The time of processors that it took, once it has ended.
    package var processorTime: Duration {
        let (user, system) = (usage.ru_utime, usage.ru_stime)
        return .seconds(user.tv_sec + system.tv_sec) + .microseconds(user.tv_usec + system.tv_usec)
    }

    /// The system's number of it.
    package var number: Int32 { process }

    /// What it wrote on standard error until now.
    package var errorText: String { String(decoding: errorBytes, as: UTF8.self) }

    /// Closes its input and output and waits for its end, at most for `span`; then it is killed.
    ///
    /// - Returns: Its exit status, or nil where a signal ended it.
    @discardableResult
    package func finish(within span: Duration = .seconds(2)) -> Int32? {
        closeSocket()
        let end = min(ContinuousClock.now + span, patience.end)
        // Most have ended by now, and are gone a moment later.
        var pause: Int32 = 1
        while status == nil, ContinuousClock.now < end, !patience.stop.isSet {
            drainErrors(waiting: pause)
            reap(WNOHANG)
            pause = min(10, pause * 2)
        }
        kill()
        guard case .exited(let code)? = ending else { return nil }
        return code
    }

    /// Ends the program and all that it started.
    package func kill() {
        closeSocket()
        signal(SIGTERM)
        let end = ContinuousClock.now + .milliseconds(500)
        while status == nil, ContinuousClock.now < end {
            drainErrors(waiting: 5)
            reap(WNOHANG)
        }
        signal(SIGKILL)
        reap(0)
        drainErrors(waiting: 0)
        if errors >= 0 { close(errors) }
        errors = -1
    }

    private func signal(_ number: Int32) {
        // Until it is reaped, nobody else can have its number.
        if status == nil { Glibc.kill(-process, number) }
    }

    private func reap(_ options: Int32) {
        guard status == nil else { return }
        var value: Int32 = 0
        var result = wait4(process, &value, options, &usage)
        while result < 0, errno == EINTR { result = wait4(process, &value, options, &usage) }
        // Somebody else reaped it: then there is nothing left to end.
        if result != 0 { status = result > 0 ? value : -1 }
    }

    private func closeSocket() {
        if socket >= 0 { close(socket) }
        socket = -1
    }

    private func wait(for event: Int32) throws(TransportError) {
        try patience.check(operation, since: lastMove, isConnected: isConnected)
        var sockets = [
            pollfd(fd: socket, events: Int16(event), revents: 0),
            pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
        ]
        poll(&sockets, nfds_t(sockets.count), patience.waitMilliseconds)
        if sockets[1].revents != 0 {
            drainErrors(waiting: 0)
            noteEntry()
        }
    }

    private func noteEntry() {
        guard !isConnected, let entry,
            errorText.split(whereSeparator: \.isNewline).contains(where: { $0.hasPrefix(entry) })
        else { return }
        isConnected = true
        lastMove = .now
    }

    /// Reads what is there of standard error, after a wait of some milliseconds for it.
    private func drainErrors(waiting milliseconds: Int32) {
        var place = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
        while poll(&place, 1, milliseconds) > 0 {
            let count = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
                let count = Glibc.read(errors, buffer.baseAddress, buffer.count)
                let room = max(0, ChildProcess.errorLimit - errorBytes.count)
                if count > 0 { errorBytes.append(contentsOf: buffer.prefix(min(count, room))) }
                return count
            }
            guard count > 0 else {
                if count == 0, errors >= 0 {
                    close(errors)
                    errors = -1
                }
                return
            }
            if milliseconds > 0 { return }
        }
    }
}
