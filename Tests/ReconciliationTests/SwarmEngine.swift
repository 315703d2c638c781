import Admission
import Model
import Reconciliation
import Synchronization
import TestSupport

/// A Swarm behind the port that reconciling has for an engine; each task runs at once.
final class SwarmEngine: ContainerEngine {
    struct State {
        var services: [String: ObservedService] = [:]
        var networks: [ObservedNetwork] = []
        var files: [ObservedFile] = []
        /// What somebody made by hand: files of the Swarm, volumes of the manager that answers.
        var made: [NamedObject] = []
        /// What changed anything, in words.
        var sent: [String] = []
        /// Tasks of services that were removed, and how many looks later they have ended.
        var ending: [ObservedTask] = []
        var looksToEnd = 0
        /// Services that were made while tasks of one before were ending, or written while those
        /// of another run with what one of the two writes.
        var madeBeside: [String] = []
        /// Which Swarm it is.
        var id = ""
        /// The host names of its nodes, by their ids.
        var hosts: [String: String] = [:]
        /// What images bring, by what they are asked for by.
        var configs: [String: ImageConfig] = [:]
        /// Images that no manager has until one is pulled.
        var absent: Set<String> = []
        /// By the service's name: how it answers to the next write of it.
        var refusals: [String: SwarmAnswer] = [:]
        /// How it answers when the next config or secret is to be made.
        var refusedFile: SwarmAnswer?
        /// The manager that answers, and its own engine, where that is told from the Swarm.
        var manager: (name: String, engine: SimulatedEngine)?
        /// The API that its managers speak.
        var apiVersion = APIVersion.oldest
        /// Ports that services of others have.
        var takenPorts: Set<Int64> = []
        /// By an image: the service without which its tasks don't come up.
        var needs: [String: String] = [:]
        fileprivate var count = 0
    }

    let state = Mutex(State())

    var sent: [String] { state.withLock { $0.sent } }
    var services: [ObservedService] {
        state.withLock { $0.services.values.sorted { $0.name < $1.name } }
    }

    /// An id as a Swarm gives them.
    private static func id(_ state: inout State) -> String {
        state.count += 1
        let digits = String(state.count)
        return String(repeating: "x", count: 25 - digits.utf8.count) + digits
    }

    /// What `docker stack deploy` does with a service of `stack`.
    func deploy(_ stack: String, _ name: String, image: String, replicas: Int64 = 1) {
        state.withLock { state in
            let network = "\(stack)_default"
            if !state.networks.contains(where: { $0.name == network }) {
                let labels = [Labels.Swarm.namespace: stack]
                let id = Self.id(&state)
                state.networks.append(ObservedNetwork(id: id, name: network, labels: labels))
            }
            let joined = state.networks.first { $0.name == network }?.id ?? ""
            let labels: JSON = ["com.docker.stack.namespace": .string(stack)]
            let written = String(image.prefix { $0 != "@" })
            let spec: JSON = [
                "Name": .string("\(stack)_\(name)"),
                "Labels": [
                    "com.docker.stack.image": .string(written),
                    "com.docker.stack.namespace": .string(stack),
                ],
                "TaskTemplate": [
                    "ContainerSpec": [
                        "Image": .string(image), "Isolation": "default", "Labels": labels,
                        "Mounts": [
                            [
                                "Type": "volume", "Source": .string("\(stack)_data"),
                                "Target": "/data", "VolumeOptions": ["Labels": labels],
                            ]
                        ],
                    ],
                    "Networks": [["Target": .string(joined), "Aliases": [.string(name)]]],
                    "Placement": ["Platforms": [["Architecture": "amd64", "OS": "linux"]]],
                    "ForceUpdate": 0, "Runtime": "container", "Resources": [:],
                ],
                "Mode": ["Replicated": ["Replicas": .int(replicas)]],
                "EndpointSpec": ["Mode": "vip"],
            ]
            let known = state.services.values.first { $0.name == "\(stack)_\(name)" }
            Self.write(spec, known?.id ?? Self.id(&state), &state)
        }
    }

    /// Somebody changes a service by hand.
    func change(_ name: String, _ path: [String], _ value: JSON) {
        state.withLock { state in
            guard let found = state.services.values.first(where: { $0.name == name }) else {
                return
            }
            Self.write(found.spec.setting(path[...], value), found.id, &state)
        }
    }

    /// Somebody makes this by hand.
    func put(_ object: NamedObject) { state.withLock { $0.made.append(object) } }

    /// Its last update stopped on the way.
    func stopUpdate(of name: String) {
        state.withLock { state in
            for (id, service) in state.services where service.name == name {
                state.services[id]?.update = "paused"
            }
        }
    }

    /// Somebody removes a service by hand.
    func remove(_ name: String) {
        state.withLock { state in
            guard let found = state.services.values.first(where: { $0.name == name }) else {
                return
            }
            Self.remove(found.id, &state)
        }
    }

    private static func remove(_ id: String, _ state: inout State) {
        let tasks = state.services.removeValue(forKey: id)?.tasks ?? []
        state.ending += tasks.map { task in
            var task = task
            task.service = id
            task.isWanted = false
            return task
        }
    }

    /// The tasks of a service are on a node.
    func place(_ name: String, on node: String) {
        state.withLock { state in
            for (id, service) in state.services where service.name == name {
                for index in service.tasks.indices {
                    state.services[id]?.tasks[index].node = node
                }
            }
        }
    }

    /// The tasks of a service fail, and the Swarm makes no others.
    func end(_ name: String, with code: Int) {
        state.withLock { state in
            for (id, service) in state.services where service.name == name {
                for index in service.tasks.indices {
                    state.services[id]?.tasks[index].state = "failed"
                    state.services[id]?.tasks[index].isWanted = false
                    state.services[id]?.tasks[index].exitCode = code
                }
            }
        }
    }

    /// Something befalls the tasks of a service.
    func change(tasksOf name: String, _ body: @Sendable (inout [ObservedTask]) -> Void) {
        state.withLock { state in
            for (id, service) in state.services where service.name == name {
                body(&state.services[id, default: service].tasks)
            }
        }
    }

    /// A service is as it was written, and has tasks of that.
    private static func write(_ spec: JSON, _ id: String, _ state: inout State) {
        let task = spec["TaskTemplate"]
        let container = task?["ContainerSpec"]
        let before = state.services[id]
        var service = ObservedService(
            id: id,
            version: (before?.version ?? 0) + 1,
            name: spec["Name"]?.stringValue ?? "",
            labels: texts(spec["Labels"]),
            spec: spec
        )
        service.tasks = before?.tasks ?? []
        let isAnew = before?.spec["TaskTemplate"] != task
        if isAnew { service.tasks = [] }
        if isAnew || before?.replicas != service.replicas {
            let count = Int(service.replicas ?? 1)
            service.tasks = Array(service.tasks.prefix(count))
            service.tasks += (service.tasks.count..<count).map { _ in
                var made = ObservedTask(
                    id: Self.id(&state),
                    state: "running",
                    image: container?["Image"]?.stringValue ?? "",
                    labels: texts(container?["Labels"])
                )
                made.round = task?["ForceUpdate"]?.intValue ?? 0
                made.mounts = State.mounts(of: spec)
                return made
            }
        }
        state.services[id] = service
    }

    private static func texts(_ labels: JSON?) -> [String: String] {
        (labels?.objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    // MARK: What it is asked

    private func observe(_ label: String, _ value: String) -> Observation {
        state.withLock { state in
            Observation(
                time: Instant(milliseconds: 0),
                networks: state.networks.filter { $0.labels[label] == value },
                volumes: [],
                swarm: ObservedSwarm(
                    services: state.services.values.filter { $0.labels[label] == value },
                    files: state.files.filter { $0.labels[label] == value }
                )
            )
        }
    }

    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        observe(Labels.controller, controller)
    }

    func observe(predecessor name: String) async throws -> Observation {
        observe(Labels.Swarm.namespace, name)
    }

    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] {
        state.withLock { state in
            let networks = state.networks.map {
                NamedObject(kind: .network, id: $0.id, name: $0.name, labels: $0.labels)
            }
            let services = state.services.values.map {
                NamedObject(kind: .service, id: $0.id, name: $0.name, labels: $0.labels)
            }
            return (networks + services + state.made).filter {
                kinds.contains($0.kind) && $0.name.hasPrefix(prefix)
            }
        }
    }

    func image(_ reference: String) async throws -> ImagePin? {
        if let own { return try await own.image(reference) }
        let known = state.withLock { state in
            state.absent.contains(reference) ? nil : state.configs[reference] ?? ImageConfig()
        }
        guard let image = ImageReference(reference), let known else { return nil }
        let pin = SimulatedNode.pin(reference)
        return ImagePin(
            reference: reference,
            imageID: image.digest == nil ? pin.imageID : "sha256:0",
            digest: image.digest.map { "\(image.familiarName)@\($0)" } ?? pin.digest,
            config: known
        )
    }

    func fittingImage(_ reference: String) async throws -> ImagePin? {
        try await image(reference)
    }

    func service(_ id: String) async throws -> ObservedService? {
        state.withLock { state in
            guard var service = state.services[id] else { return nil }
            let names = Set(state.services.values.map(\.name))
            let image = service.labels["com.docker.stack.image"] ?? ""
            if let needed = state.needs[image], !names.contains(needed) {
                for index in service.tasks.indices { service.tasks[index].state = "starting" }
            }
            return service
        }
    }

    func tasks(ofStack name: String) async throws -> [ObservedTask] {
        state.withLock { state in
            state.looksToEnd -= 1
            if state.looksToEnd < 0 { state.ending = [] }
            return state.ending
        }
    }

    func hosts() async throws -> [String: String] { state.withLock { $0.hosts } }
    func ping() async throws {}
    func networks() async throws -> [ObservedNetwork] { state.withLock { $0.networks } }
    func boundPorts() async throws -> [BoundPort] { [] }
    func inspect(_ id: String) async throws -> ObservedContainer? { nil }
    var manager: String? { state.withLock { $0.manager?.name } }
    private var own: SimulatedEngine? { state.withLock { $0.manager?.engine } }
    func images() async throws -> [NodeImage] { try await own?.images() ?? [] }
    func usedImages() async throws -> Set<String> { try await own?.usedImages() ?? [] }
    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String {
        SimulatedNode.pin(reference).pinned
    }
    func time() -> ClosedRange<Instant>? { nil }
    func node() async throws -> NodeFacts {
        let (id, version) = state.withLock { ($0.id, $0.apiVersion) }
        return NodeFacts(
            id: id,
            name: "one",
            os: "linux",
            architecture: "amd64",
            apiVersion: version
        )
    }
    func emptyImage() async throws -> ImagePin? { nil }
    func place(of volume: ContentVolume) async throws -> String? { nil }
    func kind(of path: String, in container: String) async throws -> PathKind? { nil }
    func archive(of path: String, in container: String) async throws -> Pieces { Pieces { nil } }
    func logs(_ id: String, lines: Int) async throws -> String { "" }
    func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        state.withLock { state in
            state.sent.append(request.request.action.rawValue)
            state.absent = []
        }
        try await own?.pull(request, access, progress: progress)
    }
    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error> {
        AsyncThrowingStream { _ in }
    }

    // MARK: What changes it

    func send(_ request: CheckedRequest) async throws -> String? {
        let request = request.request
        let body = request.body.flatMap { try? JSON(parsing: $0) } ?? [:]
        let name = body["Name"]?.stringValue ?? request.target ?? ""
        return try state.withLock { state in
            state.sent.append("\(request.action.rawValue) \(name)")
            if let refusal = state.refusals.removeValue(forKey: name) { throw refusal }
            switch request.action {
            case .createService:
                if let refusal = state.portRefusal(of: body) { throw refusal }
                if state.hasOthers(beside: body) { state.madeBeside.append(name) }
                let id = Self.id(&state)
                Self.write(body, id, &state)
                return id
            case .updateService:
                let id = request.target ?? ""
                let version = state.services[id].map { String($0.version) }
                guard request.query.first?.value == version else {
                    throw SwarmAnswer("Unknown desc = update out of sequence", isFinal: false)
                }
                let wanted = ObservedService(id: id, version: 0, name: name, spec: body).mode
                guard state.services[id]?.mode == wanted else {
                    throw SwarmAnswer("Unimplemented desc = service mode change is not allowed")
                }
                if let refusal = state.portRefusal(of: body, id) { throw refusal }
                if state.hasOthers(beside: body, id) { state.madeBeside.append(name) }
                Self.write(body, id, &state)
                return nil
            case .removeService:
                Self.remove(request.target ?? "", &state)
                return nil
            case .createNetwork:
                let id = Self.id(&state)
                let labels = Self.texts(body["Labels"])
                state.networks.append(ObservedNetwork(id: id, name: name, labels: labels))
                return id
            case .createConfig, .createSecret:
                if let refusal = state.refusedFile {
                    state.refusedFile = nil
                    throw refusal
                }
                let id = Self.id(&state)
                let kind: OwnedObject.Kind = request.action == .createConfig ? .config : .secret
                let labels = Self.texts(body["Labels"])
                state.files.append(ObservedFile(kind: kind, id: id, name: name, labels: labels))
                return id
            case .removeNetwork:
                state.networks.removeAll { $0.id == request.target }
                return nil
            default: throw StepFailure(.permanent, "\(request.action) is not simulated")
            }
        }
    }
}

extension JSON {
    fileprivate func setting(_ path: ArraySlice<String>, _ value: JSON) -> JSON {
        guard let key = path.first else { return value }
        var members = objectValue ?? [:]
        members[key] = (members[key] ?? [:]).setting(path.dropFirst(), value)
        return .object(members)
    }
}
