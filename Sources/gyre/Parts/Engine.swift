internal import Admission
internal import DockerEngine
internal import Logging
internal import Model
internal import Reconciliation

/// A Docker engine, as reconciling needs it.
struct Engine: ContainerEngine {
    let engine: DockerEngine
    let logger: Logger

    func ping() async throws { try await engine.ping() }

    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        try await engine.observe(controller: controller, volumes: volumes)
    }

    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] {
        try await engine.objects(named: prefix, kinds)
    }

    func inspect(_ id: String) async throws -> ObservedContainer? { try await engine.inspect(id) }

    func image(_ reference: String) async throws -> ImagePin? {
        try await engine.image(reference)
    }

    func send(_ request: CheckedRequest) async throws -> String? {
        let reply = try await engine.send(request)
        for warning in reply.warnings {
            logger.warning(
                "the engine warns",
                metadata: ["call": "\(request.request.action.rawValue)", "warning": "\(warning)"]
            )
        }
        return reply.id
    }

    func pull(
        _ request: CheckedRequest,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        try await engine.pull(request) { report in
            progress((report.layer.map { "\($0) " } ?? "") + report.status)
        }
    }

    func logs(_ id: String, lines: Int) async throws -> String {
        try await engine.logs(id, lines: lines)
    }

    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error> {
        let reader = EventReader(engine.events(controller: controller))
        return AsyncThrowingStream { try await reader.next() }
    }
}

/// Reads a sequence of events for a stream, one after the other.
private actor EventReader {
    private var iterator: EngineEvents.Iterator

    init(_ events: EngineEvents) { iterator = events.makeAsyncIterator() }

    func next() async throws -> EngineEvent? {
        var iterator = iterator
        defer { self.iterator = iterator }
        return try await iterator.next(isolation: self)
    }
}
