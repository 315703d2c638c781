internal import Model
internal import Transport

extension GitError {
    /// What a failed transport means for a repository, and what can be done about it.
    init(_ error: TransportError, _ link: Link) {
        let authorities = link.access.authorities ?? link.rules.authorities
        let (code, advice): (Code, String) =
            switch error.code {
            case _ where GitError.isRefusal(error, status: 407):
                (.unauthorized, "; the proxy asks for credentials, which Gyre can't give it")
            case _ where GitError.isRefusal(error):
                (.hostUnreachable, "; the proxy refuses (git.proxy, git.no_proxy)")
            case .cannotConnect, .closedEarly: (.hostUnreachable, "")
            case .timedOut: (.timeout, GitError.advice(error.deadline))
            case .untrusted where error.message.contains("protocol version"):
                (.protocolError, "; the server has to speak TLS 1.2 or 1.3")
            case .untrusted where error.message.contains("wrong version number"):
                (.protocolError, "; the server speaks no TLS there")
            case .untrusted where error.message.contains("error setting certificate file"):
                (.untrustedCertificate, "; \"ca\" has to be a readable file of certificates in PEM")
            case .untrusted where error.message.contains("expired"):
                (.untrustedCertificate, "; the server needs a new one")
            case .untrusted where error.message.contains("subject name"):
                (.untrustedCertificate, "; the URL has to name the server as its certificate does")
            case .untrusted:
                (
                    .untrustedCertificate,
                    "; certificates are checked against \(authorities), which \"ca\" replaces"
                )
            case .addressRefused:
                (
                    .addressRefused,
                    ", where no server of a repository may be (git.refused_addresses)"
                )
            case .malformed: (.protocolError, "")
            case .tooLarge: (.tooLarge, "")
            case .overloaded, .shutDown, .system, .invalidRequest: (.failed, "")
            }
        self.init(code, operation: "speak with \(link.url)", message: error.message + advice)
    }

    /// Whether a proxy didn't let us through to the server, in libcurl's words.
    private static func isRefusal(_ error: TransportError, status: Int? = nil) -> Bool {
        guard error.message.contains("CONNECT") else { return false }
        return status.map { error.message.contains(" \($0)") } ?? true
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
