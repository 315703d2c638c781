internal import Admission
internal import DockerEngine
internal import Model
internal import Reconciliation
internal import Synchronization

/// A Swarm as one engine: whichever of its managers answers.
///
/// A question goes to the next manager where this one doesn't answer, is none, or has no leader;
/// the one that answered is asked first from then on. What changes something is sent once: it may
/// have taken effect although no answer came.
struct SwarmManagers: ContainerEngine {
    private let managers: [Engine]
    private let first = Shared()

    private final class Shared: Sendable {
        let index = Mutex(0)
    }

    /// In the order in which they are asked.
    init(_ managers: [Engine]) {
        precondition(!managers.isEmpty, "a Swarm has a manager")
        self.managers = managers
    }

    private var current: Engine { managers[first.index.withLock { $0 }] }

    private func ask<T>(_ question: (Engine) async throws -> T) async throws -> T {
        let start = first.index.withLock { $0 }
        var failures: [any Error] = []
        for offset in managers.indices {
            let index = (start + offset) % managers.count
            do {
                let answer = try await question(managers[index])
                if index != start { first.index.withLock { $0 = index } }
                return answer
            } catch let error as EngineError where error.isOneManagers {
                failures.append(error)
            }
        }
        throw failures.first ?? CancellationError()
    }

    func ping() async throws { try await ask { try await $0.engine.pingSwarm() } }

    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        try await ask { try await $0.engine.observeSwarm(controller: controller) }
    }

    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] {
        try await ask { try await $0.objects(named: prefix, kinds) }
    }

    /// The Swarm itself refuses what another service publishes.
    func boundPorts() async throws -> [BoundPort] { [] }

    func service(_ id: String) async throws -> ObservedService? {
        try await ask { try await $0.engine.service(id) }
    }

    func inspect(_ id: String) async throws -> ObservedContainer? { nil }

    func image(_ reference: String) async throws -> ImagePin? {
        try await ask { try await $0.image(reference) }
    }

    func fittingImage(_ reference: String) async throws -> ImagePin? {
        try await ask { try await $0.fittingImage(reference) }
    }

    /// The engines of a Swarm pull for themselves, so there is nothing of Gyre's.
    func images() async throws -> [NodeImage] { [] }
    func usedImages() async throws -> Set<String> { [] }

    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String {
        try await ask { try await $0.digest(of: reference, access) }
    }

    func node() async throws -> NodeFacts { try await ask { try await $0.node() } }

    /// Contents come to a Swarm as its configs and secrets.
    func emptyImage() async throws -> ImagePin? { nil }
    func place(of volume: ContentVolume) async throws -> String? { nil }
    func kind(of path: String, in container: String) async throws -> PathKind? { nil }

    func send(_ request: CheckedRequest) async throws -> String? {
        try await current.send(request)
    }

    func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        try await current.pull(request, access, progress: progress)
    }

    func logs(_ id: String, lines: Int) async throws -> String { "" }

    /// Of the manager that answers now; a stream that breaks is begun again by who reads it.
    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error> {
        current.events(controller: controller)
    }
}

extension EngineError {
    /// Whether another manager may well give an answer.
    ///
    /// Source of the words: moby's `cluster` package and swarmkit.
    var isOneManagers: Bool {
        if [.unreachable, .timeout].contains(code) { return true }
        let words = ["not a swarm manager", "does not have a leader", "context deadline exceeded"]
        return words.contains(where: message.contains)
    }
}
