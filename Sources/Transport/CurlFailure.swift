internal import CCurl

/// What libcurl says of a failed transfer, to be put into our words.
struct CurlFailure {
    let code: CURLcode
    /// libcurl's own sentence; may be empty.
    let text: String
    /// `errno` of the failed connection, or zero.
    let systemError: Int32
    let request: HTTPRequest

    var error: TransportError {
        TransportError(meaning, operation: request.operation, message: message)
    }

    private var meaning: TransportError.Code {
        switch code {
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            .cannotConnect
        case CURLE_OPERATION_TIMEDOUT: .timedOut
        case CURLE_RECV_ERROR where isRefused: .untrusted
        case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            .closedEarly
        case CURLE_SSL_CONNECT_ERROR where wasCutOff: .closedEarly
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR:
            .untrusted
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING,
            CURLE_HTTP2, CURLE_HTTP2_STREAM:
            .malformed
        case CURLE_URL_MALFORMAT, CURLE_BAD_FUNCTION_ARGUMENT: .invalidRequest
        default: .system
        }
    }

    /// Whether TLS failed by an end that no alert announced; OpenSSL and the system have words
    /// for it.
    private var wasCutOff: Bool {
        text.contains("SSL_ERROR_SYSCALL") || text.contains("Connection reset")
    }

    /// Whether the server said that it doesn't take our certificate; with TLS 1.3 it says so
    /// after TLS was agreed on.
    ///
    /// Source: RFC 8446, section 6.2, by OpenSSL's names of those alerts.
    private var isRefused: Bool {
        text.contains(" alert ") && ["certificate", "unknown ca"].contains { text.contains($0) }
    }

    private var message: String {
        if code == CURLE_COULDNT_CONNECT, systemError != 0 {
            return "cannot connect: \(systemText(systemError))"
        }
        if isRefused {
            let alert = text.split(separator: "alert ").last?.prefix { $0 != "," } ?? ""
            return "the server doesn't accept our certificate: \(alert)"
        }
        switch code {
        case CURLE_OPERATION_TIMEDOUT: return "no complete answer within the time allowed"
        case CURLE_SSL_CONNECT_ERROR where wasCutOff:
            return "the connection was closed before TLS was agreed on"
        // What libcurl says where the server hung up before it could ask whom it speaks with.
        case CURLE_RECV_ERROR where text.contains("getpeername()"), CURLE_SEND_ERROR:
            return "the connection was closed"
        case CURLE_GOT_NOTHING: return "the connection was closed without an answer"
        case CURLE_PARTIAL_FILE: return "the connection was closed before the answer was complete"
        default: return text.isEmpty ? String(cString: curl_easy_strerror(code)) : text
        }
    }
}
