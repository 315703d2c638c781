internal import CCurl
internal import Synchronization

/// The one thread of a client, and the box through which others command it.
///
/// The order of commands is kept, so a `cancel` posted after its `start` always finds it; one
/// that came too early finds nothing, which is why posters look at their task again after `start`.
final class CurlLoop: Sendable {
    enum Command: Sendable {
        case start(UInt64, HTTPRequest, any TransferSink)
        case resume(UInt64)
        case cancel(UInt64)
        case stop
    }

    private struct Inbox {
        var commands: [Command] = []
        var nextID: UInt64 = 0
        /// The thread has left, or is leaving, and `multi` is no more.
        var isClosed = false
    }

    private let inbox = Mutex(Inbox())
    private let multi: MultiHandle

    init(connections: Int, trust: TrustPolicy) throws {
        guard CurlLoop.isReady, let handle = curl_multi_init() else {
            throw CurlLoop.error(.system, "libcurl can't be started")
        }
        multi = MultiHandle(pointer: handle)
        _ = ccurl_multi_set_long(handle, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections)
        _ = ccurl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, connections)
        guard OSThread.start({ self.run(trust) }) else {
            curl_multi_cleanup(handle)
            throw CurlLoop.error(.system, "the system gives no more threads")
        }
    }

    func newID() -> UInt64 {
        inbox.withLock { inbox in
            inbox.nextID += 1
            return inbox.nextID
        }
    }

    /// Leaves a command for the thread; after the stop everything that starts fails.
    func post(_ command: Command) {
        let wasPosted = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            inbox.commands.append(command)
            // Under the lock, because the thread frees the handle after it has closed the box.
            curl_multi_wakeup(multi.pointer)
            return true
        }
        if !wasPosted, case .start(_, let request, let sink) = command {
            sink.finish(
                TransportError(
                    .shutDown,
                    operation: request.operation,
                    message: "the client has been stopped"
                )
            )
        }
    }

    // MARK: - On the thread

    private func run(_ trust: TrustPolicy) {
        var transfers = TransferTable(multi: multi.pointer, trust: trust)
        while true {
            var mustStop = false
            for command in takeCommands() {
                switch command {
                case .start(let id, let request, let sink): transfers.start(id, request, sink)
                case .resume(let id): transfers.resume(id)
                case .cancel(let id): transfers.end(id, CancellationError())
                case .stop: mustStop = true
                }
            }
            if mustStop { break }
            transfers.advance()
        }
        transfers.endAll(CurlLoop.error(.shutDown, "the client has been stopped"))
        let missed = inbox.withLock { inbox in
            inbox.isClosed = true
            return inbox.commands
        }
        curl_multi_cleanup(multi.pointer)
        for command in missed { post(command) }
    }

    private func takeCommands() -> [Command] {
        inbox.withLock { inbox in
            defer { inbox.commands.removeAll(keepingCapacity: true) }
            return inbox.commands
        }
    }

    /// libcurl's own start, which must not happen in two threads.
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    private static func error(_ code: TransportError.Code, _ message: String) -> TransportError {
        TransportError(code, operation: "HTTP client", message: message)
    }
}

/// libcurl's set of transfers.
///
/// Safe to share: other threads only call `curl_multi_wakeup`, which libcurl allows from any
/// thread, and do so under the lock that guards the handle's end.
private struct MultiHandle: @unchecked Sendable {
    let pointer: UnsafeMutableRawPointer
}
