internal import Admission
internal import Model

/// What a Swarm is to have of the stack.
extension PlanDraft {
    /// Networks between nodes, then files, then services, and at last what goes.
    mutating func bringToSwarm(_ rules: SwarmRules) {
        spanNetworks(rules)
        var swarm = SwarmDraft(rules, input)
        swarm.createFiles(&plan)
        for name in input.desired.order { bring(name, &swarm) }
        removeFromSwarm(swarm)
    }

    /// Makes the networks that are to be created such that they span nodes.
    private mutating func spanNetworks(_ rules: SwarmRules) {
        for index in plan.steps.indices {
            guard case .createNetwork(var spec) = plan.steps[index].operation else { continue }
            if spec.network.driver?.isEmpty ?? true { spec.network.driver = "overlay" }
            if rules.isEncrypted, spec.network.driver == "overlay" {
                spec.network.options["encrypted"] = spec.network.options["encrypted"] ?? ""
            }
            spec.network.labels[Labels.Swarm.namespace] = stack.id.composeProjectName
            plan.steps[index].operation = .createNetwork(spec)
        }
    }

    private mutating func bring(_ name: String, _ swarm: inout SwarmDraft) {
        guard let service = stack.services[name] else { return }
        let rendering = swarm.rendering(name, networks)
        let found = swarm.existing[rendering.serviceName]
        var reason: Reason?
        if let found {
            reason = swarm.change(of: found, toward: rendering)
            if reason == nil { swarm.keep(found) }
        } else {
            reason = .missing
        }
        if let reason {
            do throws(SwarmRefusal) {
                var body = try rendering.body
                var verb = SwarmChange.Verb.create
                if let found {
                    verb = .update(id: found.id, version: found.version)
                    body = body.keeping(found)
                }
                let change = SwarmChange(verb, .service, rendering.serviceName, body: body)
                let before = steps(before: service, rendering, swarm)
                swarm.changes[name] = plan.add(.change(change), after: before, because: reason)
            } catch {
                note(error.message)
                return
            }
        }
        guard swarm.changes[name] != nil || !input.isProven else { return }
        let before = swarm.changes[name].map { [$0] } ?? []
        let settle = swarm.settling(rendering, found)
        swarm.proofs[name] = plan.add(.settle(settle), after: before, because: .mustProve)
    }

    /// Image, networks, files and dependencies.
    private func steps(
        before service: Service,
        _ rendering: SwarmRendering,
        _ swarm: SwarmDraft
    ) -> [Step.ID] {
        var before = [pulls[rendering.name]].compactMap(\.self)
        before += service.networks.keys.compactMap { key in
            stack.networks[key].flatMap { networkSteps[$0.name] }
        }
        before += rendering.files.compactMap { swarm.fileSteps[SwarmToken.file($0)] }
        for (name, dependency) in service.dependsOn {
            let step =
                dependency.condition == .started ? swarm.changes[name] : swarm.proofs[name]
            before += [step].compactMap(\.self)
        }
        return before
    }

    /// Only when all that is new has come up: a file whose new part doesn't takes nothing away.
    private mutating func removeFromSwarm(_ swarm: SwarmDraft) {
        let proofs = Array(swarm.changes.values) + Array(swarm.proofs.values)
        let wanted = Set(stack.services.keys.map { "\(stack.id.composeProjectName)_\($0)" })
        var gone: [Step.ID] = []
        for service in swarm.existing.values.sorted(by: { $0.name < $1.name })
        where !wanted.contains(service.name) {
            let change = SwarmChange(.remove(id: service.id), .service, service.name)
            gone.append(plan.add(.change(change), after: proofs, because: .serviceRemoved))
        }
        let kept = Set(stack.networks.values.map(\.name))
        for network in input.observation.networks.sortedByName
        where input.owned.contains(network.id) && !kept.contains(network.name) {
            let step = Operation.removeNetwork(network.reference)
            plan.add(step, after: proofs + gone, because: .unused)
        }
        for file in swarm.unusedFiles {
            let change = SwarmChange(.remove(id: file.id), file.kind, file.name)
            plan.add(.change(change), after: proofs + gone, because: .unused)
        }
    }
}

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

    init(_ rules: SwarmRules, _ input: PlanningInput) {
        self.rules = rules
        self.input = input
        let swarm = input.observation.swarm ?? ObservedSwarm()
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
        for (name, id) in input.externalNetworks { ids[SwarmToken.network(name)] = id }
        return SwarmRendering(
            name: name,
            desired: input.desired,
            controller: input.controller,
            rules: rules,
            ids: ids
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
        guard let service = stack.services[name], SpecHash.matches(label, service, in: stack)
        else { return .specChanged(from: label, to: spec) }
        if let pin = input.desired.pins[name], found.image != pin.pinned { return .imageChanged }
        if let now = SecretMark(of: service, in: stack),
            let then = SecretMark(label: found.labels[Labels.secrets])
        {
            let changed = now.changes(from: then)
            if !changed.isEmpty { return .secretsChanged(changed) }
        }
        guard SwarmSent.isUntouched(found) else { return .changedByHand }
        let isGlobal = service.deployment?.mode == "global"
        let replicas = isGlobal ? nil : Int64(service.replicas)
        guard found.replicas == replicas else {
            return .replicasChanged(from: found.replicas, to: replicas)
        }
        return nil
    }

    /// Whether tasks of it make way for others now, or are about to.
    func isUpdated(_ found: ObservedService, toward rendering: SwarmRendering) -> Bool {
        let spec = input.desired.specs[rendering.name]
        let isMixed = found.tasks.contains { $0.isWanted && $0.labels[Labels.spec] != spec }
        switch change(of: found, toward: rendering) {
        case nil: return isMixed
        case .replicasChanged: return isMixed
        default: return true
        }
    }

    /// A service stays as it is, with the files that it has.
    mutating func keep(_ service: ObservedService) {
        let container = service.spec["TaskTemplate"]?["ContainerSpec"]
        for (kind, key) in [(OwnedObject.Kind.config, "Config"), (.secret, "Secret")] {
            for reference in container?["\(key)s"]?.arrayValue ?? [] {
                guard let name = reference["\(key)Name"]?.stringValue else { continue }
                used.insert(SwarmToken.file(kind, name))
            }
        }
    }

    var unusedFiles: [ObservedFile] {
        files.filter { !used.contains($0.key) }.values.sorted { $0.name < $1.name }
    }

    func settling(_ rendering: SwarmRendering, _ found: ObservedService?) -> ServiceRef {
        let name = rendering.name
        let check = input.desired.admitted.effective[name]?.service.healthcheck
        return ServiceRef(
            name: rendering.serviceName,
            id: found?.id,
            spec: input.desired.specs[name] ?? "",
            image: input.desired.pins[name]?.pinned,
            isTask: input.desired.isTask(name),
            isChecked: check?.test.map { $0 != ["NONE"] } ?? false,
            known: Set((found?.tasks ?? []).filter(\.hasFailed).map(\.id))
        )
    }
}

extension JSON {
    /// A service's body with what only the one that is there knows: its claim, and how often its
    /// tasks were to start anew.
    fileprivate func keeping(_ found: ObservedService) -> JSON {
        var body = objectValue ?? [:]
        var labels = body["Labels"]?.objectValue ?? [:]
        labels[Labels.claim] = found.labels[Labels.claim].map(JSON.string)
        body["Labels"] = .object(labels)
        var task = body["TaskTemplate"]?.objectValue ?? [:]
        task["ForceUpdate"] = .int(found.spec["TaskTemplate"]?["ForceUpdate"]?.intValue ?? 0)
        body["TaskTemplate"] = .object(task)
        return .object(body)
    }
}

extension PlanningInput {
    /// How many tasks of each service a Swarm may run beside those that they replace.
    func swarmSurges(_ rules: SwarmRules) -> [String: Int] {
        let draft = PlanDraft(self)
        let swarm = SwarmDraft(rules, self)
        return desired.admitted.stack.services.reduce(into: [:]) { surges, named in
            let (name, service) = named
            let rendering = swarm.rendering(name, draft.networks)
            guard draft.startsFirst(name), let found = swarm.existing[rendering.serviceName],
                swarm.isUpdated(found, toward: rendering)
            else { return }
            let tasks = min(service.replicas, found.replicas.map(Int.init) ?? service.replicas)
            let most = draft.rollout(of: service).parallelism
            if tasks > 0 { surges[name] = most > 0 ? min(most, tasks) : tasks }
        }
    }
}

extension Plan {
    /// Removes all services that are ours, and gives the steps.
    mutating func removeServices(_ swarm: ObservedSwarm?, _ owned: Set<String>) -> [Step.ID] {
        let services = (swarm?.services ?? []).filter { owned.contains($0.id) }
        return services.sorted { $0.name < $1.name }.map { service in
            let change = SwarmChange(.remove(id: service.id), .service, service.name)
            return add(.change(change), because: .stackRemoved)
        }
    }

    /// The same of configs and secrets.
    mutating func removeFiles(
        _ swarm: ObservedSwarm?,
        _ owned: Set<String>,
        after before: [Step.ID]
    ) {
        let files = (swarm?.files ?? []).filter { owned.contains($0.id) }
        for file in files.sorted(by: { $0.name < $1.name }) {
            let change = SwarmChange(.remove(id: file.id), file.kind, file.name)
            add(.change(change), after: before, because: .stackRemoved)
        }
    }
}
