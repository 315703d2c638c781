import Admission
import Model
import Planning

/// What a Swarm that has nothing of the stack yet is sent to bring it up, and to change it.
struct SwarmBodies: CustomStringConvertible {
    private(set) var requests: [EngineRequest] = []
    /// All that the files name of others, be it theirs to use or not.
    private var externals = ExternalIDs()
    private var count = 0
    private var owned: Set<String> = []
    private let stack: Stack
    private let pins: [ImagePin]

    private static let rules = SwarmRules(
        isEncrypted: true,
        keepsPrivileges: true,
        keepsUsers: true
    )

    /// Renders what policy let pass, with the files of `snapshot` in configs and secrets.
    init(_ admitted: AdmittedStack, of snapshot: Snapshot) throws {
        stack = admitted.stack
        let images = Set(stack.services.values.map(\.image))
        pins = images.sorted().map { image in
            let digest = "nginx@sha256:" + SHA256Hex.of(image)
            return ImagePin(reference: image, imageID: "sha256:0", digest: digest)
        }
        let names = stack.externalNames
        for name in names.networks.sorted() { externals[.network, name] = makeID() }
        for name in names.configs.sorted() { externals[.config, name] = makeID() }
        for name in names.secrets.sorted() { externals[.secret, name] = makeID() }
        let input = PlanningInput(
            desired: Desired(admitted: admitted, commit: "", pins: [:]),
            observation: Observation(time: Instant(milliseconds: 0), volumes: []),
            owned: [],
            externals: externals,
            controller: "spin",
            swarm: SwarmBodies.rules
        )
        var context = StepContext(claim: GateFixture.claim, controller: "spin")
        for step in Plan(from: input).steps {
            var token: String?
            switch step.operation {
            case .createNetwork(let spec): token = SwarmToken.network(spec.name)
            case .change(let change):
                token = SwarmToken.file(change.kind, change.name)
                context.data = try change.content.map { try bytes(of: $0, snapshot) }
                let service = change.body["Labels"]?[Labels.service]?.stringValue ?? ""
                let image = stack.services[service]?.image
                context.pin = pins.first { $0.reference == image }
            default: continue
            }
            guard let token, let request = EngineRequest(step.operation, in: context) else {
                continue
            }
            add(request)
            context.swarmIDs[token] = requests.last?.target ?? makeID(owned: true)
        }
    }

    /// A service is sent a second time, as one that is there already.
    private mutating func add(_ request: EngineRequest) {
        requests.append(request)
        guard request.action == .createService else { return }
        var update = request
        let id = makeID(owned: true)
        update.action = .updateService
        update.path = "/services/\(id)/update"
        update.query = [.init("version", "7")]
        update.target = id
        requests.append(update)
    }

    private mutating func makeID(owned isOwned: Bool = false) -> String {
        count += 1
        let digits = String(count)
        let id = String(repeating: "x", count: 25 - digits.utf8.count) + digits
        if isOwned { owned.insert(id) }
        return id
    }

    private func bytes(of content: Content, _ snapshot: Snapshot) throws -> [UInt8] {
        switch content.source {
        case .text: Array((stack.texts[content.name]?.text ?? "").utf8)
        case .tree(let path): try snapshot.read(path)
        }
    }

    var description: String {
        requests.map { "\($0.path) \(String(decoding: $0.body ?? [], as: UTF8.self))\n" }.joined()
    }

    /// What the gate refuses of it, for a tenant that may have more or less than was let pass.
    func refusals(by tenant: TenantPolicy) -> [GateRefusal] {
        let gate = Gate(
            tenant,
            controller: "spin",
            stack: stack.id,
            owned: owned,
            pins: pins,
            claims: [GateFixture.claim],
            externals: stack.externalNames,
            contents: GateContents(stack.contents(controller: "spin")),
            swarm: SwarmBodies.rules,
            found: externals,
            ingress: stack.services.compactMapValues(\.ingress?.host)
        )
        var refusals: [GateRefusal] = []
        for request in requests {
            do {
                _ = try gate.check(request)
            } catch {
                refusals.append(error)
            }
        }
        return refusals
    }
}
