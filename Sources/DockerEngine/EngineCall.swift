internal import Model
internal import Transport

/// One call of the API, as far as it does not depend on the engine.
struct EngineCall: Sendable {
    let method: String
    /// Below the version, percent-encoded.
    let path: String
    /// What it does, for errors, such as `list containers`.
    let operation: String
    var query: [EngineRequest.QueryItem] = []
    var body: [UInt8]?
    var contentType = "application/json"
    /// nil is the deadline of any call.
    var deadline: Duration?
    var stall: Duration?
    /// Whether the engine's words may be a registry's.
    var isPull = false
    /// Credentials for the registry, as the API wants them; in no text of the call.
    var registryHeader: String?
    var maxResponseBytes = 64 << 20
    /// Whether it may be sent only while this controller leads.
    var isChange = false

    init(_ method: String, _ path: String, _ operation: String) {
        self.method = method
        self.path = path
        self.operation = operation
    }

    /// The request, with `total` for a deadline where the call has none of its own.
    func request(
        _ route: EngineRoute,
        below version: APIVersion?,
        total: Duration?
    ) async throws -> HTTPRequest {
        let prefix = version.map { "/v\($0)" } ?? ""
        return HTTPRequest(
            method,
            "\(route.base)\(prefix)\(path)\(queryText)",
            socketPath: try await route.socket(),
            headers: headers,
            body: body,
            connectTimeout: route.connectTimeout,
            totalTimeout: deadline ?? total,
            stallTimeout: stall,
            maxResponseBytes: maxResponseBytes
        )
    }

    private var headers: [HTTPRequest.Header] {
        let type = body.map { _ in HTTPRequest.Header("Content-Type", contentType) }
        return [type, registryHeader.map { .init("X-Registry-Auth", $0) }].compactMap(\.self)
    }

    private var queryText: String {
        let items = query.map {
            "\(PercentEncoding.query($0.name))=\(PercentEncoding.query($0.value))"
        }
        return items.isEmpty ? "" : "?" + items.joined(separator: "&")
    }
}

/// Percent-encoding after RFC 3986, section 2.
enum PercentEncoding {
    /// Leaves only unreserved characters as they are.
    static func query(_ text: String) -> String { encode(text, leaving: "-._~") }

    /// Leaves what may stand in a path that is made of several segments.
    static func path(_ text: String) -> String { encode(text, leaving: "-._~/:@") }

    private static func encode(_ text: String, leaving marks: String) -> String {
        var result = ""
        for byte in text.utf8 {
            let character = Unicode.Scalar(byte)
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || marks.unicodeScalars.contains(character)
            if isPlain {
                result.unicodeScalars.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return result
    }
}
