internal import Model
internal import Transport

extension GitError {
    /// What a failed transport means for a repository, and what can be done about it.
    init(_ error: TransportError, _ link: Link) {
        let authorities = link.access.authorities ?? link.rules.authorities
        let (code, advice): (Code, String) =
            switch error.code {
            case .cannotConnect, .closedEarly: (.hostUnreachable, "")
            case .timedOut: (.timeout, GitError.advice(error.deadline))
            case .untrusted where error.message.contains("protocol version"):
                (.protocolError, "; the server has to speak TLS 1.2 or 1.3")
            case .untrusted where error.message.contains("expired"):
                (.untrustedCertificate, "; the server needs a new one")
            case .untrusted where error.message.contains("subject name"):
                (.untrustedCertificate, "; the URL has to name the server as its certificate does")
            case .untrusted:
                (
                    .untrustedCertificate,
                    "; certificates are checked against \(authorities), which \"ca\" replaces"
                )
            case .malformed: (.protocolError, "")
            case .tooLarge: (.tooLarge, "")
            case .overloaded, .shutDown, .system, .invalidRequest: (.failed, "")
            }
        self.init(code, operation: "speak with \(link.url)", message: error.message + advice)
    }

    /// The key of `gyre.yaml` that a deadline is kept under.
    private static func advice(_ deadline: Patience.Deadline?) -> String {
        switch deadline {
        case .connect: " (defaults.timeouts.connect)"
        case .progress: " (defaults.timeouts.progress)"
        case .end: " (git.limits.time)"
        case nil: ""
        }
    }
}
