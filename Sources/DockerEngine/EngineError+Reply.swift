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
        let isRegistry = isPull && registryTroubles.contains { words.contains($0) }
        let code =
            isRegistry
            ? .registry : EngineError.meaning(of: words) ?? EngineError.meaning(of: status)
        guard code == .portInUse, let port = EngineText.port(in: text) else {
            self.init(code, operation: operation, message: text)
            return
        }
        self.init(code, operation: operation, message: "port \(port) is in use: \(text)")
    }

    private static func meaning(of text: String) -> Code? {
        meanings.first { _, words in words.contains { text.contains($0) } }?.0
    }

    /// In order: the first that fits counts.
    private static let meanings: [(Code, [String])] = [
        (.portInUse, ["port is already allocated", "address already in use"]),
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
                "name unknown", "manifest for ", "no matching manifest",
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
        (.unsupported, ["client version ", "page not found"]),
        // Two creations at once may both succeed; one of the two is removed then.
        (.server, ["is ambiguous"]),
    ]

    private static func meaning(of status: Int) -> Code {
        switch status {
        case 400: .badRequest
        case 401: .unauthorized
        // The engine forbids what the state of an object forbids.
        case 403, 409: .conflict
        case 404: .notFound
        case 507: .outOfDisk
        case 500...: .server
        default: .protocolError
        }
    }

    private struct ErrorReply: Decodable {
        let message: String
    }
}

/// Words for a registry that can't be reached or is busy; elsewhere they would mean other things.
private let registryTroubles = [
    "toomanyrequests", "too many requests", "no such host", "connection refused", "i/o timeout",
    "tls handshake timeout", "client.timeout exceeded", "context deadline exceeded",
    "server misbehaving", "network is unreachable",
]
