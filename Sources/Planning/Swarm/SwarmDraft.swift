internal import Admission
internal import Model

/// What of a Swarm a plan has looked at so far.
struct SwarmDraft {
    let rules: SwarmRules
    let input: PlanningInput
    /// Ours, by name.
    let existing: [String: ObservedService]
    /// Ours, by token.
    let files: [String: ObservedFile]
    var fileSteps: [String: Step.ID] = [:]
    /// The steps that write services and wait for them, by key.
    var changes: [String: Step.ID] = [:]
    var proofs: [String: Step.ID] = [:]
    /// Tokens of the files that services are to have.
    private var used: Set<String> = []
    /// Ids of networks that services have which stay as they are.
    private(set) var keptNetworks: Set<String> = []
    /// Names of networks by their ids.
    let networkNames: [String: String]
    /// What services have that a pause left as they are.
    var left: [(name: String, holdings: Holdings)] = []
    var handover = Handover()

    init(_ rules: SwarmRules, _ input: PlanningInput) {
        self.rules = rules
        self.input = input
        let swarm = input.observation.swarm ?? ObservedSwarm()
        let externals = input.externals.all.filter { $0.kind == .network }
        networkNames = Dictionary(
            input.observation.networks.map { ($0.id, $0.name) } + externals.map { ($0.id, $0.name) }
        ) { first, _ in first }
        let services = swarm.services.filter { input.owned.contains($0.id) }
        existing = Dictionary(services.map { ($0.name, $0) }) { first, _ in first }
        let files = swarm.files.filter { input.owned.contains($0.id) }
        self.files = Dictionary(
            files.map { (SwarmToken.file($0.kind, $0.name), $0) }
        ) { first, _ in first }
    }

    private var stack: Stack { input.desired.admitted.stack }

    func rendering(
        _ name: String,
        _ networks: [String: ObservedNetwork]
    ) -> SwarmRendering {
        var ids = files.mapValues(\.id)
        for (name, network) in networks { ids[SwarmToken.network(name)] = network.id }
        for external in input.externals.all {
            let isNetwork = external.kind == .network
            let token =
                isNetwork
                ? SwarmToken.network(external.name)
                : SwarmToken.file(external.kind, external.name)
            ids[token] = external.id
        }
        return SwarmRendering(
            name: name,
            desired: input.desired,
            controller: input.controller,
            rules: rules,
            ids: ids,
            isGoingBack: input.setback.isRollback,
            window: input.window
        )
    }

    mutating func createFiles(_ plan: inout Plan) {
        for name in input.desired.order {
            for file in rendering(name, [:]).files {
                let token = SwarmToken.file(file)
                used.insert(token)
                guard files[token] == nil, fileSteps[token] == nil else { continue }
                let body = file.body(labels: stack.swarmLabels(input.controller))
                let change = SwarmChange(
                    .create,
                    file.kind,
                    file.name,
                    body: body,
                    content: file.content
                )
                fileSteps[token] = plan.add(.change(change), because: .missing)
            }
        }
    }

    /// Why a service has to be written; nil where it is as it should be.
    ///
    /// What policy or a new Gyre would send otherwise is no reason (law 9).
    func change(of found: ObservedService, toward rendering: SwarmRendering) -> Reason? {
        let name = rendering.name
        let spec = input.desired.specs[name] ?? ""
        let label = found.labels[Labels.spec] ?? ""
        if let before = found.mode, let after = stack.services[name]?.mode, before != after {
            return .modeChanged(from: before, to: after)
        }
        guard let service = stack.services[name], SpecHash.matches(label, service, in: stack)
        else { return .specChanged(from: label, to: spec) }
        if let pin = input.desired.pins[name], found.image != pin.pinned { return .imageChanged }
        if let now = SecretMark(of: service, in: stack),
            let then = SecretMark(label: found.labels[Labels.secrets])
        {
            let changed = now.changes(from: then)
            if !changed.isEmpty { return .secretsChanged(changed) }
        }
        let remade = found.files.filter { file in
            input.externals[file.kind, file.name].map { $0 != file.id } ?? false
        }
        if !remade.isEmpty { return .remade(remade.map { "\($0.kind.rawValue) \($0.name)" }) }
        guard SwarmSent.isUntouched(found) else { return .changedByHand }
        let isOnEachNode = service.deployment?.isOnEachNode ?? false
        let replicas = isOnEachNode ? nil : Int64(service.replicas)
        guard found.replicas == replicas else {
            return .replicasChanged(from: found.replicas, to: replicas)
        }
        return nil
    }

    /// Whether a pause left it as it is.
    func isLeft(_ found: ObservedService) -> Bool {
        input.setback.left.contains(found.standing)
    }

    /// Whether the Swarm stopped on the way to what it is to be: it goes on when it is written.
    func isHalted(_ found: ObservedService) -> Bool {
        found.isStopped && (found.update != "rollback_completed" || !input.isProven)
    }

    /// Why a service has to be written that lacks tasks, where all that failed of it did before the
    /// version was begun.
    func reasonToTry(_ found: ObservedService) -> Reason? {
        let failed = found.tasks.filter(\.hasFailed)
        guard found.lacksTasks, let last = failed.last,
            Set(failed.map(\.id)).isSubset(of: input.untried)
        else { return nil }
        return .endedBefore(exitCode: last.exitCode)
    }

    /// Whether tasks of it make way for others now, or are about to.
    func isUpdated(_ found: ObservedService, toward rendering: SwarmRendering) -> Bool {
        let specs = input.desired.taskSpecs(of: rendering.name)
        let isMixed = found.tasks.contains { task in
            let spec = task.labels[Labels.spec]
            return task.isWanted && spec != specs.current && spec != specs.former
        }
        switch change(of: found, toward: rendering) {
        case nil: return isMixed
        case .replicasChanged: return isMixed
        case .modeChanged: return false
        default: return true
        }
    }

    /// A service stays as it is, with the files and networks that it has.
    mutating func keep(_ service: ObservedService) {
        for file in service.files { used.insert(SwarmToken.file(file.kind, file.name)) }
        let networks = service.spec["TaskTemplate"]?["Networks"]?.arrayValue ?? []
        keptNetworks.formUnion(networks.compactMap { $0["Target"]?.stringValue })
    }

    var unusedFiles: [ObservedFile] {
        files.filter { !used.contains($0.key) }.values.sorted { $0.name < $1.name }
    }

    func settling(
        _ rendering: SwarmRendering,
        _ found: ObservedService?,
        isTried: Bool
    ) -> ServiceRef {
        let name = rendering.name
        let check = input.desired.admitted.effective[name]?.service.healthcheck
        let rollout = rendering.rollout
        let specs = input.desired.taskSpecs(of: name)
        return ServiceRef(
            name: rendering.serviceName,
            id: found?.id,
            spec: specs.current,
            formerSpec: specs.former,
            image: input.desired.pins[name]?.pinned,
            isTask: input.desired.isTask(name),
            mustEnd: stack.isAwaited(name),
            isChecked: check?.test.map { $0 != ["NONE"] } ?? false,
            known: Set((found?.tasks ?? []).filter { !$0.isWanted || $0.hasFailed }.map(\.id)),
            // Where no number says how many have to end, those that did before would be enough.
            isAnew: isTried && found?.replicas == nil,
            bearsFailures: rendering.bearsFailures,
            delay: rollout.delay,
            monitor: rollout.monitor
        )
    }
}

extension JSON {
    /// A service's body with what only the one that is there knows: its claim, and how often its
    /// tasks were to start anew.
    ///
    /// `startsAnew`: a Swarm goes on when it is written, but not toward the very spec that it is
    /// still stopping at (swarmkit's `Supervisor.Update`), so that differs by a nanosecond; and a
    /// task that it has given up for good has to be asked for.
    func keeping(_ found: ObservedService, startsAnew: Bool) -> JSON {
        var body = objectValue ?? [:]
        var labels = body["Labels"]?.objectValue ?? [:]
        labels[Labels.claim] = found.labels[Labels.claim].map(JSON.string)
        body["Labels"] = .object(labels)
        var task = body["TaskTemplate"]?.objectValue ?? [:]
        let isShort =
            found.replicas.map { found.tasks.count(where: \.isWanted) < $0 } ?? found.lacksTasks
        let before = found.spec["TaskTemplate"]?["ForceUpdate"]?.intValue ?? 0
        task["ForceUpdate"] = .int(before + (startsAnew && isShort ? 1 : 0))
        body["TaskTemplate"] = .object(task)
        let monitor = body["UpdateConfig"]?["Monitor"]?.intValue ?? 0
        if startsAnew, var update = body["UpdateConfig"]?.objectValue,
            found.spec["UpdateConfig"]?["Monitor"]?.intValue ?? 0 == monitor
        {
            update["Monitor"] = .int(monitor + 1)
            body["UpdateConfig"] = .object(update)
        }
        return .object(body)
    }
}

extension ObservedService {
    /// Whether its last update stopped on the way, or was taken back by the Swarm.
    var isStopped: Bool {
        ["paused", "rollback_paused", "rollback_completed"].contains(update ?? "")
    }

    /// Whether fewer tasks run or have ended well than it is to have.
    ///
    /// Of one that has a task on each node, whether one of its present template failed where none
    /// is now. A node that gets no more tasks keeps those of an earlier round.
    package var lacksTasks: Bool {
        if let replicas { return tasks.count { $0.isWanted || $0.isComplete } < replicas }
        let template = spec["TaskTemplate"]
        let label = template?["ContainerSpec"]?["Labels"]?[Labels.spec]?.stringValue
        let round = template?["ForceUpdate"]?.intValue ?? 0
        return Dictionary(grouping: tasks, by: \.node).values.contains { tasks in
            let present = tasks.filter { task in
                task.round == round && (label == nil || task.labels[Labels.spec] == label)
            }
            return present.contains(where: \.hasFailed)
                && !present.contains(where: \.isComplete) && !tasks.contains(where: \.isWanted)
        }
    }
}

extension Reason {
    /// Whether the Swarm is to make tasks that it has given up.
    var startsAnew: Bool {
        switch self {
        case .updateStopped, .endedBefore: true
        default: false
        }
    }

    /// Whether it means another version of a service than the one that is there.
    var isOtherVersion: Bool {
        switch self {
        case .specChanged, .imageChanged, .secretsChanged, .modeChanged: true
        default: false
        }
    }
}

extension Service {
    /// How a Swarm spreads it over nodes, in the words of `deploy.mode`.
    fileprivate var mode: String {
        deployment?.mode.flatMap { $0.isEmpty ? nil : $0 } ?? "replicated"
    }
}
