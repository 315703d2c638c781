internal import Model
internal import Transport

/// How calls get to an engine.
struct EngineRoute: Sendable {
    /// What URLs begin with.
    let base: String
    /// Whom connections trust, and who they say they are.
    let trust: TrustPolicy
    let connectTimeout: Duration
    private let path: String?
    private let forward: SocketForward?

    init(_ address: EngineAddress, _ access: EngineAccess, connectTimeout: Duration) {
        var trust = TrustPolicy()
        self.connectTimeout = connectTimeout
        switch address {
        case .unix(let path):
            // The engine refuses requests without a host, and looks no further at it.
            (base, self.path, forward) = ("http://docker", path, nil)
        case .tcp(let host, let port):
            (base, path, forward) = ("https://\(EngineAddress.bracketed(host)):\(port)", nil, nil)
            if let authorities = access.authorities { trust.authorities = authorities }
            trust.identity = access.certificate.map {
                TrustPolicy.Identity(certificate: $0.file, key: $0.key)
            }
        case .ssh(let account, let socket):
            let place = SSHPlace(
                host: account.host,
                port: account.port,
                user: account.user,
                key: access.key,
                knownHosts: access.knownHosts,
                connectTimeout: connectTimeout,
                keySetting: "\"key_file\" under \"engine_access\""
            )
            (base, path) = ("http://docker", nil)
            forward = SocketForward(place, socket: socket)
        }
        self.trust = trust
    }

    /// The socket to speak over; nil for none.
    ///
    /// One that lies behind ssh is brought here first.
    func socket() async throws -> String? {
        try trust.refuseExposedKey()
        if let forward { return try await forward.path() }
        return path
    }

    /// A failure as whoever runs the engine can act on it: what ended a tunnel says more than
    /// what that did to a call.
    func told(_ failure: TransportError) -> TransportError {
        if let failure = forward?.failure { return failure }
        if failure.code == .untrusted, let remedy = EngineRoute.remedy(failure.message) {
            return TransportError(
                .untrusted,
                operation: failure.operation,
                message: "\(failure.message); \(remedy)"
            )
        }
        let isClosed = failure.code == .closedEarly || failure.code == .cannotConnect
        guard isClosed, let hint = hint(failure.code) else { return failure }
        return TransportError(failure.code, operation: failure.operation, message: hint)
    }

    /// What ends a quarrel about certificates, by what our TLS, or libcurl for it, says; nil for
    /// what it doesn't say of one.
    private static func remedy(_ message: String) -> String? {
        if message.contains("doesn't accept our certificate") {
            return "let an authority that it knows (--tlscacert) sign ours, and see that it hasn't "
                + "expired"
        }
        if message.contains("certificate has expired") {
            return "give the engine a new one (--tlscert)"
        }
        if message.contains("subject name") {
            return "the URL has to name the engine's host as its certificate does"
        }
        guard message.contains("SSL certificate problem") else { return nil }
        return "name the authority that signed the engine's certificate as \"ca\" under "
            + "\"engine_access\""
    }

    private func hint(_ code: TransportError.Code) -> String? {
        if forward != nil {
            return "ssh leads there, but nobody answers at the socket: see that the engine runs, "
                + "and that the account may use it"
        }
        guard trust.identity != nil, code == .closedEarly else { return nil }
        return "the connection was closed, as by an engine that doesn't accept our certificate"
    }
}
