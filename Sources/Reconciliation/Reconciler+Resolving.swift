internal import Admission
internal import Model
internal import Planning

extension Reconciler {
    /// Finds the image of each service: by pin, by what runs, or by what the node has.
    ///
    /// A service left without one has its image pulled by the plan. What a closed registry says
    /// is waited for if it `waits`; else it throws that the answer is awaited.
    func resolve(
        _ admitted: AdmittedStack,
        for target: Target,
        waits: Bool
    ) async throws -> Desired {
        let specs = SpecHash.all(of: admitted.stack)
        let known = journal.state().pins
        var pins: [String: ImagePin] = [:]
        var learned: [JournalEntry] = []
        var unknown: [(key: PinKey, reference: String)] = []
        for (service, spec) in specs.sorted(by: { $0.key < $1.key }) {
            let key = PinKey(stack: id, service: service, spec: spec)
            let reference = admitted.stack.services[service]?.image
            if let reference, let pin = known[key]?.named(reference) {
                // The spec covers the image as written, whatever a recovery found it to be called.
                pins[service] = pin
            } else if let pin = memory.pin(of: key) {
                pins[service] = pin
                learned.append(.pinned(key, pin))
            } else if let reference {
                unknown.append((key, reference))
            }
        }
        let answers = waits ? nil : memory.answers(for: target.role)
        let digests = try await closedDigests(of: Set(unknown.map(\.reference)), answers)
        var images = NodeImages { try await usableImage($0, digests[$0]) }
        for (key, reference) in unknown {
            guard let pin = try await images.find(reference) else { continue }
            pins[key.service] = pin
            learned.append(.pinned(key, pin))
        }
        memory.remember(learned)
        return Desired(admitted: admitted, commit: target.commit.id, pins: pins)
    }

    /// What registries say that don't let everybody in, by image.
    ///
    /// What the node has proves nothing for such a registry: it may have come there for another
    /// project. It is asked, with what this project may show; its answer is the digest that counts.
    /// Without `answers`, it is waited for.
    private func closedDigests(
        of references: Set<String>,
        _ answers: RegistryAnswers?
    ) async throws -> [String: String] {
        let asked = references.sorted().compactMap { reference -> RegistryQuestion? in
            guard let image = ImageReference(reference), registries.isClosed(image) else {
                return nil
            }
            return RegistryQuestion(reference: reference, access: registries.access(to: image))
        }
        if let answers { return try questions.digests(of: asked, answers, for: id) }
        var digests: [String: String] = [:]
        for question in asked {
            digests[question.reference] =
                try await engine.digest(of: question.reference, question.access)
        }
        return digests
    }

    /// What a first pin may be made of without a pull; nil when the image has to be pulled.
    ///
    /// `digest` is what a closed registry has for it.
    private func usableImage(_ reference: String, _ digest: String?) async throws -> ImagePin? {
        guard let digest else { return try await engine.fittingImage(reference) }
        guard let found = try await engine.fittingImage(digest) else { return nil }
        return ImagePin(
            reference: reference,
            imageID: found.imageID,
            digest: digest,
            config: found.config
        )
    }

    /// One look at the engine, with details of what events touched.
    func observe(_ desired: Desired?) async throws -> Observation {
        try await observe(desired, noting: adopt)
    }

    /// The same for who puts nothing right: what events touched is left for who does.
    func observeInPassing(_ desired: Desired?) async throws -> Observation {
        try await observe(desired, marking: false, noting: adopt)
    }

    /// The same for a repair, which needs nothing written down: a full disk stops change, never
    /// what was there.
    ///
    /// - Returns: Beside it, why what was found could not be written down.
    func observeForRepair() async throws -> (observed: Observation, problem: (any Error)?) {
        var problem: (any Error)?
        let observed = try await observe(nil) { seen in
            do {
                try await adopt(seen)
            } catch let error as CancellationError {
                throw error
            } catch {
                problem = error
            }
        }
        return (observed, problem)
    }

    private func observe(
        _ desired: Desired?,
        marking isMarked: Bool = true,
        noting: (Observation) async throws -> Void
    ) async throws -> Observation {
        // What differs by policy alone takes a close look.
        if demand?.stops.isEmpty == true { memory.touch(nil) }
        let volumes = desired?.admitted.stack.volumeNames(controller: settings.controller) ?? []
        var observed = try await lookClosely(volumes, isMarked, noting)
        // What the engine is just removing is gone in a moment, and its name is free then.
        for _ in 0..<5 where observed.containers.contains(where: { $0.state == .removing }) {
            try await clock.sleep(.milliseconds(100))
            observed = try await lookClosely(volumes, isMarked, noting)
        }
        if let desired { try await complete(desired, observed) }
        let span = max(settings.window.running, settings.backoff.longest)
        memory.saw(observed, at: clock.steady(), settlingFor: span)
        return observed
    }

    /// A listing of the stack, and an inspect of each container that is worth one.
    private func lookClosely(
        _ volumes: Set<String>,
        _ isMarked: Bool,
        _ noting: (Observation) async throws -> Void
    ) async throws -> Observation {
        var listed = try await engine.observe(controller: settings.controller, volumes: volumes)
        if let adoption {
            listed.add(
                try await engine.observe(predecessor: adoption.name),
                bearing: adoption.lent
            )
        }
        var observed = listed.of(id)
        observed.volumes = listed.volumes
        try await noting(observed)
        var containers: [ObservedContainer] = []
        let due = due(observed.containers)
        for container in observed.containers where !container.isExport {
            guard due.contains(container.id) else {
                containers.append(container)
                continue
            }
            if isMarked { memory.inspecting(container) }
            // What is gone by now is not there.
            guard
                let inspected = try await engine.inspect(container.id)?
                    .bearing(adoption?.lent[container.id])
            else { continue }
            containers.append(inspected)
            if isMarked { memory.inspected(inspected) }
        }
        observed.containers = containers
        return observed
    }

    /// Those that an inspect is worth, and with them who shares namespaces with one: only both
    /// tell whether one of them was left behind.
    private func due(_ containers: [ObservedContainer]) -> Set<String> {
        let due = Set(containers.filter(memory.mustInspect).map(\.id))
        return containers.reduce(into: due) { all, container in
            let joined = Joined.reading(container.labels[Labels.joins]).map(\.id)
            let together = joined + [container.id]
            if !joined.isEmpty, together.contains(where: due.contains) { all.formUnion(together) }
        }
    }

    /// Takes as ours what bears a token that only the journal and the object know: it was
    /// created by a run that ended before it could write the object's id down.
    private func adopt(_ observed: Observation) async throws {
        let state = journal.state()
        let tokens = state.claims(of: id, on: node.name)
        var found: [JournalEntry] = []
        func look(
            _ kind: OwnedObject.Kind,
            _ id: String,
            _ name: String,
            _ labels: [String: String]
        ) {
            guard state.owner(of: id, on: node.name) == nil, let claim = labels[Labels.claim],
                tokens.contains(claim)
            else { return }
            found.append(
                .owned(
                    OwnedObject(
                        kind: kind,
                        id: id,
                        name: name,
                        stack: self.id,
                        claim: claim,
                        node: node.name
                    )
                )
            )
        }
        for object in observed.containers {
            look(.container, object.id, object.name, object.labels)
        }
        for object in observed.networks { look(.network, object.id, object.name, object.labels) }
        for object in observed.swarm?.services ?? [] {
            look(.service, object.id, object.name, object.labels)
        }
        for object in observed.swarm?.files ?? [] {
            look(object.kind, object.id, object.name, object.labels)
        }
        for object in observed.volumes ?? [] {
            look(.volume, object.name, object.name, object.labels)
        }
        let taken = found.compactMap { if case .owned(let object) = $0 { object } else { nil } }
        if !taken.isEmpty { await audit.note([.adopted(taken, of: id)], at: clock.now()) }
        let present = Set(observed.named.map(\.id))
        let gone = state.owned.values.filter {
            $0.stack == id && $0.kind != .volume && $0.node == node.name
                && !present.contains($0.id)
        }
        found += gone.map(\.id).sorted().map { .gone(id: $0, node: node.name) }
        if !found.isEmpty { try await journal.append(found, at: clock.now()) }
    }

    /// Writes down which tasks have run to their end, so that none runs again because somebody
    /// removed its container.
    private func complete(_ desired: Desired, _ observed: Observation) async throws {
        let state = journal.state()
        let found = desired.completedTasks(in: observed, owned: state.owned(by: id, on: node.name))
        let news = found.subtracting(state.completed).sorted { $0.service < $1.service }
        guard !news.isEmpty else { return }
        try await journal.append(news.map(JournalEntry.completed), at: clock.now())
    }

    /// The plan; refused where it needs a name that something foreign has, or lacks what somebody
    /// else has to make, or where the node is not what it asks for.
    func plan(
        _ desired: Desired,
        _ observed: Observation,
        _ setback: Setback
    ) async throws -> Plan {
        var plan = try await planWithPulls(desired, observed, setback)
        let stack = desired.admitted.stack
        if !plan.isEmpty {
            try await learnUsers(anew: true)
            // Another engine than before, or an exception that just ended: judged anew at once.
            guard policy.digest == desired.admitted.policyDigest else { throw CancellationError() }
            plan.pending += try judgeImages(plan, desired)
        }
        let subject = node.isAlone ? "the one node there is" : "the node \(node.name)"
        if !plan.isEmpty, let swarm = node.swarm {
            try await refuseDropped(swarm, stack)
        } else if !plan.isEmpty, let needs = NodeNeeds(of: stack, calling: subject) {
            let findings = needs.findings(on: try await engine.node())
            guard findings.isEmpty else { throw UnmetNeeds(findings: findings) }
        }
        if !plan.isEmpty, !stack.externalNames.isEmpty {
            plan = try await planWithPulls(
                desired,
                observed,
                setback,
                try await externals(of: desired)
            )
        }
        try await refuseForeign(plan, desired)
        return plan
    }

    /// What policy tells of the images that containers are to be created from, or services of a
    /// Swarm written with; throws what it denies of them.
    ///
    /// Those that are to be pulled first are judged when they are there.
    private func judgeImages(_ plan: Plan, _ desired: Desired) throws(Rejection) -> [String] {
        var images: [String: ImageConfig] = [:]
        for step in plan.steps {
            let service: String? =
                switch step.operation {
                case .createContainer(let spec): spec.slot.service
                case .change(let change): change.service
                default: nil
                }
            if let service { images[service] = desired.pins[service]?.config }
        }
        let findings = policy.findings(of: images, in: desired.admitted.stack)
        if findings.contains(where: { $0.severity == .error }) { throw Rejection(findings) }
        return findings.map { "\($0.field.map { "\($0): " } ?? "")\($0.message) [\($0.code)]" }
    }

    /// The plan, made again with a pull where a pinned image is not on the node any more, or where
    /// nobody has seen what it brings.
    private func planWithPulls(
        _ desired: Desired,
        _ observed: Observation,
        _ setback: Setback,
        _ externals: ExternalIDs = .init()
    ) async throws -> Plan {
        var input = planningInput(desired, observed, setback)
        input.externals = externals
        let plan = Plan(from: input)
        var absent: Set<String> = []
        var images = NodeImages(asking: engine.image)
        for step in plan.steps {
            switch step.operation {
            case .createContainer(let spec):
                guard let pin = spec.pin, try await images.find(pin.pinned) == nil else { continue }
                absent.insert(spec.slot.service)
            case .change(let change):
                guard let service = change.service, let pin = desired.pins[service], !pin.isKnown
                else { continue }
                absent.insert(service)
            default: continue
            }
        }
        guard !absent.isEmpty else { return plan }
        input.absentImages = absent
        return Plan(from: input)
    }

    func planningInput(
        _ desired: Desired,
        _ observed: Observation,
        _ setback: Setback
    ) -> PlanningInput {
        let state = journal.state()
        var input = PlanningInput(
            desired: desired,
            observation: observed,
            owned: state.owned(by: id, on: node.name),
            volumesSeen: state.volumes(of: id),
            completed: state.completed,
            isProven: isProven(desired),
            notBefore: memory.restarts.notBefore.mapValues(clock.shown),
            controller: settings.controller,
            swarm: node.swarm
        )
        input.grants = tenant.grants
        input.enforcesPolicy = isEnforcing(desired.admitted)
        input.setback = setback
        input.untried = Set(untried(desired, observed, setback).keys)
        input.window = settings.window.running
        input.drain = settings.drain
        input.led = Set(heldRoutes.map(\.service))
        return input
    }
}
