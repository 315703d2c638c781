internal import Admission
internal import Model
internal import Planning
internal import Synchronization

/// Carries out one plan: each step is one checked call, or a wait.
struct Performer: Sendable {
    let reconciler: Reconciler
    let plan: Plan
    /// nil when a stack is removed or only started again.
    let desired: Desired?
    /// The commit that says so, and where its files are.
    let target: Target?
    /// Token for each step that creates something.
    let claims: [Step.ID: String]
    /// What the run is called in history and audit log.
    let run: String
    /// What is learned on the way.
    let learned = Learned()

    init(
        _ reconciler: Reconciler,
        plan: Plan,
        desired: Desired?,
        target: Target?,
        claims: [Step.ID: String],
        run: String
    ) {
        self.reconciler = reconciler
        self.plan = plan
        self.desired = desired
        self.target = target
        self.claims = claims
        self.run = run
    }

    /// Ids and images that did not exist when the plan was made.
    final class Learned: Sendable {
        private let contents = Mutex<(ids: [Slot: String], pins: [String: ImagePin])>(([:], [:]))
        private let swarm = Mutex<[String: String]>([:])
        private let told = Mutex<Set<Step.ID>>([])

        /// Whether nobody was told yet that the step is done.
        func tell(_ step: Step.ID) -> Bool { told.withLock { $0.insert(step).inserted } }

        func container(_ reference: ContainerRef) -> String? {
            reference.id ?? contents.withLock { $0.ids[reference.slot] }
        }

        func created(_ id: String, for slot: Slot) { contents.withLock { $0.ids[slot] = id } }
        /// Ids of what this plan made on a Swarm, by what stands for them in its bodies.
        var swarmIDs: [String: String] { swarm.withLock { $0 } }
        func made(_ token: String, _ id: String) { swarm.withLock { $0[token] = id } }
        func pin(of service: String) -> ImagePin? { contents.withLock { $0.pins[service] } }
        func pinned(_ pin: ImagePin, for service: String) {
            contents.withLock { $0.pins[service] = pin }
        }
        var pins: [String: ImagePin] { contents.withLock { $0.pins } }
    }

    /// The images that were pulled, by service.
    var pulled: [String: ImagePin] { learned.pins }

    /// Runs every step that can be run; a failed one skips its dependents only.
    func perform() async -> Outcome {
        var progress = PlanProgress(plan, width: reconciler.settings.width)
        await withTaskGroup(of: (Step.ID, StepResult).self) { group in
            func begin() {
                if reconciler.memory.isPreempted || Task.isCancelled { progress.cancel() }
                for step in progress.next() {
                    group.addTask { (step.id, await carryOut(step)) }
                }
            }
            begin()
            while let (id, result) = await group.next() {
                progress.finished(id, result)
                begin()
            }
        }
        return Outcome(plan: plan, results: progress.results, run: run)
    }

    private func carryOut(_ step: Step) async -> StepResult {
        reconciler.listener(.began(plan.stack, step))
        let began = reconciler.clock.now()
        reconciler.memory.view.began(step, at: began)
        if let id = step.operation.handled.flatMap(learned.container) {
            reconciler.memory.handles(id)
        }
        let result: StepResult
        do {
            result = try await perform(step)
        } catch is CancellationError {
            result = .cancelled
        } catch {
            result = .failed(await judge(error, of: step))
        }
        reconciler.memory.view.finished(step, result, on: subject(of: step))
        let span = reconciler.clock.now().since(began).count / 1_000_000
        await note(step, result, on: subject(of: step), milliseconds: span)
        reconciler.listener(.finished(plan.stack, step, result, milliseconds: span))
        return result
    }

    /// Tells the audit log once; of waiting nothing, which is no act: that it was in vain, the
    /// version's being held will say.
    private func note(
        _ step: Step,
        _ result: StepResult,
        on object: String?,
        milliseconds: Int64? = nil
    ) async {
        guard !step.operation.isWait, result != .done || learned.tell(step.id) else { return }
        let entry = AuditEntry.applied(
            step,
            result,
            of: plan.stack,
            run: run,
            object: object,
            milliseconds: milliseconds
        )
        await reconciler.audit.note([entry], at: reconciler.clock.now())
    }

    /// The container that a step is about, by the engine's id.
    private func subject(of step: Step) -> String? {
        switch step.operation {
        case .createContainer(let spec):
            learned.container(ContainerRef(slot: spec.slot, id: nil, name: spec.name))
        default: step.operation.container.flatMap(learned.container)
        }
    }

    private func perform(_ step: Step) async throws -> StepResult {
        switch step.operation {
        case .wait(let container, let condition):
            return try await wait(for: container, condition)
        case .pullImage(let pull):
            try await self.pull(pull, step)
        case .createNetwork(let network):
            let id = try await withDriver(of: "networks", network.key) {
                try await create(.network, step, name: network.name)
            }
            learned.made(SwarmToken.network(network.name), id)
        case .createVolume(let volume):
            _ = try await withDriver(of: "volumes", volume.key) {
                try await create(.volume, step, name: volume.name)
            }
        case .createContainer(let spec):
            try refuseUnnamedVolumes(of: spec.slot.service)
            try await refuseLinks(of: ContainerRef(slot: spec.slot, id: nil, name: spec.name))
            let id = try await create(
                .container,
                step,
                name: spec.name,
                service: spec.slot.service,
                places: try await places(of: spec)
            )
            learned.created(id, for: spec.slot)
            reconciler.memory.handles(id)
        case .change(let change): try await perform(change, step)
        case .settle(let service): return try await settle(service)
        case .createCarrier(let carrier): try await create(carrier, step)
        case .ship(let shipment): try await ship(shipment, step)
        case .removeContent(let volume):
            try await call(step, on: nil)
            try await forget(volume.name)
        case .remove(let container):
            try await call(step, on: container)
            try await forget(learned.container(container))
        case .removeNetwork(let network):
            try await callUntilFree(step)
            try await forget(network.id)
        case .start(let container), .restart(let container, _):
            try await refuseLinks(of: container)
            try await call(step, on: container)
        case .connect(let container, _), .disconnect(let container, _), .unpause(let container),
            .stop(let container, _), .update(let container, _), .rename(let container, _):
            try await call(step, on: container)
        }
        return .done
    }

    @discardableResult
    func call(
        _ step: Step,
        on container: ContainerRef?,
        pin: ImagePin? = nil,
        places: [ContentVolume: String] = [:],
        archive: [UInt8]? = nil,
        data: [UInt8]? = nil
    ) async throws -> String? {
        let checked = try await checked(
            step,
            on: container,
            pin: pin,
            places: places,
            archive: archive,
            data: data
        )
        guard [.createService, .updateService].contains(checked.request.action) else {
            return try await reconciler.engine.send(checked)
        }
        let image = (pin?.reference).flatMap(ImageReference.init)
        return try await reconciler.engine.write(
            checked,
            image.flatMap(reconciler.registries.access)
        )
    }

    /// The one call that a step is, and that policy lets pass.
    func checked(
        _ step: Step,
        on container: ContainerRef?,
        pin: ImagePin?,
        places: [ContentVolume: String] = [:],
        archive: [UInt8]? = nil,
        data: [UInt8]? = nil
    ) async throws -> CheckedRequest {
        let joined = joined(by: step.operation)
        var context = StepContext(
            container: container.flatMap(learned.container),
            pin: pin,
            claim: claims[step.id],
            controller: reconciler.settings.controller,
            places: places,
            archive: archive,
            joined: joined
        )
        context.swarmIDs = learned.swarmIDs
        context.data = data
        guard let request = EngineRequest(step.operation, in: context) else {
            throw StepFailure(.permanent, "its container was never created")
        }
        return try reconciler.check(
            request,
            learned.pins,
            desired,
            places: places,
            emptyImage: pin?.reference == EmptyImage.reference ? pin?.imageID : nil,
            hosts: try await hosts(Set(joined.values)),
            externals: plan.externals
        )
    }

    @discardableResult
    func create(
        _ kind: OwnedObject.Kind,
        _ step: Step,
        name: String,
        service: String? = nil,
        pin known: ImagePin? = nil,
        places: [ContentVolume: String] = [:],
        data: [UInt8]? = nil
    ) async throws -> String {
        let pin = known ?? service.flatMap { learned.pin(of: $0) ?? desired?.pins[$0] }
        if let service { try judge(pin, of: service) }
        let id = try await call(step, on: nil, pin: pin, places: places, data: data) ?? name
        if kind == .volume { try await proveNew(volume: name, of: step) }
        let object = OwnedObject(
            kind: kind,
            id: kind == .volume ? name : id,
            name: name,
            stack: plan.stack,
            claim: claims[step.id],
            node: reconciler.node.name
        )
        // First: what the journal doesn't know after a crash is found by its token, and told then.
        await note(step, .done, on: object.id)
        try await reconciler.journal.append([.owned(object)], at: reconciler.clock.now())
        return id
    }

    /// What an image brings is known for certain only when it is there.
    func judge(_ pin: ImagePin?, of service: String) throws {
        guard let pin, let stack = desired?.admitted.stack else { return }
        let findings = reconciler.policy.findings(of: [service: pin.config], in: stack)
        guard let denial = findings.first(where: { $0.severity == .error }) else { return }
        throw StepFailure(
            .permanent,
            "\(denial.message) [\(denial.code)]",
            remedy: denial.fix ?? "push a version with another image"
        )
    }

    /// Makes sure that a volume was made for us just now.
    ///
    /// The engine answers a create call with the volume that has the name already, if there is
    /// one; somebody else's would come to be mounted.
    private func proveNew(volume name: String, of step: Step) async throws {
        let listed = try await reconciler.engine.observe(
            controller: reconciler.settings.controller,
            volumes: [""]
        )
        let isNew = (listed.volumes ?? []).contains {
            $0.name == name && $0.labels[Labels.claim] == claims[step.id]
        }
        guard isNew else {
            throw StepFailure(.permanent, "a volume of that name is there, and it is not ours")
        }
    }

    func forget(_ id: String?) async throws {
        guard let id else { return }
        try await reconciler.journal.append(
            [.gone(id: id, node: reconciler.node.name)],
            at: reconciler.clock.now()
        )
    }

    private func pull(_ pull: ImagePull, _ step: Step) async throws {
        let context = StepContext(controller: reconciler.settings.controller)
        guard let request = EngineRequest(step.operation, in: context) else { return }
        let checked = try reconciler.check(request, [:], desired)
        let puller = puller
        let before = Set(try await reconciler.engine.images().map(\.id))
        try await fetch(checked, pull, step)
        let wanted = pull.digest ?? pull.reference
        guard let found = try await reconciler.engine.image(wanted) else {
            throw StepFailure(.permanent, "the engine pulled \(wanted), but does not have it")
        }
        let pin = ImagePin(
            reference: pull.reference,
            imageID: found.imageID,
            digest: pull.digest ?? found.digest,
            config: found.config
        )
        var entries: [JournalEntry] = []
        let isOurs = reconciler.journal.state().images(on: puller)[found.imageID] != nil
        // What has no digest couldn't be had again; and where another manager of a Swarm was asked
        // meanwhile, nobody knows which of them has it now, or had it before.
        if pin.digest != nil, puller == self.puller, isOurs || !before.contains(found.imageID) {
            entries.append(.imageBrought(id: found.imageID, node: puller, name: wanted))
        }
        for service in pull.services {
            learned.pinned(pin, for: service)
            guard let spec = desired?.specs[service] else { continue }
            let key = PinKey(stack: plan.stack, service: service, spec: spec)
            entries.append(.pinned(key, pin))
        }
        try await reconciler.journal.append(entries, at: reconciler.clock.now())
    }

    /// What the journal calls the engine to which images come.
    private var puller: String {
        let node = reconciler.node.name
        return reconciler.engine.manager.map { NodeName.manager($0, of: node) } ?? node
    }

    /// Has the image pulled, until something newer comes; then the pull is left to others.
    private func fetch(
        _ request: CheckedRequest,
        _ pull: ImagePull,
        _ step: Step
    ) async throws {
        let access = ImageReference(pull.reference).flatMap(reconciler.registries.access)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                let project = reconciler.id.project
                try await reconciler.pulls.pull(request, access, for: project) { text in
                    reconciler.memory.view.told(step, text)
                    reconciler.listener(.progress(plan.stack, step, text))
                }
            }
            group.addTask {
                while !reconciler.memory.isPreempted {
                    try await reconciler.clock.sleep(.milliseconds(200))
                }
                throw CancellationError()
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func wait(
        for container: ContainerRef,
        _ condition: WaitCondition
    ) async throws -> StepResult {
        guard let id = learned.container(container) else {
            throw StepFailure(.permanent, "its container was never created")
        }
        return try await Vigil(reconciler: reconciler, container: id, condition: condition).keep()
    }
}
