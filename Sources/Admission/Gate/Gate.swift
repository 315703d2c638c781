package import Model

/// The second check: judges each request to an engine as it is about to be sent.
///
/// It trusts nothing that came before it. It reads the serialised body with a parser of its own,
/// knows every key that may be there, and asks of each value whether the tenant's grants, the
/// stack's identity and the journal cover it. Unknown keys, calls and values are refused.
package struct Gate: Sendable {
    let tenant: TenantPolicy
    let enforcement: Enforcement
    let controller: String
    let stack: StackID
    /// Engine ids of containers and networks, and names of volumes, that the journal owns.
    let owned: Set<String>
    let pins: [ImagePin]
    /// Claims that the journal has written before their objects are created.
    let claims: Set<String>
    /// Names of volumes whose removal a person has confirmed.
    let confirmedVolumeRemovals: Set<String>
    /// Names of volumes of the stack that a person wants to read.
    let exportedVolumes: Set<String>
    /// Names of what the stack uses and somebody else makes.
    let externals: Stack.ExternalNames
    /// What may be shipped and mounted besides.
    let contents: GateContents
    /// By id: containers whose namespaces one is to have, and those whose they have, as the engine
    /// tells them now.
    let hosts: [String: ObservedContainer]
    /// How the Swarm is that the stack runs on; nil where it runs on an engine.
    let rules: SwarmRules?
    /// Under which ids the Swarm has of those what its services name by id.
    let found: ExternalIDs
    /// By service: the host name by which `x-gyre: ingress` leads to it, which no body says.
    let ingress: [String: String]
    /// By name of a network: the one subnet that it may have, as the journal has it reserved.
    let subnets: [String: String]

    package init(
        _ tenant: TenantPolicy,
        controller: String,
        stack: StackID,
        owned: Set<String> = [],
        pins: [ImagePin] = [],
        claims: Set<String> = [],
        confirmedVolumeRemovals: Set<String> = [],
        exportedVolumes: Set<String> = [],
        externals: Stack.ExternalNames = .init(),
        contents: GateContents = GateContents(),
        hosts: [String: ObservedContainer] = [:],
        swarm rules: SwarmRules? = nil,
        found: ExternalIDs = .init(),
        ingress: [String: String] = [:],
        subnets: [String: String] = [:],
        at now: Instant? = nil,
        users: NodeUsers = .asShown
    ) {
        self.tenant = tenant
        self.enforcement = Enforcement(tenant: tenant, stack: stack, now: now, users: users)
        self.controller = controller
        self.stack = stack
        self.owned = owned
        self.pins = pins
        self.claims = claims
        self.confirmedVolumeRemovals = confirmedVolumeRemovals
        self.exportedVolumes = exportedVolumes
        self.externals = externals
        self.contents = contents
        self.hosts = hosts
        self.rules = rules
        self.found = found
        self.ingress = ingress
        self.subnets = subnets
    }

    var grants: Grants { tenant.grants }
    var swarm: SwarmRules { rules ?? SwarmRules() }

    /// Lets `request` pass as it is, or says why not.
    package func check(_ request: EngineRequest) throws(GateRefusal) -> CheckedRequest {
        do {
            try judge(request)
        } catch {
            throw GateRefusal(error, to: request)
        }
        return CheckedRequest(request)
    }

    private func judge(_ request: EngineRequest) throws(Objection) {
        let call = try Call(request)
        switch request.action {
        case .importEmptyImage: try importEmptyImage(call, request.body)
        case .shipContent: try ship(call, request.body)
        default: try judge(call, body: BodyField(of: request))
        }
    }

    private func judge(_ call: Call, body: BodyField?) throws(Objection) {
        switch call.action {
        case .pullImage: try pull(call)
        case .createContainer: try createContainer(call, BodyField.required(body))
        case .createCarrier: try createCarrier(call, BodyField.required(body))
        case .createExport: try createExport(call, BodyField.required(body))
        case .importEmptyImage, .shipContent:
            throw Objection(.call, "action", "this is judged by its bytes")
        case .createNetwork: try createNetwork(call, BodyField.required(body))
        case .createVolume: try createVolume(call, BodyField.required(body))
        case .connectNetwork, .disconnectNetwork:
            return try joinNetwork(call, BodyField.required(body))
        case .updateContainer: try update(call, BodyField.required(body))
        case .renameContainer: try rename(call)
        case .stopContainer: try stop(call, "stop")
        case .restartContainer: try stop(call, "restart")
        case .killContainer: try kill(call)
        case .startContainer, .unpauseContainer: try start(call)
        case .removeContainer: try removeContainer(call)
        case .removeNetwork: try removeNetwork(call)
        case .removeVolume: try removeVolume(call)
        case .removeContent: try removeContent(call)
        case .removeImage: throw Objection(.ownership, "path", "an image is no stack's to remove")
        case .createService, .updateService, .removeService, .createConfig, .removeConfig,
            .createSecret, .removeSecret:
            return try judgeSwarm(call, body)
        case .createRecord, .updateRecord, .removeRecord:
            throw Objection(.ownership, "action", "what controllers keep is no stack's")
        }
        if body != nil, !call.action.hasBody {
            throw Objection(.body, "body", "this call has no body")
        }
    }
}

extension Gate {
    private func judgeSwarm(_ call: Call, _ body: BodyField?) throws(Objection) {
        guard rules != nil else {
            throw Objection(.call, "action", "the stack runs on no Swarm")
        }
        switch call.action {
        case .createService: try createService(call, BodyField.required(body))
        case .updateService: try updateService(call, BodyField.required(body))
        case .createConfig: try createFile(call, BodyField.required(body), isSecret: false)
        case .createSecret: try createFile(call, BodyField.required(body), isSecret: true)
        default:
            guard body == nil else { throw Objection(.body, "body", "this call has no body") }
            let collections: [EngineRequest.Action: String] = [
                .removeConfig: "configs", .removeSecret: "secrets",
            ]
            try removeSwarmObject(call, collections[call.action] ?? "services")
        }
    }
}

extension EngineRequest.Action {
    fileprivate var hasBody: Bool {
        switch self {
        case .createContainer, .createNetwork, .createVolume, .connectNetwork,
            .disconnectNetwork, .updateContainer, .createCarrier, .createExport:
            true
        default: false
        }
    }
}
