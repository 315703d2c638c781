internal import FoundationEssentials

extension EngineError {
    /// What an answer with an error status means; the engine's words decide where several
    /// meanings share a status.
    ///
    /// Source of the statuses: the Engine API reference; of the words: the engine's source, with
    /// 20.10 and 28 compared.
    init(status: Int, body: [UInt8], operation: String, isPull: Bool = false) {
        guard let reply = try? JSONDecoder().decode(ErrorReply.self, from: Data(body)) else {
            // Not the engine's API, which answers every error in JSON.
            let code: Code = status >= 500 ? .server : .protocolError
            let text = EngineText.clean(String(decoding: body.prefix(200), as: UTF8.self))
            self.init(
                code,
                operation: operation,
                message: "HTTP status \(status) without a reason: \(text)"
            )
            return
        }
        self.init(
            engineMessage: reply.message,
            status: status,
            operation: operation,
            isPull: isPull
        )
    }

    /// What the engine's own sentence means; `status` counts where the words say nothing.
    init(engineMessage: String, status: Int, operation: String, isPull: Bool = false) {
        let text = EngineText.clean(engineMessage)
        let words = text.lowercased()
        let meanings = isPull ? registryMeanings + EngineError.meanings : EngineError.meanings
        let meaning = meanings.first { _, parts in parts.contains { words.contains($0) } }?.0
        let code = meaning ?? EngineError.meaning(of: status)
        guard code == .portInUse, let port = EngineText.port(in: text) else {
            self.init(code, operation: operation, message: text)
            return
        }
        self.init(code, operation: operation, message: "port \(port) is in use: \(text)")
    }

    /// In order: the first that fits counts.
    private static let meanings: [(Code, [String])] = [
        (
            .portInUse,
            [
                "port is already allocated", "address already in use",
                // Of a Swarm.
                "is already in use by service",
            ]
        ),
        (.outOfDisk, ["no space left on device", "disk quota exceeded"]),
        (
            .noAddress,
            [
                "non-overlapping ipv4 address pool", "pool overlaps with other one",
                "all predefined address pools have been fully subnetted", "no available ipv4",
            ]
        ),
        // A repository that does not exist and one that is closed get the same answer.
        (
            .noSuchImage,
            [
                "no such image", "manifest unknown", "repository does not exist",
                "name unknown", "manifest for ", "name invalid",
                "failed to resolve reference",
            ]
        ),
        (
            .unauthorized,
            [
                "unauthorized", "no basic auth credentials", "authentication required",
                "authorization denied", "access to the resource is denied",
            ]
        ),
        (.noDriver, ["looking up volume plugin", "plugin not found", "error: plugin \""]),
        (.unsupported, ["client version ", "page not found"]),
        // Two creations at once may both succeed; one of the two is removed then.
        (.server, ["is ambiguous"]),
        // A Swarm calls these arguments that are invalid, and they pass: somebody removed what a
        // service is to have, or has yet to make the network that ports need.
        // Source: swarmkit's `controlapi`, as of the port above.
        (
            .notFound,
            [
                "config not found:", "configs not found:", "secret not found:",
                "secrets not found:",
            ]
        ),
        (.server, ["no ingress network is present"]),
    ]

    private static func meaning(of status: Int) -> Code {
        switch status {
        case 400: .badRequest
        case 401: .unauthorized
        // The engine forbids what the state of an object forbids.
        case 403, 409: .conflict
        case 404: .notFound
        // What a Swarm doesn't do to a service, such as to give it another name.
        case 501: .badRequest
        case 507: .outOfDisk
        case 500...: .server
        default: .protocolError
        }
    }

    private struct ErrorReply: Decodable {
        let message: String
    }
}

/// What words mean that come from a registry, or from the way to it.
///
/// Elsewhere they would mean other things. In order: the first that fits counts.
private let registryMeanings: [(EngineError.Code, [String])] = [
    (.rateLimited, ["toomanyrequests", "too many requests", "rate limit"]),
    (.wrongPlatform, ["no matching manifest for", "does not match the specified platform"]),
    // Before what certificates are called: a handshake that takes too long is none's fault.
    (.registry, ["tls handshake timeout"]),
    (
        .untrustedRegistry,
        ["x509:", "certificate", "http response to https client", "remote error: tls"]
    ),
    (
        .registry,
        [
            "no such host", "connection refused", "connection reset", "i/o timeout",
            "client.timeout exceeded", "context deadline exceeded", "server misbehaving",
            "network is unreachable", "no route to host", "broken pipe", ": eof",
            "received unexpected http status: 5", "bad gateway", "service unavailable",
            "gateway timeout", "error parsing http 5",
        ]
    ),
]
