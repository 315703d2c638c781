internal import CCurl

/// The transfers under way; confined to the client's thread.
struct TransferTable {
    private let multi: UnsafeMutableRawPointer
    private let trust: TrustPolicy
    private var transfers: [UInt64: CurlTransfer] = [:]
    private let clock = ContinuousClock()

    init(multi: UnsafeMutableRawPointer, trust: TrustPolicy) {
        self.multi = multi
        self.trust = trust
    }

    mutating func start(_ id: UInt64, _ request: HTTPRequest, _ sink: any TransferSink) {
        do {
            let transfer = try CurlTransfer(id: id, request, sink, trust)
            transfer.headDeadline = request.headTimeout.map { clock.now + $0 }
            let code = curl_multi_add_handle(multi, transfer.easy)
            guard code == CURLM_OK else {
                throw TransportError(
                    .system,
                    operation: request.operation,
                    message: String(cString: curl_multi_strerror(code))
                )
            }
            transfers[id] = transfer
        } catch {
            sink.finish(error)
        }
    }

    func resume(_ id: UInt64) {
        if let transfer = transfers[id] { curl_easy_pause(transfer.easy, CURLPAUSE_CONT) }
    }

    /// Ends a transfer; one that is over already is left alone.
    mutating func end(_ id: UInt64, _ failure: (any Error)?) {
        guard let transfer = transfers.removeValue(forKey: id) else { return }
        curl_multi_remove_handle(multi, transfer.easy)
        transfer.sink.finish(failure)
    }

    mutating func endAll(_ failure: any Error) {
        for id in transfers.keys { end(id, failure) }
    }

    /// Moves what can move, reports what has ended, and waits for the next thing to happen.
    mutating func advance() {
        var running: Int32 = 0
        curl_multi_perform(multi, &running)
        endCompleted()
        endLate()
        // A wake-up that came since the commands were taken ends this wait at once.
        curl_multi_poll(multi, nil, 0, waitLimit, nil)
    }

    private mutating func endCompleted() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left)?.pointee {
            guard message.msg == CURLMSG_DONE else { continue }
            var context: UnsafeMutableRawPointer?
            _ = ccurl_get_pointer(message.easy_handle, CURLINFO_PRIVATE, &context)
            guard let context else { continue }
            // The table holds the transfer until `end`, below.
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            end(transfer.id, transfer.failure(message.data.result))
        }
    }

    private mutating func endLate() {
        let now = clock.now
        for (id, transfer) in transfers {
            guard let deadline = transfer.headDeadline, deadline <= now else { continue }
            end(id, transfer.timedOut("no answer within the time allowed"))
        }
    }

    /// Milliseconds; libcurl wakes by itself for what it has to do.
    private var waitLimit: Int32 {
        let now = clock.now
        let next = transfers.values.compactMap { $0.headDeadline }.min()
        guard let next, next - now < .seconds(60) else { return 60_000 }
        return max(0, Int32((next - now) / .milliseconds(1)) + 1)
    }
}
