import DockerEngine
import Model
import Testing
import Transport

/// An engine that answers as a test says, for what a real one can't be made to do.
struct FakeEngine {
    let server: FakeServer
    let engine: DockerEngine

    /// `answer` is given the method and path of a request, without version and query; `newest`
    /// and `oldest` are the API versions that the engine says it speaks, `node` what it runs on.
    init(
        newest: String = "1.41",
        oldest: String = "1.12",
        node: (os: String, architecture: String) = ("linux", "amd64"),
        deadlines: EngineDeadlines = EngineDeadlines(),
        _ answer: @escaping @Sendable (String) -> FakeServer.Reply
    ) throws {
        server = try FakeServer { request in
            let words = request.split(separator: " ", maxSplits: 2)
            let path = words[1].prefix { $0 != "?" }
            if path == "/version" {
                return .status(
                    200,
                    #"{"Version":"x","ApiVersion":"\#(newest)","MinAPIVersion":"\#(oldest)","#
                        + #""Os":"\#(node.os)","Arch":"\#(node.architecture)"}"#
                )
            }
            return answer(
                "\(words[0]) /\(path.split(separator: "/").dropFirst().joined(separator: "/"))"
            )
        }
        engine = DockerEngine(
            try #require(EngineAddress("unix://\(server.path)")),
            client: try HTTPClient(connections: 8),
            registries: try HTTPClient(connections: 8),
            deadlines: deadlines,
            now: { Instant(milliseconds: 1) }
        )
    }

    /// An engine whose answers to the listings are these.
    static func listing(
        containers: String = "[]",
        networks: String = "[]",
        volumes: String = #"{"Volumes":[]}"#
    ) throws -> FakeEngine {
        try FakeEngine { call in
            switch call {
            case "GET /containers/json": .status(200, containers)
            case "GET /networks": .status(200, networks)
            case "GET /volumes": .status(200, volumes)
            default: .status(404, #"{"message":"page not found"}"#)
            }
        }
    }

    /// Method and path, with version and query, of every request so far.
    var calls: [String] {
        server.requests.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
    }
}

/// What `body` throws of the engine's errors.
func failure<T>(_ body: () async throws -> T) async -> EngineError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? EngineError
    }
}
