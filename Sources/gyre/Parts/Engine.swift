internal import Admission
internal import DockerEngine
internal import Logging
internal import Model
internal import Reconciliation
internal import Synchronization

/// A Docker engine, as reconciling needs it.
struct Engine: ContainerEngine {
    let engine: DockerEngine
    let logger: Logger

    func ping() async throws { try await engine.ping() }

    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        try await engine.observe(controller: controller, volumes: volumes)
    }

    func observe(predecessor name: String) async throws -> Observation {
        try await engine.observe(composeProject: name)
    }

    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] {
        try await engine.objects(named: prefix, kinds)
    }

    func networks() async throws -> [ObservedNetwork] { try await engine.networks() }

    func boundPorts() async throws -> [BoundPort] { try await engine.boundPorts() }

    func inspect(_ id: String) async throws -> ObservedContainer? { try await engine.inspect(id) }

    func image(_ reference: String) async throws -> ImagePin? {
        try await engine.image(reference)
    }

    func fittingImage(_ reference: String) async throws -> ImagePin? {
        try await engine.fittingImage(reference)
    }

    func images() async throws -> [NodeImage] { try await engine.images() }

    func usedImages() async throws -> Set<String> { try await engine.usedImages() }

    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String {
        try await explaining(reference, access) { credentials in
            try await engine.digest(of: reference, credentials)
        }
    }

    func time() -> ClosedRange<Instant>? { engine.time() }

    func node() async throws -> NodeFacts { try await engine.node() }

    func emptyImage() async throws -> ImagePin? { try await engine.emptyImage() }

    func place(of volume: ContentVolume) async throws -> String? {
        try await engine.place(of: volume)
    }

    func kind(of path: String, in container: String) async throws -> PathKind? {
        try await engine.kind(of: path, in: container)
    }

    func archive(of path: String, in container: String) async throws -> Pieces {
        try await engine.archive(of: path, in: container)
    }

    func send(_ request: CheckedRequest) async throws -> String? {
        try await send(request, nil)
    }

    func write(_ request: CheckedRequest, _ access: RegistryAccess?) async throws -> String? {
        let image = request.request.serviceImage ?? ""
        return try await send(request, Engine.credentials(of: access, for: image))
    }

    private func send(
        _ request: CheckedRequest,
        _ credentials: RegistryCredentials?
    ) async throws -> String? {
        let reply = try await engine.send(request, credentials)
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
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        let tally = Mutex(PullTally())
        try await explaining(request.request.imageName, access) { credentials in
            try await engine.pull(request, credentials) { line in
                let percent = tally.withLock { tally in
                    let before = tally.percent
                    tally.add(line)
                    return tally.percent == before ? nil : tally.percent
                }
                if let percent { progress("\(percent) %") }
            }
        }
    }

    /// Reads the credentials, for this one call, and puts what fails into words for people.
    private func explaining<T>(
        _ reference: String,
        _ access: RegistryAccess?,
        _ body: (RegistryCredentials?) async throws -> T
    ) async throws -> T {
        let credentials = try Engine.credentials(of: access, for: reference)
        do {
            return try await body(credentials)
        } catch let error as EngineError {
            throw ImageTrouble(error, reference, access) ?? error as any Error
        }
    }

    /// nil where none are given; never those of another registry.
    private static func credentials(
        of access: RegistryAccess?,
        for reference: String
    ) throws -> RegistryCredentials? {
        guard let access, let given = access.credentials,
            ImageReference(reference)?.registry == access.host
        else { return nil }
        do {
            let password = try Secrets.read(given.password)
            return RegistryCredentials(username: given.username, password: password)
        } catch {
            throw ImageTrouble(
                .transient,
                "the password of \(access.place) can't be had: \(error)",
                remedy: "mend that, or \(access.place) in gyre.yaml"
            )
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
