package import Model
package import Transport
internal import FoundationEssentials
internal import Synchronization

/// One Docker engine.
///
/// Its API version is agreed on with the first call. Every call has a deadline and every answer a
/// bound; nothing is repeated here.
package final class DockerEngine: Sendable {
    package let address: EngineAddress
    let route: EngineRoute
    let client: HTTPClient
    /// For calls that wait for registries, so that these leave the others their connections.
    private let registries: HTTPClient
    /// A few questions at a time to each registry, so that a silent one leaves room to the rest.
    let questions = Turns<String>(limit: 4)
    /// When a registry last let a question wait in vain; not there once it has answered.
    let silences = Mutex<[String: ContinuousClock.Instant]>([:])
    let deadlines: EngineDeadlines
    let now: @Sendable () -> Instant
    /// Throws where nothing may be changed; asked last of all before a call is sent.
    private let fence: @Sendable () throws -> Void
    /// What was last observed, by which events are told to be ours.
    let known = KnownObjects()
    private let agreement = Mutex<Agreement?>(nil)
    private let clock = Mutex(EngineClock())

    /// What the engine said of itself when it was first asked.
    private struct Agreement {
        var version: APIVersion
        var platform: Platform
    }

    package convenience init(
        _ address: EngineAddress,
        client: HTTPClient,
        registries: HTTPClient,
        deadlines: EngineDeadlines = EngineDeadlines(),
        now: @escaping @Sendable () -> Instant = { DockerEngine.systemTime }
    ) {
        let route = EngineRoute(address, EngineAccess(), connectTimeout: deadlines.connect)
        self.init(address, route, client, registries, deadlines, now, {})
    }

    /// An engine with clients of its own.
    package convenience init(
        _ address: EngineAddress,
        _ access: EngineAccess = EngineAccess(),
        deadlines: EngineDeadlines = EngineDeadlines(),
        fence: @escaping @Sendable () throws -> Void = {}
    ) throws {
        let route = EngineRoute(address, access, connectTimeout: deadlines.connect)
        self.init(
            address,
            route,
            try HTTPClient(connections: 32, trust: route.trust),
            try HTTPClient(connections: 64, trust: route.trust),
            deadlines,
            { DockerEngine.systemTime },
            fence
        )
    }

    private init(
        _ address: EngineAddress,
        _ route: EngineRoute,
        _ client: HTTPClient,
        _ registries: HTTPClient,
        _ deadlines: EngineDeadlines,
        _ now: @escaping @Sendable () -> Instant,
        _ fence: @escaping @Sendable () throws -> Void
    ) {
        self.fence = fence
        self.address = address
        self.route = route
        self.client = client
        self.registries = registries
        self.deadlines = deadlines
        self.now = now
    }

    /// The system's clock.
    package static var systemTime: Instant {
        Instant(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
    }

    private static let start = ContinuousClock.now

    /// Goes on whatever is done to the system's clock.
    private static var uptime: Nanoseconds {
        let (seconds, rest) = start.duration(to: .now).components
        return Nanoseconds(seconds * 1_000_000_000 + rest / 1_000_000_000)
    }

    /// What the engine's own clock shows now, at the least and at the most; nil while none of its
    /// answers has told.
    package func time() -> ClosedRange<Instant>? {
        let now = DockerEngine.uptime
        return clock.withLock { $0.time(at: now) }
    }

    /// Notes the time of an answer, which bears it to the second.
    private func read(time response: HTTPResponse, _ sent: Nanoseconds) -> HTTPResponse {
        guard let time = response.head["Date"].flatMap(Timestamp.parse(header:)) else {
            return response
        }
        let now = DockerEngine.uptime
        clock.withLock { $0.told(time, to: .seconds(1), sent: sent, received: now) }
        return response
    }

    /// The version that both sides speak, asked of the engine once.
    package func apiVersion() async throws -> APIVersion { try await agreed().version }

    /// What the node is.
    func platform() async throws -> Platform { try await agreed().platform }

    private func agreed() async throws -> Agreement {
        if let agreed = agreement.withLock({ $0 }) { return agreed }
        let reply = try await exchange(EngineCall("GET", "/version", "ask for its version"))
        let engine = try decode(VersionReply.self, from: reply, "ask for its version")
        guard let newest = APIVersion(engine.apiVersion),
            let oldest = APIVersion(engine.minAPIVersion ?? engine.apiVersion), oldest <= newest
        else {
            throw error(.protocolError, "ask for its version", "it names no API version")
        }
        guard let agreed = APIVersion.agreed(oldest...newest) else {
            throw error(
                .unsupported,
                "agree on an API version",
                "engine \(engine.version) speaks API \(oldest) to \(newest), Gyre speaks "
                    + "\(APIVersion.oldest) to \(APIVersion.newest)"
            )
        }
        let platform = Platform(os: engine.os ?? "", architecture: engine.architecture ?? "")
        let agreement = Agreement(version: agreed, platform: platform)
        self.agreement.withLock { $0 = agreement }
        return agreement
    }

    /// Makes a call below the agreed version and gives the body of its answer.
    func read(_ call: EngineCall) async throws -> [UInt8] {
        let response = try await send(call)
        guard response.status == 200 else { throw failure(response, call) }
        return response.body
    }

    /// Makes a call below the agreed version, whatever its answer.
    func send(_ call: EngineCall) async throws -> HTTPResponse {
        let version = try await apiVersion()
        return try await reporting(call.operation) {
            let request = try await call.request(route, below: version, total: deadlines.call)
            if call.isChange { try fence() }
            let sent = DockerEngine.uptime
            return read(time: try await client(for: call).send(request), sent)
        }
    }

    private func client(for call: EngineCall) -> HTTPClient { call.isPull ? registries : client }

    /// Begins a call whose answer is read as it comes.
    func stream(_ call: EngineCall) async throws -> EngineStream {
        let version = try await apiVersion()
        let stream = try await reporting(call.operation) {
            var request = try await call.request(route, below: version, total: nil)
            if request.stallTimeout == nil { request.headTimeout = deadlines.call }
            return try await client(for: call).stream(request)
        }
        guard stream.head.status == 200 else {
            let body = try await reporting(call.operation) { try await stream.start(of: 64 << 10) }
            throw failure(HTTPResponse(head: stream.head, body: body), call)
        }
        return EngineStream(body: stream.body, engine: self, call: call)
    }

    /// Puts failures of the transfer into our words; a cancellation stays one.
    func reporting<T>(_ operation: String, _ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let failure as TransportError {
            throw EngineError(route.told(failure), operation: "\(operation) on \(address.place)")
        }
    }

    func failure(_ response: HTTPResponse, _ call: EngineCall) -> EngineError {
        let failure = EngineError(
            status: response.status,
            body: response.body,
            operation: "\(call.operation) on \(address.place)",
            isPull: call.isPull
        )
        // Another engine answers at this address than the one that was asked.
        if failure.code == .unsupported { agreement.withLock { $0 = nil } }
        return failure
    }

    func error(_ code: EngineError.Code, _ operation: String, _ message: String) -> EngineError {
        EngineError(code, operation: "\(operation) on \(address.place)", message: message)
    }

    /// Reads an answer as what the API promises; anything else is an error.
    func decode<T: Decodable>(
        _ type: T.Type,
        from bytes: [UInt8],
        _ operation: String
    ) throws -> T {
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw self.error(
                .protocolError,
                operation,
                "the answer is not what the API promises: \(DecodingText.of(error))"
            )
        }
    }

    /// A call outside any version.
    func exchange(_ call: EngineCall) async throws -> [UInt8] {
        let response = try await reporting(call.operation) {
            let request = try await call.request(route, below: nil, total: deadlines.call)
            let sent = DockerEngine.uptime
            return read(time: try await client.send(request), sent)
        }
        guard response.status == 200 else { throw failure(response, call) }
        return response.body
    }
}

private struct VersionReply: Decodable {
    let version: String
    let apiVersion: String
    let minAPIVersion: String?
    let os: String?
    let architecture: String?

    enum CodingKeys: String, CodingKey {
        case version = "Version"
        case apiVersion = "ApiVersion"
        case minAPIVersion = "MinAPIVersion"
        case os = "Os"
        case architecture = "Arch"
    }
}

extension HTTPStream {
    /// The body up to a bound; what is longer is cut off.
    fileprivate func start(of limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in body {
            bytes += piece
            if bytes.count >= limit { break }
        }
        return bytes
    }
}
