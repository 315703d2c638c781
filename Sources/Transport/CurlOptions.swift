internal import CCurl
internal import Glibc

/// Sets a handle's options and remembers the first that failed.
struct CurlOptions {
    let easy: UnsafeMutableRawPointer
    private(set) var failure: CURLcode?

    init(easy: UnsafeMutableRawPointer) { self.easy = easy }

    /// Sets all that a request decides.
    ///
    /// - Returns: The list of headers, which must live as long as the handle and is the caller's
    ///   to free.
    mutating func apply(
        _ request: HTTPRequest,
        _ trust: TrustPolicy
    ) -> UnsafeMutablePointer<curl_slist>? {
        set(CURLOPT_URL, request.url)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        if let path = request.socketPath { set(CURLOPT_UNIX_SOCKET_PATH, path) }
        // An empty proxy means none, whatever the environment says.
        set(CURLOPT_PROXY, request.proxy ?? "")
        set(CURLOPT_NOPROXY, "")
        // What a proxy says before the server does is no part of the answer.
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_NOSIGNAL, 1)
        // A name server that doesn't answer must not hold up the end of a transfer.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        keepSocketsPrivate()
        applyMethod(request)
        applyTimeouts(request)
        applyTrust(trust)
        // Docker and most servers never answer "continue"; curl would wait a second for it.
        var list = curl_slist_append(nil, "Expect:")
        for header in request.headers where header.isSafe {
            // A header without value needs the semicolon, else libcurl leaves it out.
            let text = header.value.isEmpty ? "\(header.name);" : "\(header.name): \(header.value)"
            list = curl_slist_append(list, text) ?? list
        }
        if !request.headers.allSatisfy(\.isSafe) { note(CURLE_BAD_FUNCTION_ARGUMENT) }
        note(ccurl_set_list(easy, CURLOPT_HTTPHEADER, list))
        return list
    }

    private mutating func applyMethod(_ request: HTTPRequest) {
        if request.method == "HEAD" { set(CURLOPT_NOBODY, 1) }
        if let body = request.body {
            note(ccurl_set_large(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
            body.withUnsafeBytes { set(CURLOPT_COPYPOSTFIELDS, pointer: $0.baseAddress) }
            // Without bytes there is no address, and libcurl would read from standard input.
            if body.isEmpty { set(CURLOPT_COPYPOSTFIELDS, "") }
        } else if request.method == "POST" {
            note(ccurl_set_large(easy, CURLOPT_POSTFIELDSIZE_LARGE, 0))
            set(CURLOPT_COPYPOSTFIELDS, "")
        }
        set(CURLOPT_CUSTOMREQUEST, request.method)
    }

    private mutating func applyTimeouts(_ request: HTTPRequest) {
        set(CURLOPT_CONNECTTIMEOUT_MS, request.connectTimeout.wholeMilliseconds)
        if let total = request.totalTimeout {
            set(CURLOPT_TIMEOUT_MS, total.wholeMilliseconds)
        }
        if let stall = request.stallTimeout {
            set(CURLOPT_LOW_SPEED_LIMIT, 1)
            set(CURLOPT_LOW_SPEED_TIME, (stall.wholeMilliseconds + 999) / 1000)
        }
    }

    private mutating func applyTrust(_ trust: TrustPolicy) {
        set(CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2)
        set(CURLOPT_CAINFO, trust.authorities)
        note(ccurl_set_string(easy, CURLOPT_CAPATH, nil))
        set(CURLOPT_PROXY_CAINFO, trust.authorities)
        note(ccurl_set_string(easy, CURLOPT_PROXY_CAPATH, nil))
        guard let identity = trust.identity else { return }
        set(CURLOPT_SSLCERT, identity.certificate)
        set(CURLOPT_SSLKEY, identity.key)
    }

    mutating func set(_ option: CURLoption, _ value: Int) {
        note(ccurl_set_long(easy, option, value))
    }

    mutating func set(_ option: CURLoption, _ value: String) {
        // A NUL would end the text early for libcurl.
        if value.utf8.contains(0) { note(CURLE_BAD_FUNCTION_ARGUMENT) }
        note(ccurl_set_string(easy, option, value))
    }

    mutating func set(_ option: CURLoption, pointer: UnsafeRawPointer?) {
        note(ccurl_set_pointer(easy, option, pointer))
    }

    /// Keeps the sockets to ourselves: a child process has no business on the engine's socket.
    private mutating func keepSocketsPrivate() {
        note(
            ccurl_set_socket_hook(easy, CURLOPT_SOCKOPTFUNCTION) { _, socket, _ in
                fcntl(socket, F_SETFD, FD_CLOEXEC) == 0 ? CURL_SOCKOPT_OK : CURL_SOCKOPT_ERROR
            }
        )
    }

    mutating func set(_ option: CURLoption, _ sink: @escaping ccurl_sink) {
        note(ccurl_set_sink(easy, option, sink))
    }

    mutating func set(_ option: CURLoption, opener: @escaping ccurl_opener) {
        note(ccurl_set_opener(easy, option, opener))
    }

    private mutating func note(_ code: CURLcode) {
        if code != CURLE_OK, failure == nil { failure = code }
    }
}

extension HTTPRequest.Header {
    /// A line end inside would begin another header.
    fileprivate var isSafe: Bool {
        !(name + value).utf8.contains { $0 == 0 || $0 == 0x0A || $0 == 0x0D }
    }
}

extension Duration {
    /// At least one, since libcurl takes zero for no limit.
    fileprivate var wholeMilliseconds: Int { max(1, Int(self / .milliseconds(1))) }
}
