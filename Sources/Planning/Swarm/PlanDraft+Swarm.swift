internal import Admission
internal import Model

/// What a Swarm is to have of the stack.
extension PlanDraft {
    /// Networks between nodes, then files, then services, and at last what goes, but for services
    /// that have what others need.
    mutating func bringToSwarm(_ rules: SwarmRules) {
        spanNetworks(rules)
        var swarm = SwarmDraft(rules, input)
        swarm.createFiles(&plan)
        swarm.lookAtLeft(networks)
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
            spec.network.labels[Labels.Swarm.namespace] = stack.composeProjectName
            plan.steps[index].operation = .createNetwork(spec)
        }
    }

    private mutating func bring(_ name: String, _ swarm: inout SwarmDraft) {
        guard let service = stack.services[name] else { return }
        let rendering = swarm.rendering(name, networks)
        var found = swarm.existing[rendering.serviceName]
        var reason: Reason?
        var isTried = false
        if let found {
            reason = swarm.change(of: found, toward: rendering)
            if swarm.isLeft(found), reason?.isOtherVersion ?? false { return swarm.keep(found) }
            if reason == nil, swarm.isHalted(found) { reason = .updateStopped }
            if reason == nil { reason = swarm.reasonToTry(found) }
            if reason == nil { swarm.keep(found) }
        } else if !isCompleted(name) {
            reason = .missing
        } else {
            return
        }
        if let reason {
            do throws(SwarmRefusal) {
                var body = try rendering.body
                let had = found.map { swarm.holdings($0.spec) }
                let has = swarm.holdings(body)
                if let obstacle = swarm.obstacle(to: had.map(has.beyond) ?? has) {
                    note("service \(name) is left as it is: \(obstacle)")
                    if let found { swarm.keep(found) }
                    return
                }
                var verb = SwarmChange.Verb.create
                var before = steps(before: service, rendering, swarm)
                var release: Step.ID?
                if let old = found, case .modeChanged = reason {
                    let removal = makeWay(old, after: before, because: reason)
                    swarm.changes[name] = removal
                    if isCompleted(name) { return }
                    before = [removal]
                    release = removal
                    found = nil
                } else if let found {
                    verb = .update(id: found.id, version: found.version)
                    isTried = swarm.reasonToTry(found) != nil
                    body = body.keeping(found, startsAnew: reason.startsAnew || isTried)
                }
                let change = SwarmChange(verb, .service, rendering.serviceName, body: body)
                let step = plan.add(.change(change), after: before, because: reason)
                swarm.changes[name] = step
                swarm.handover.pass(name, from: had, by: release ?? step, to: has, by: step)
            } catch {
                note(error.message)
                return
            }
        }
        guard swarm.changes[name] != nil || !input.isProven else { return }
        let before = swarm.changes[name].map { [$0] } ?? []
        let settle = swarm.settling(rendering, found, isTried: isTried)
        swarm.proofs[name] = plan.add(.settle(settle), after: before, because: .mustProve)
    }

    /// Removes a service that has the name of one which can't be made of it.
    ///
    /// All that the new one needs is there by then. Whatever ends a run between the two, the
    /// next plan finds no service of that name, and makes the new one.
    ///
    /// Source: swarmkit's `UpdateService`, which refuses another mode: "proper way to change
    /// service mode is to delete and re-add".
    private mutating func makeWay(
        _ service: ObservedService,
        after before: [Step.ID],
        because reason: Reason
    ) -> Step.ID {
        let change = SwarmChange(.remove(id: service.id), .service, service.name)
        return plan.add(.change(change), after: before, because: reason)
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

    /// Only when all that is new has come up: a file whose new part doesn't takes nothing away but
    /// what that part needs.
    private mutating func removeFromSwarm(_ found: SwarmDraft) {
        var swarm = found
        for service in swarm.existing.values where swarm.isLeft(service) { swarm.keep(service) }
        let proofs = Array(swarm.changes.values) + Array(swarm.proofs.values)
        let gone = removeServices(&swarm, after: proofs)
        let kept = Set(stack.networks.values.map(\.name))
        for network in input.observation.networks.sortedByName
        where input.owned.contains(network.id) && !kept.contains(network.name)
            && !swarm.keptNetworks.contains(network.id)
        {
            let step = Operation.removeNetwork(network.reference)
            plan.add(step, after: proofs + gone, because: .unused)
        }
        for file in swarm.unusedFiles {
            let change = SwarmChange(.remove(id: file.id), file.kind, file.name)
            plan.add(.change(change), after: proofs + gone, because: .unused)
        }
        order(by: swarm.handover)
    }
}

extension Plan {
    /// Removes all configs and secrets that are ours.
    mutating func removeFiles(
        _ swarm: ObservedSwarm,
        _ owned: Set<String>,
        after before: [Step.ID]
    ) {
        let files = swarm.files.filter { owned.contains($0.id) }
        for file in files.sorted(by: { $0.name < $1.name }) {
            let change = SwarmChange(.remove(id: file.id), file.kind, file.name)
            add(.change(change), after: before, because: .stackRemoved)
        }
    }
}
