internal import CCurl

/// HTTP on the calling thread, for C libraries that fetch what they need by themselves.
///
/// One request at a time, on a connection that is kept for the next. Belongs to the thread that
/// made it. Nothing is retried and no redirect is followed.
package final class BlockingHTTP {
    private let multi: UnsafeMutableRawPointer
    private let trust: TrustPolicy
    private let patience: Patience
    private var current: (transfer: CurlTransfer, sink: BlockingSink)?
    /// What had moved when something last did, and when that was.
    private var moved: Int64 = 0
    private var lastMove = ContinuousClock.now

    package init(trust: TrustPolicy, patience: Patience) throws(TransportError) {
        guard CurlLoop.isReady, let multi = curl_multi_init() else {
            throw TransportError(
                .system,
                operation: "HTTP client",
                message: "libcurl can't be started"
            )
        }
        self.multi = multi
        self.trust = trust
        self.patience = patience
        _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 2)
    }

    deinit {
        end()
        curl_multi_cleanup(multi)
    }

    /// Sends `request` and waits for the head of the answer, whatever its status.
    ///
    /// The deadlines are those of the client's patience; the request's own only add to them.
    package func begin(_ request: HTTPRequest) throws(TransportError) -> HTTPHead {
        end()
        var request = request
        request.connectTimeout = patience.connect
        request.totalTimeout = nil
        let sink = BlockingSink()
        do {
            let transfer = try CurlTransfer(id: 0, request, sink, trust)
            current = (transfer, sink)
            curl_multi_add_handle(multi, transfer.easy)
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(.system, operation: request.operation, message: "\(error)")
        }
        moved = 0
        lastMove = .now
        while true {
            if let head = sink.head { return head }
            if try advance() { continue }
            if let head = sink.head { return head }
            // libcurl takes a head that breaks off for a whole one.
            throw TransportError(
                .closedEarly,
                operation: request.operation,
                message: "the connection was closed before the answer was complete"
            )
        }
    }

    /// Fills the start of `buffer` with what comes next of the body.
    ///
    /// - Returns: How many bytes; zero when the answer is complete.
    package func read(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(TransportError) -> Int {
        guard let current, !buffer.isEmpty else { return 0 }
        while true {
            let count = current.sink.take(into: buffer)
            if count > 0 { return count }
            guard try advance() else { return current.sink.take(into: buffer) }
        }
    }

    /// Gives up what is under way; a connection in the middle of an answer is closed.
    package func end() {
        guard let current else { return }
        curl_multi_remove_handle(multi, current.transfer.easy)
        self.current = nil
    }

    /// Moves what can move, or waits a moment for it.
    ///
    /// - Returns: Whether more may come.
    private func advance() throws(TransportError) -> Bool {
        guard let (transfer, sink) = current else { return false }
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        noteCompletion(transfer)
        if let result = sink.result {
            if let failure = result { throw describe(failure, transfer) }
            return false
        }
        noteMovement(transfer)
        do throws(TransportError) {
            try patience.check(
                transfer.request.operation,
                since: lastMove,
                isConnected: transfer.isConnected
            )
        } catch {
            throw describe(error, transfer)
        }
        // libcurl's own timers shorten the wait.
        if !sink.hasNews { curl_multi_poll(multi, nil, 0, patience.waitMilliseconds, nil) }
        return true
    }

    private func noteCompletion(_ transfer: CurlTransfer) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left)?.pointee {
            guard message.msg == CURLMSG_DONE, message.easy_handle == transfer.easy else {
                continue
            }
            transfer.sink.finish(transfer.failure(message.data.result))
        }
    }

    private func noteMovement(_ transfer: CurlTransfer) {
        let total = transfer.bytesMoved + (transfer.isConnected ? 1 : 0)
        guard total != moved else { return }
        moved = total
        lastMove = .now
    }

    private func describe(_ failure: any Error, _ transfer: CurlTransfer) -> TransportError {
        guard let error = failure as? TransportError else {
            return TransportError(
                .system,
                operation: transfer.request.operation,
                message: "\(failure)"
            )
        }
        guard error.code == .timedOut, error.deadline != .end, !transfer.isConnected else {
            return error
        }
        // libcurl doesn't tell whether anybody accepted the connection before TLS is agreed on.
        let what = transfer.request.url.hasPrefix("https:") ? "connection with TLS" : "connection"
        return TransportError(
            .timedOut,
            operation: error.operation,
            message: "no \(what) within \(patience.connect.inWords)",
            deadline: .connect
        )
    }
}
