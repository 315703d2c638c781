import Admission
import Model
import Planning
import TestSupport

/// A Swarm, as far as its API shows it, and what the journal of a controller would know of it.
struct SimulatedSwarm {
    var services: [String: ObservedService] = [:]
    var files: [String: ObservedFile] = [:]
    var networks: [String: ObservedNetwork] = [:]
    var owned: Set<String> = []
    var proven: Set<String> = []
    /// Configs and secrets that others have made.
    var others = ExternalIDs()
    var rules = SwarmRules(isEncrypted: true, keepsPrivileges: true)
    private var pins: [PinKey: ImagePin] = [:]
    private var count = 0
    var policy = Policy(StackGenerator.tenant)

    private mutating func makeID() -> String {
        count += 1
        let digits = String(count)
        return String(repeating: "x", count: 25 - digits.utf8.count) + digits
    }

    func desired(_ stack: Stack) throws -> Desired {
        var known: [String: ImagePin] = [:]
        for (name, spec) in SpecHash.all(of: stack) {
            known[name] = pins[PinKey(stack: stack.id, service: name, spec: spec)]
        }
        return Desired(admitted: try policy.admit(stack), commit: "c", pins: known)
    }

    var observation: Observation {
        Observation(
            time: Instant(milliseconds: 0),
            networks: networks.values.sorted { $0.id < $1.id },
            volumes: [],
            swarm: ObservedSwarm(
                services: services.values.sorted { $0.id < $1.id },
                files: files.values.sorted { $0.id < $1.id }
            )
        )
    }

    func plan(_ stack: Stack, _ setback: Setback = Setback()) throws -> Plan {
        var input = try input(stack)
        input.setback = setback
        return Plan(from: input)
    }

    func input(_ stack: Stack) throws -> PlanningInput {
        let desired = try desired(stack)
        var externals = others
        for network in stack.networks.values where network.isExternal {
            externals[.network, network.name] = network.name
        }
        return PlanningInput(
            desired: desired,
            observation: observation,
            owned: owned,
            isProven: desired.isResolved && proven.contains(desired.version.digest),
            externals: externals,
            controller: "rehearsal",
            swarm: rules
        )
    }

    /// Plans, and does what the plan says.
    @discardableResult
    mutating func deploy(_ stack: Stack) throws -> Plan {
        let plan = try plan(stack)
        var ids: [String: String] = [:]
        for step in plan.steps { try perform(step, of: stack, &ids) }
        proven.insert(try desired(stack).version.digest)
        return plan
    }

    /// Does a step; `ids` are of what the run has made.
    mutating func perform(
        _ step: Step,
        of stack: Stack,
        _ ids: inout [String: String]
    ) throws {
        var context = StepContext(claim: "claim-\(step.id)", controller: "rehearsal")
        context.swarmIDs = ids
        switch step.operation {
        case .pullImage(let pull):
            for service in pull.services {
                guard let spec = SpecHash.all(of: stack)[service] else { continue }
                pins[PinKey(stack: stack.id, service: service, spec: spec)] =
                    SimulatedNode.pin(pull.reference)
            }
        case .createNetwork(let spec):
            let id = makeID()
            let request = EngineRequest(step.operation, in: context)
            let body = try JSON(parsing: request?.body ?? [])
            networks[id] = ObservedNetwork(id: id, name: spec.name, labels: body.labels)
            ids[SwarmToken.network(spec.name)] = id
            owned.insert(id)
        case .removeNetwork(let network): networks[network.id] = nil
        case .change(let change):
            let service = change.body["Labels"]?[Labels.service]?.stringValue ?? ""
            let spec = stack.services[service].map { SpecHash.of($0, in: stack) } ?? ""
            context.pin = pins[PinKey(stack: stack.id, service: service, spec: spec)]
            context.data = [1]
            try write(change, context, &ids)
        default: break
        }
    }

    private mutating func write(
        _ change: SwarmChange,
        _ context: StepContext,
        _ ids: inout [String: String]
    ) throws {
        if case .remove(let id) = change.verb {
            services[id] = nil
            files[id] = nil
            return
        }
        let request = EngineRequest(.change(change), in: context)
        let body = try JSON(parsing: request?.body ?? [])
        let id = change.id ?? makeID()
        ids[SwarmToken.file(change.kind, change.name)] = id
        owned.insert(id)
        guard change.kind == .service else {
            files[id] = ObservedFile(
                kind: change.kind,
                id: id,
                name: change.name,
                labels: body.labels
            )
            return
        }
        services[id] = ObservedService(
            id: id,
            version: (services[id]?.version ?? 0) + 1,
            name: change.name,
            labels: body.labels,
            spec: body.asTold
        )
    }
}

extension Stack {
    /// The stack of the tests about Swarms.
    static func ofSwarm(_ services: [String: Service]) throws -> Stack {
        try Gateway.stack(services, isForSwarm: true)
    }
}

extension Service {
    /// One that joins the stack's own network.
    static func ofSwarm(_ image: String = "httpd:2.4") -> Service {
        var service = Service(image: image)
        service.networks = ["default": .init()]
        service.deployment = Service.Deployment()
        return service
    }
}

extension Plan {
    /// Its steps, with why.
    var words: [String] { steps.map { "\($0.operation), because \($0.reason)" } }
}

extension JSON {
    mutating func put(_ path: ArraySlice<String>, _ value: JSON) {
        guard let key = path.first else {
            self = value
            return
        }
        var members = objectValue ?? [:]
        var inner = members[key] ?? [:]
        inner.put(path.dropFirst(), value)
        members[key] = inner
        self = .object(members)
    }
}

extension JSON {
    fileprivate var labels: [String: String] {
        (self["Labels"]?.objectValue ?? [:]).compactMapValues(\.stringValue)
    }

    /// As a Swarm gives it back, seen with 20.10: with values filled in, and null for nothing.
    fileprivate var asTold: JSON {
        var spec = objectValue ?? [:]
        var task = spec["TaskTemplate"]?.objectValue ?? [:]
        var container = task["ContainerSpec"]?.objectValue ?? [:]
        container["Isolation"] = "default"
        container["Privileges"] = ["CredentialSpec": .null, "SELinuxContext": .null]
        task["ContainerSpec"] = .object(container)
        task["Runtime"] = "container"
        var policy = task["RestartPolicy"]?.objectValue ?? [:]
        policy["Condition"] = policy["Condition"] ?? "any"
        task["RestartPolicy"] = .object(policy)
        spec["TaskTemplate"] = .object(task)
        var endpoints = spec["EndpointSpec"]?.objectValue ?? [:]
        endpoints["Mode"] = endpoints["Mode"] ?? "vip"
        spec["EndpointSpec"] = .object(endpoints)
        return .object(spec)
    }
}
