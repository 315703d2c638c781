internal import CCurl
internal import Glibc

/// One request under way: libcurl's handle, what it points to, and the sink.
///
/// Confined to the client's thread, and alive in the table for as long as libcurl may call back.
final class CurlTransfer {
    let id: UInt64
    let request: HTTPRequest
    let sink: any TransferSink
    let easy: UnsafeMutableRawPointer
    var headDeadline: ContinuousClock.Instant?
    /// Why the sink refused the body; libcurl itself only knows that it was refused.
    private var refusal: (any Error)?
    /// The last address that the name led to and that no server may have.
    private var refusedAddress: String?
    private var head = HTTPHead(status: 0)
    private var headBytes = 0
    /// libcurl bounds a line of a head, but not how many there are.
    private static let headLimit = 256 << 10
    private var headerList: UnsafeMutablePointer<curl_slist>?
    /// Where libcurl writes the text of an error.
    private let errorText: UnsafeMutablePointer<CChar>

    init(
        id: UInt64,
        _ request: HTTPRequest,
        _ sink: any TransferSink,
        _ trust: TrustPolicy
    ) throws {
        guard let easy = curl_easy_init() else {
            throw TransportError(
                .system,
                operation: request.operation,
                message: "libcurl has no memory"
            )
        }
        self.id = id
        self.request = request
        self.sink = sink
        self.easy = easy
        errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        var options = CurlOptions(easy: easy)
        headerList = options.apply(request, trust)
        connectCallbacks(&options)
        checkAddresses(&options)
        if let failed = options.failure {
            throw TransportError(
                .invalidRequest,
                operation: request.operation,
                message: String(cString: curl_easy_strerror(failed))
            )
        }
    }

    deinit {
        curl_easy_cleanup(easy)
        curl_slist_free_all(headerList)
        errorText.deallocate()
    }

    /// Has libcurl call back with this object, which the table keeps alive.
    private func connectCallbacks(_ options: inout CurlOptions) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        options.set(CURLOPT_PRIVATE, pointer: context)
        options.set(CURLOPT_ERRORBUFFER, pointer: errorText)
        options.set(CURLOPT_HEADERDATA, pointer: context)
        options.set(CURLOPT_WRITEDATA, pointer: context)
        options.set(CURLOPT_HEADERFUNCTION) { bytes, _, count, context in
            guard let context, let bytes else { return 0 }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        options.set(CURLOPT_WRITEFUNCTION) { bytes, _, count, context in
            guard let context, let bytes else { return 0 }
            let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
            return transfer.receiveBody(UnsafeRawBufferPointer(start: bytes, count: count))
        }
    }

    /// Has every address looked at before anybody is spoken with: a name may lead anywhere by then.
    private func checkAddresses(_ options: inout CurlOptions) {
        guard !request.refusedAddresses.isEmpty, request.socketPath == nil, request.proxy == nil
        else { return }
        let context = Unmanaged.passUnretained(self).toOpaque()
        options.set(CURLOPT_OPENSOCKETDATA, pointer: context)
        options.set(
            CURLOPT_OPENSOCKETFUNCTION,
            opener: { context, _, address in
                guard let context, let address else { return CURL_SOCKET_BAD }
                let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
                guard transfer.allows(address) else { return CURL_SOCKET_BAD }
                let found = address.pointee
                return socket(found.family, found.socktype, found.protocol)
            }
        )
    }

    private func allows(_ address: UnsafeMutablePointer<curl_sockaddr>) -> Bool {
        let text = AddressRange.text(of: address)
        guard let text, !request.refusedAddresses.contains(where: { $0.contains(text) }) else {
            refusedAddress = text ?? "no IP address"
            return false
        }
        return true
    }

    /// Takes one line of a head, or of a trailer, with its line end.
    private func receiveHeader(_ bytes: UnsafeRawBufferPointer) -> Int {
        headBytes += bytes.count
        guard headBytes <= CurlTransfer.headLimit else {
            refusal = TransportError(
                .tooLarge,
                operation: request.operation,
                message: "the headers have no end"
            )
            return 0
        }
        take(headerLine: bytes)
        return bytes.count
    }

    private func take(headerLine bytes: UnsafeRawBufferPointer) {
        let line = String(decoding: bytes, as: UTF8.self).trimmed
        if line.hasPrefix("HTTP/") {
            head = HTTPHead(status: Int(line.split(separator: " ").dropFirst().first ?? "") ?? 0)
        } else if line.isEmpty {
            // 101 is final: the connection is no longer HTTP.
            guard head.status >= 200 || head.status == 101 else { return }
            headDeadline = nil
            sink.receive(head)
        } else if let colon = line.firstIndex(of: ":") {
            let value = String(line[line.index(after: colon)...]).trimmed
            head.headers.append(HTTPRequest.Header(String(line[..<colon]), value))
        }
    }

    /// - Returns: How much was taken, in libcurl's way of saying.
    private func receiveBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        switch sink.receive(bytes) {
        case .taken: return bytes.count
        case .full: return Int(CURL_WRITEFUNC_PAUSE)
        case .refused(let error):
            refusal = error
            return 0
        }
    }

    /// What a result of libcurl means; nil when the answer is complete.
    func failure(_ code: CURLcode) -> (any Error)? {
        if code == CURLE_OK { return nil }
        if let refusal { return refusal }
        if let refusedAddress, code == CURLE_COULDNT_CONNECT {
            return TransportError(
                .addressRefused,
                operation: request.operation,
                message: "its name leads to \(refusedAddress)"
            )
        }
        var systemError = 0
        _ = ccurl_get_long(easy, CURLINFO_OS_ERRNO, &systemError)
        return CurlFailure(
            code: code,
            text: String(cString: errorText),
            systemError: Int32(systemError),
            request: request
        ).error
    }

    /// Whether the request could be sent: the connection stands, TLS is agreed on.
    var isConnected: Bool {
        var time: curl_off_t = 0
        _ = ccurl_get_large(easy, CURLINFO_PRETRANSFER_TIME_T, &time)
        return time > 0
    }

    /// Bytes in both directions so far.
    var bytesMoved: Int64 {
        var up: curl_off_t = 0
        var down: curl_off_t = 0
        _ = ccurl_get_large(easy, CURLINFO_SIZE_UPLOAD_T, &up)
        _ = ccurl_get_large(easy, CURLINFO_SIZE_DOWNLOAD_T, &down)
        return Int64(up + down) + Int64(headBytes)
    }

    func timedOut(_ message: String) -> TransportError {
        TransportError(.timedOut, operation: request.operation, message: message)
    }
}

extension String {
    /// Without white space and line ends around.
    fileprivate var trimmed: String {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }
}
