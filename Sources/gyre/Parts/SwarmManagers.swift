internal import Admission
internal import DockerEngine
internal import Logging
internal import Model
internal import Reconciliation

/// A Swarm as one engine: whichever of its managers answers.
///
/// A question goes to the next manager where this one doesn't answer, is none, is in another Swarm,
/// or has no leader; the one that answered is asked first from then on. What changes something is
/// sent once: it may have taken effect although no answer came.
struct SwarmManagers: ContainerEngine {
    private let managers: ManagerList<Engine>
    private let logger: Logger

    init(_ managers: ManagerList<Engine>, logger: Logger) {
        self.managers = managers
        self.logger = logger
    }

    /// Who is sent what changes something.
    private var current: Engine {
        get async throws { try await managers.trusted(managers.first) }
    }

    private func ask<T>(_ question: (Engine) async throws -> T) async throws -> T {
        try await managers.ask(
            moved: { name, trouble in
                logger.warning(
                    "another manager of the Swarm is asked from now on",
                    metadata: ["manager": "\(name)", "because": "\(trouble)"]
                )
            },
            question
        )
    }

    func ping() async throws { try await ask { try await $0.ping() } }

    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        try await ask { try await $0.engine.observeSwarm(controller: controller) }
    }

    func observe(predecessor name: String) async throws -> Observation {
        try await ask { try await $0.engine.observeSwarm(dockerStack: name) }
    }

    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] {
        try await ask { try await $0.objects(named: prefix, kinds) }
    }

    /// The Swarm itself refuses what another service publishes.
    func boundPorts() async throws -> [BoundPort] { [] }

    /// Without a leader an engine leaves the Swarm's out; it is asked for its Swarm after that.
    func networks() async throws -> [ObservedNetwork] {
        try await ask { try await $0.networks() }
    }

    func service(_ id: String) async throws -> ObservedService? {
        try await ask { try await $0.engine.service(id) }
    }

    func tasks(ofStack name: String) async throws -> [ObservedTask] {
        try await ask { try await $0.engine.tasks(ofStack: name) }
    }

    func hosts() async throws -> [String: String] { try await ask { try await $0.engine.hosts() } }

    func inspect(_ id: String) async throws -> ObservedContainer? { nil }

    func image(_ reference: String) async throws -> ImagePin? {
        try await ask { try await $0.image(reference) }
    }

    func fittingImage(_ reference: String) async throws -> ImagePin? {
        try await ask { try await $0.fittingImage(reference) }
    }

    var manager: String? { managers.name }

    /// Those of the manager that Gyre pulls at; other nodes pull for themselves.
    func images() async throws -> [NodeImage] { try await ask { try await $0.images() } }
    func usedImages() async throws -> Set<String> { try await ask { try await $0.usedImages() } }

    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String {
        try await ask { try await $0.digest(of: reference, access) }
    }

    func time() -> ClosedRange<Instant>? { managers[managers.first].time() }

    /// What the manager that answers is; its id is the Swarm's.
    func node() async throws -> NodeFacts {
        try await ask { manager in
            var facts = try await manager.node()
            facts.id = try await manager.engine.swarmID()
            return facts
        }
    }

    /// Contents come to a Swarm as its configs and secrets.
    func emptyImage() async throws -> ImagePin? { nil }
    func place(of volume: ContentVolume) async throws -> String? { nil }
    func kind(of path: String, in container: String) async throws -> PathKind? { nil }

    /// What its tasks have is on its nodes: see ``ClusterNode/doors``.
    func archive(of path: String, in container: String) async throws -> Pieces {
        throw NotPossible("a Swarm's containers can't be read")
    }

    func send(_ request: CheckedRequest) async throws -> String? {
        try await current.send(request)
    }

    func write(_ request: CheckedRequest, _ access: RegistryAccess?) async throws -> String? {
        try await current.write(request, access)
    }

    func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        try await current.pull(request, access, progress: progress)
    }

    func logs(_ id: String, lines: Int) async throws -> String { "" }

    /// Of the manager that answers now; they end when another one does, and whoever reads them
    /// begins anew.
    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error> {
        let start = managers.first
        let events = managers[start].events(controller: controller)
        return AsyncThrowingStream(bufferingPolicy: .bufferingNewest(4096)) { continuation in
            let reading = Task {
                do {
                    for try await event in events { continuation.yield(event) }
                    continuation.finish()
                } catch {
                    continuation.finish(throwing: error)
                }
            }
            let watching = Task {
                while managers.first == start {
                    try await Task.sleep(for: .seconds(1))
                }
                continuation.finish(throwing: SwarmTrouble().error)
            }
            continuation.onTermination = { _ in
                reading.cancel()
                watching.cancel()
            }
        }
    }
}
