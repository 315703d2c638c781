internal import Admission
internal import Model

/// One listing of an engine for all stacks that ask at the same time.
///
/// Whoever asks gets a listing that began after the question, so nothing that happened before
/// it can be missed; those who ask while one is under way share the next.
actor SharedObservation {
    private let engine: any ContainerEngine
    private let controller: String
    private let lent: Lent
    private let check: EngineCheck
    private var isListing = false
    /// Those who asked while a listing was under way; nil passes the lead on to them.
    private var waiting: [CheckedContinuation<Result<Observation, any Error>?, Never>] = []
    private var wanted: Set<String> = []

    init(
        _ engine: any ContainerEngine,
        controller: String,
        check: EngineCheck,
        _ lent: @escaping Lent
    ) {
        self.engine = engine
        self.controller = controller
        self.check = check
        self.lent = lent
    }

    /// A listing that begins now or later.
    func observe(volumes: Set<String>) async throws -> Observation {
        wanted.formUnion(volumes)
        if isListing, let shared = await withCheckedContinuation({ waiting.append($0) }) {
            return try shared.get()
        }
        isListing = true
        let followers = waiting
        waiting = []
        let result = await list()
        for follower in followers {
            follower.resume(returning: Task.isCancelled ? nil : result)
        }
        handOn()
        return try result.get()
    }

    private func list() async -> Result<Observation, any Error> {
        let volumes = wanted
        wanted = []
        do {
            try await check.pass(engine)
            let seen = try await engine.observe(controller: controller, volumes: volumes)
            return .success(try await engine.adding(lent(), to: seen))
        } catch {
            check.doubt()
            return .failure(error)
        }
    }

    private func handOn() {
        isListing = !waiting.isEmpty
        if isListing { waiting.removeFirst().resume(returning: nil) }
    }
}

/// An engine whose listings are shared, and whose node has the operator's labels.
struct SharingEngine: ContainerEngine {
    let engine: any ContainerEngine
    let shared: SharedObservation
    /// What the operator calls the node besides.
    let labels: [String: String]
    let swarm: SwarmRules?

    private let lent: Lent

    init(
        _ engine: any ContainerEngine,
        labels: [String: String],
        controller: String,
        swarm: SwarmRules?,
        check: EngineCheck,
        lent: @escaping Lent
    ) {
        self.engine = engine
        self.labels = labels
        self.swarm = swarm
        self.lent = lent
        shared = SharedObservation(engine, controller: controller, check: check, lent)
    }

    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        try await shared.observe(volumes: volumes)
    }

    func ping() async throws { try await engine.ping() }
    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] {
        try await engine.objects(named: prefix, kinds)
    }
    func boundPorts() async throws -> [BoundPort] { try await engine.boundPorts() }
    func networks() async throws -> [ObservedNetwork] { try await engine.networks() }
    func inspect(_ id: String) async throws -> ObservedContainer? {
        try await engine.inspect(id)?.bearing(lent()[id])
    }
    func observe(predecessor name: String) async throws -> Observation {
        try await engine.observe(predecessor: name)
    }
    func image(_ reference: String) async throws -> ImagePin? {
        try await engine.image(reference)
    }
    func fittingImage(_ reference: String) async throws -> ImagePin? {
        try await engine.fittingImage(reference)
    }
    var manager: String? { engine.manager }
    func images() async throws -> [NodeImage] { try await engine.images() }
    func usedImages() async throws -> Set<String> { try await engine.usedImages() }
    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String {
        try await engine.digest(of: reference, access)
    }
    func node() async throws -> NodeFacts {
        var facts = try await engine.node()
        facts.labels.merge(labels) { $1 }
        if let swarm { facts.users = facts.users.throughout(swarm) }
        return facts
    }
    func time() -> ClosedRange<Instant>? { engine.time() }
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
    func service(_ id: String) async throws -> ObservedService? {
        try await engine.service(id)?.bearing(lent()[id])
    }
    func tasks(ofStack name: String) async throws -> [ObservedTask] {
        try await engine.tasks(ofStack: name)
    }
    func hosts() async throws -> [String: String] { try await engine.hosts() }
    func send(_ request: CheckedRequest) async throws -> String? { try await engine.send(request) }
    func write(_ request: CheckedRequest, _ access: RegistryAccess?) async throws -> String? {
        try await engine.write(request, access)
    }
    func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        try await engine.pull(request, access, progress: progress)
    }
    func logs(_ id: String, lines: Int) async throws -> String {
        try await engine.logs(id, lines: lines)
    }
    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error> {
        engine.events(controller: controller)
    }
}
