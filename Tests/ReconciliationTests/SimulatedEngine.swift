import Admission
import Model
import Planning
import Reconciliation
import Synchronization
import TestSupport

/// A simulated node behind the port that reconciling has for an engine.
final class SimulatedEngine: ContainerEngine {
    struct State {
        var node = SimulatedNode()
        /// By how much the controller's clock was set.
        var step = Nanoseconds(0)
        /// What the engine throws instead of answering.
        var failure: (any Error & Sendable)?
        /// What is to happen whenever somebody sleeps.
        var onSleep: (@Sendable () async -> Void)?
        /// What is to happen when somebody has slept, before they look.
        var onSlept: (@Sendable () async -> Void)?
        /// What is to happen while it pulls.
        var onPull: (@Sendable () async -> Void)?
        /// Why it refuses some of the calls.
        var refusals: [EngineRequest.Action: any Error & Sendable] = [:]
        /// The containers that it makes none of, by what their names begin with.
        var unmakable: String?
        /// A container of which it refuses nothing.
        var spared: String?
        /// Why it does not say that it answers.
        var silence: (any Error & Sendable)?
        var facts = NodeFacts(name: "one", os: "linux", architecture: "amd64")
        /// Whether it never says what its node is.
        var isMute = false
        /// Whether registries say nothing.
        var isRegistrySilent = false
        /// What containers wrote.
        var log = ""
        /// What networks and volumes are made with, by their names.
        var drivers: [String: (name: String, options: [String: String])] = [:]
        var sent: [EngineRequest.Action] = []
        /// How often somebody looked at one container.
        var inspects = 0
        /// How often somebody asked who it is.
        var questions = 0
        /// How often somebody asked for all networks.
        var networkLists = 0
        /// Where there are links below what carriers bind, such as `/1/data`.
        var links: Set<String> = []
        /// What ends whoever calls.
        var doom: Doom?
        /// Told of each call that was carried out.
        var onSent: (@Sendable (EngineRequest.Action) -> Void)?
        /// Pins by what they are asked for with.
        fileprivate var pins: [String: ImagePin] = [:]
    }

    let state = Mutex(State())
    private let eventsOut: AsyncThrowingStream<EngineEvent, any Error>.Continuation
    private let eventsIn: AsyncThrowingStream<EngineEvent, any Error>

    init(images: [String] = []) {
        (eventsIn, eventsOut) = AsyncThrowingStream.makeStream()
        for image in images { add(image) }
    }

    /// Puts an image on the node; what no registry has is known by its id alone.
    func add(_ reference: String, isLocal: Bool = false, volumes: [String] = []) {
        let found = SimulatedNode.pin(reference)
        let pin = ImagePin(
            reference: reference,
            imageID: found.imageID,
            digest: isLocal ? nil : found.digest,
            config: ImageConfig(volumes: volumes)
        )
        state.withLock { state in
            state.node.images.insert(pin.imageID)
            for name in [reference, pin.pinned, pin.imageID] { state.pins[name] = pin }
        }
    }

    /// Puts an image on the node that is known by its digest.
    private func add(digest name: String, _ digest: String) {
        let name = ImageReference(name)?.familiarName ?? name
        state.withLock { state in
            let known = "\(name)@\(digest)"
            let id = SimulatedNode.imageID(of: known)
            state.node.images.insert(id)
            for name in [known, id] {
                state.pins[name] = ImagePin(reference: name, imageID: id, digest: known)
            }
        }
    }

    /// Takes an image off the node, with all its names.
    func lose(_ reference: String) {
        state.withLock { state in
            guard let id = state.pins[reference]?.imageID else { return }
            state.node.images.remove(id)
            state.pins = state.pins.filter { $0.value.imageID != id }
        }
    }

    var node: SimulatedNode { state.withLock { $0.node } }

    /// Does something to the node behind everybody's back.
    func change(_ body: @Sendable (inout SimulatedNode) -> Void) {
        state.withLock { body(&$0.node) }
    }

    /// Time that passes only while somebody sleeps.
    var clock: Clock {
        Clock(
            now: { self.state.withLock { $0.node.time.adding($0.step) } },
            uptime: { self.node.time.since(Instant(milliseconds: 0)) },
            sleep: { span in
                try Task.checkCancellation()
                if let onSleep = self.state.withLock({ $0.onSleep }) { await onSleep() }
                self.change { $0.pass(seconds: max(1, Int(span.count / 1_000_000_000))) }
                if let onSlept = self.state.withLock({ $0.onSlept }) { await onSlept() }
                await Task.yield()
            }
        )
    }

    func tell(_ event: EngineEvent) { eventsOut.yield(event) }

    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        try answer { state in
            var seen = state.node.observation
            seen.time = seen.time.adding(state.step)
            return seen
        }
    }

    func observe(predecessor name: String) async throws -> Observation {
        try answer { $0.node.observation(ofComposeProject: name) }
    }

    func ping() async throws { try answer { if let silence = $0.silence { throw silence } } }
    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] {
        let (node, drivers) = try answer { ($0.node, $0.drivers) }
        let containers = node.containers.values.map(\.seen).map {
            NamedObject(kind: .container, id: $0.id, name: $0.name, labels: $0.labels)
        }
        let networks = node.networks.values.map {
            NamedObject(
                kind: .network,
                id: $0.id,
                name: $0.name,
                labels: $0.labels,
                driver: drivers[$0.name]?.name,
                options: drivers[$0.name]?.options ?? [:]
            )
        }
        let volumes = node.volumes.values.map {
            NamedObject(
                kind: .volume,
                id: $0.name,
                name: $0.name,
                labels: $0.labels,
                driver: drivers[$0.name]?.name,
                options: drivers[$0.name]?.options ?? [:]
            )
        }
        return (containers + networks + volumes).filter {
            kinds.contains($0.kind) && $0.name.hasPrefix(prefix)
        }
    }

    func boundPorts() async throws -> [BoundPort] {
        try answer { state in
            state.node.containers.values.filter(\.isRunning).map(\.seen).flatMap { container in
                container.ports.map {
                    BoundPort(nil, $0.number, $0.protocol, container: container.id)
                }
            }
        }
    }

    func networks() async throws -> [ObservedNetwork] {
        try answer { state in
            state.networkLists += 1
            return Array(state.node.networks.values)
        }
    }

    func inspect(_ id: String) async throws -> ObservedContainer? {
        try answer { state in
            state.inspects += 1
            return state.node.containers[id]?.seen
        }
    }

    func image(_ reference: String) async throws -> ImagePin? {
        try answer { state in
            state.pins[reference].map { pin in
                ImagePin(
                    reference: reference,
                    imageID: pin.imageID,
                    digest: pin.digest,
                    config: pin.config
                )
            }
        }
    }

    func images() async throws -> [NodeImage] {
        try answer { state in
            state.node.images.map { id in
                let names = state.pins.filter { $0.value.imageID == id && $0.key != id }.keys
                return NodeImage(id: id, names: Set(names))
            }
        }
    }

    func usedImages() async throws -> Set<String> {
        try answer { Set($0.node.containers.values.map(\.seen.imageID)) }
    }

    func fittingImage(_ reference: String) async throws -> ImagePin? {
        try await image(reference)
    }

    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String {
        while state.withLock(\.isRegistrySilent) { try await Task.sleep(for: .milliseconds(2)) }
        return SimulatedNode.pin(reference).pinned
    }

    func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        if let refusal = state.withLock({ $0.refusals[.pullImage] }) { throw refusal }
        if let onPull = state.withLock({ $0.onPull }) { await onPull() }
        let query = Dictionary(request.request.query.map { ($0.name, $0.value) }) { $1 }
        let (name, tag) = (query["fromImage"] ?? "", query["tag"] ?? "")
        try answer { $0.sent.append(.pullImage) }
        if tag.hasPrefix("sha256:") { add(digest: name, tag) } else { add("\(name):\(tag)") }
    }

    func logs(_ id: String, lines: Int) async throws -> String { try answer { $0.log } }

    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error> { eventsIn }

    func node() async throws -> NodeFacts {
        while state.withLock(\.isMute) { try await Task.sleep(for: .milliseconds(2)) }
        return try answer { state in
            state.questions += 1
            return state.facts
        }
    }

    /// As its answers would tell it, to the second.
    func time() -> ClosedRange<Instant>? {
        let shown = node.clock
        return shown.adding(.milliseconds(-500))...shown.adding(.milliseconds(500))
    }

    func emptyImage() async throws -> ImagePin? {
        ImagePin(reference: EmptyImage.reference, imageID: "sha256:0", digest: nil)
    }

    func kind(of path: String, in container: String) async throws -> PathKind? {
        try answer { state in
            guard state.node.containers[container] != nil else {
                throw StepFailure(.transient, "there is no such container")
            }
            return state.links.contains(path) ? .link : .folder
        }
    }

    /// Each byte of it a piece.
    func archive(of path: String, in container: String) async throws -> Pieces {
        let text = try answer { state in
            guard let seen = state.node.containers[container]?.seen, path == "/volume/." else {
                throw StepFailure(.transient, "there is no such container")
            }
            return "what is read through \(seen.name.prefix(15))"
        }
        let left = Mutex(Array(text.utf8)[...])
        return Pieces { try self.answer { _ in left.withLock { $0.popFirst().map { [$0] } } } }
    }

    func place(of volume: ContentVolume) async throws -> String? { nil }

    func send(_ request: CheckedRequest) async throws -> String? {
        let request = request.request
        let hook = state.withLock(\.onSent)
        defer { hook?(request.action) }
        return try answer { state in
            state.sent.append(request.action)
            let isSpared = request.target != nil && request.target == state.spared
            if let refusal = state.refusals[request.action], !isSpared { throw refusal }
            if request.action == .createContainer, let unmakable = state.unmakable,
                request.query.contains(where: { $0.value.hasPrefix(unmakable) })
            {
                throw Refused()
            }
            if request.action == .removeImage {
                state.node.images.remove(request.target ?? "")
                state.pins = state.pins.filter { $0.value.imageID != request.target }
                return nil
            }
            if request.action == .removeVolume {
                state.node.volumes[request.target ?? ""] = nil
                return nil
            }
            let body = request.body.flatMap { try? JSON(parsing: $0) } ?? [:]
            let operation = try state.node.operation(request, body)
            let pin = body["Image"]?.stringValue.flatMap { state.pins[$0] }
            return try state.node.call(operation, on: request.target, pin: pin)
        }
    }

    private func answer<T>(_ body: (inout State) throws -> T) throws -> T {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            let fate = state.doom?.strike() ?? .spared
            if fate == .before { throw Killed() }
            let result = try body(&state)
            if fate == .after { throw Killed() }
            return result
        }
    }
}

/// What an engine says to a request that is wrong in itself.
struct Refused: ClassifiedError, CustomStringConvertible {
    var kind: StepFailure.Kind { .permanent }
    var blamesRequest: Bool { true }
    var description: String { "duplicate mount point: /data" }
}

/// An engine that nobody reaches.
struct NoAnswer: EngineSideError, Sendable, CustomStringConvertible {
    var description: String { "the engine does not answer" }
}

extension SimulatedNode {
    /// What a call asks for.
    fileprivate func operation(_ request: EngineRequest, _ body: JSON) throws -> Operation {
        let seen = request.target.flatMap { containers[$0]?.seen }
        let container = ContainerRef(
            slot: Slot(service: "", number: 1),
            id: request.target,
            name: seen?.name ?? ""
        )
        let name = body["Name"]?.stringValue ?? ""
        let labels = body["Labels"]?.objectValue?.compactMapValues(\.stringValue) ?? [:]
        switch request.action {
        case .createNetwork:
            var network = Stack.Network(name: name, labels: labels)
            network.addressing.pools = (body["IPAM"]?["Config"]?.arrayValue ?? []).map {
                .init(subnet: $0["Subnet"]?.stringValue)
            }
            return .createNetwork(NetworkSpec(key: "", network: network))
        case .createVolume:
            let volume = Stack.Volume(name: name, labels: labels)
            return .createVolume(VolumeSpec(key: "", volume: volume))
        case .createContainer: return .createContainer(spec(request, body))
        case .createCarrier, .createExport:
            return .createCarrier(
                CarrierSpec(
                    stack: try StackID(project: "simulated", stack: "simulated"),
                    name: request.query[0].value,
                    volumes: [],
                    labels: labels
                )
            )
        case .removeNetwork:
            return .removeNetwork(ObjectRef(id: request.target ?? "", name: ""))
        case .connectNetwork:
            let network = request.path.split(separator: "/")[1]
            return .connect(container, NetworkAttachment(network: String(network), aliases: []))
        case .startContainer: return .start(container)
        case .unpauseContainer: return .unpause(container)
        case .stopContainer: return .stop(container, grace: nil)
        case .restartContainer: return .restart(container, grace: nil)
        case .renameContainer: return .rename(container, to: request.query[0].value)
        case .removeContainer: return .remove(container)
        default: throw StepFailure(.permanent, "\(request.action) is not simulated")
        }
    }

    private func spec(_ request: EngineRequest, _ body: JSON) -> ContainerSpec {
        ContainerSpec(
            slot: Slot(service: "", number: 1),
            name: request.query[0].value,
            spec: "",
            image: body["Image"]?.stringValue ?? "",
            pin: nil,
            body: body,
            furtherNetworks: []
        )
    }
}
