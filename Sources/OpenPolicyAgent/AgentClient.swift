package import Model
internal import Synchronization
internal import Transport

/// Asks agents over HTTP.
///
/// Source: OPA's REST API, "Get a Document (with Input)".
package final class AgentClient: Sendable {
    /// One for each way of trusting and being trusted; files are read again for each connection.
    private let clients = Mutex<[TrustPolicy: HTTPClient]>([:])

    /// The largest answer that is read.
    private static let largest = 1 << 20

    package init() {}

    /// Posts `question` to the agent's rule; a redirect is no answer, nor is any status but 200.
    ///
    /// - Parameters:
    ///   - agent: Whom to ask, and for how long.
    ///   - token: What it is shown, where it wants that.
    ///   - question: The body of the request, with its `input`.
    /// - Returns: The body of the answer.
    /// - Throws: An ``AgentError`` that says why there is none.
    package func ask(
        _ agent: PolicyAgent,
        token: String?,
        _ question: [UInt8]
    ) async throws -> [UInt8] {
        let response: HTTPResponse
        do {
            response = try await client(agent).send(request(agent, token: token, question))
        } catch let error as TransportError {
            throw AgentError(error.message)
        }
        switch response.status {
        case 200: return response.body
        case 300..<400: throw AgentError("it redirects elsewhere, which is not followed")
        case 401, 403: throw AgentError("it does not let Gyre in (status \(response.status))")
        default: throw AgentError("it answered with status \(response.status)")
        }
    }

    private func request(
        _ agent: PolicyAgent,
        token: String?,
        _ question: [UInt8]
    ) -> HTTPRequest {
        var headers = [HTTPRequest.Header("Content-Type", "application/json")]
        if let token { headers.append(.init("Authorization", "Bearer \(token)")) }
        let path = "/v1/data/\(agent.rule)"
        let (url, socket): (String, String?) =
            switch agent.address {
            case .url(let url): (url + path, nil)
            case .unix(let socket): ("http://localhost" + path, socket)
            }
        let deadline = Duration.nanoseconds(agent.timeout.count)
        return HTTPRequest(
            "POST",
            url,
            socketPath: socket,
            headers: headers,
            body: question,
            connectTimeout: deadline,
            totalTimeout: deadline,
            maxResponseBytes: AgentClient.largest
        )
    }

    private func client(_ agent: PolicyAgent) throws -> HTTPClient {
        var trust = TrustPolicy()
        if let authorities = agent.authorities { trust.authorities = authorities }
        trust.identity = agent.certificate.map { .init(certificate: $0.file, key: $0.key) }
        try trust.refuseExposedKey()
        return try clients.withLock { clients in
            if let client = clients[trust] { return client }
            let client = try HTTPClient(connections: 8, trust: trust)
            clients[trust] = client
            return client
        }
    }
}
