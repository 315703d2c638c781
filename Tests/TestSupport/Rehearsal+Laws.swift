package import Model
internal import Planning

/// The laws that hold at every single step, whatever the plan; see `Docs`, laws 3, 4 and 6.
extension Rehearsal {
    /// Before a step is performed.
    mutating func examine(_ step: Step, on id: String?, _ run: Run) {
        var context = StepContext(
            container: id,
            controller: Rehearsal.controller,
            archive: EmptyImage.archive
        )
        if case .createContainer(let spec) = step.operation {
            context.joined = spec.joins.compactMapValues { $0.id ?? run.created[$0.slot] }
        }
        if EngineRequest(step.operation, in: context) == nil {
            offences.append("\(step) makes no request")
        }
        if let id, !owned.contains(id) { offences.append("\(step) touches what is not owned") }
        switch step.operation {
        case .removeNetwork(let network) where !owned.contains(network.id):
            offences.append("\(step) removes a network that is not owned")
        case .stop(let container, _) where step.reason == .replaced:
            examineSuccessor(of: container, step)
        case .remove(let container) where step.reason == .replaced:
            examineProof(of: container, step, run)
        case .createContainer(let spec):
            let mounts = spec.body["HostConfig"]?["Mounts"]?.arrayValue ?? []
            let new = ContainerRef(slot: spec.slot, id: nil, name: "")
            examineLook(at: new, step, run) { path in
                mounts.contains { $0["Source"]?.stringValue == path }
            }
        case .start(let container), .restart(let container, _):
            let mounts = id.flatMap { node.containers[$0]?.seen.mounts } ?? []
            examineLook(at: container, step, run) { path in mounts.contains { path == $0.source } }
        default: break
        }
    }

    /// What is bound below a granted path is looked at first, through a carrier that is there.
    private mutating func examineLook(
        at container: ContainerRef,
        _ step: Step,
        _ run: Run,
        _ binds: (String) -> Bool
    ) {
        // Without a journal nothing may be made to look through.
        guard run.plan.commit != nil else { return }
        let inner = ["/srv/astro/a", "/srv/astro/a/b"].filter(binds)
        guard !inner.isEmpty else { return }
        let paths = run.plan.paths(boundBy: container)?.paths.map { $0.start(.max) } ?? []
        let carriers = node.containers.values.filter { $0.seen.isCarrier }
        if paths != inner || carriers.isEmpty { offences.append("\(step) without a look") }
    }

    /// Law 6: a container stops as replaced only when its successor exists and can be started.
    private mutating func examineSuccessor(of old: ContainerRef, _ step: Step) {
        let successors = fillers(of: old.slot).filter { container in
            container.id != old.id && node.images.contains(container.imageID)
        }
        if successors.isEmpty { offences.append("\(step) before there is a successor") }
    }

    /// Law 6: and it is removed only after the successor was judged.
    private mutating func examineProof(of old: ContainerRef, _ step: Step, _ run: Run) {
        let successors = fillers(of: old.slot).filter { $0.id != old.id }
        let running = successors.filter { $0.state == .running }
        guard !successors.isEmpty else {
            offences.append("\(step) leaves the slot empty")
            return
        }
        let isJudged = run.plan.steps.contains { other in
            guard case .wait(let container, .stable) = other.operation else { return false }
            return container.slot == old.slot && run.done.contains(other.id)
        }
        if !running.isEmpty, !isJudged { offences.append("\(step) before a wait") }
    }

    /// At most one container of a slot runs, or two where a file says so and they share nothing.
    mutating func checkSlots(of stack: StackID, after step: Step) {
        let ours = node.containers.values.filter { $0.isRunning && owned.contains($0.seen.id) }
        let bySlot = Dictionary(grouping: ours) { $0.seen.slot }
        for (slot, containers) in bySlot where containers.count > 1 {
            if let slot, startingFirst.contains(slot.service), containers.count == 2 { continue }
            let names = containers.map(\.seen.name).sorted()
            offences.append("after \(step) slot \(slot.map(\.description) ?? "-") runs \(names)")
        }
    }

    private func fillers(of slot: Slot) -> [ObservedContainer] {
        node.containers.values.map(\.seen).filter { owned.contains($0.id) && $0.slot == slot }
    }

    /// How the node differs from what `stack` says, once a plan of it has succeeded.
    package func deviations(from stack: Stack) -> [String] {
        var deviations: [String] = []
        var expected: Set<String> = []
        let specs = SpecHash.all(of: stack)
        for (name, service) in stack.services {
            for number in 0..<service.replicas {
                let slot = Slot(service: name, number: number + 1)
                let own = stack.containerName(of: slot)
                expected.insert(own)
                let found = fillers(of: slot)
                let key = PinKey(stack: stack.id, service: name, spec: specs[name] ?? "")
                if found.isEmpty, completed.contains(key) { continue }
                guard let seen = found.first, found.count == 1, seen.name == own else {
                    let names = found.map(\.name).sorted()
                    deviations.append("slot \(slot) is filled by \(names)")
                    continue
                }
                if seen.labels[Labels.spec] != specs[name] { deviations.append("\(own): old spec") }
                let wanted = Rehearsal.states(of: service)
                if !wanted.contains(seen.state) {
                    deviations.append("\(own) is \(seen.state.rawValue)")
                }
            }
        }
        let ours = node.containers.values.map(\.seen).filter { owned.contains($0.id) }
        deviations += ours.filter { !expected.contains($0.name) }.map { "orphan \($0.name)" }
        let networks = Set(node.networks.values.filter { owned.contains($0.id) }.map(\.name))
        if networks != Set(stack.networks.values.filter { !$0.isExternal }.map(\.name)) {
            deviations.append("networks \(networks.sorted())")
        }
        for volume in stack.volumes.values where node.volumes[volume.name] == nil {
            deviations.append("no volume \(volume.name)")
        }
        let contents = stack.contents(controller: Rehearsal.controller)
        for name in node.volumes.keys.sorted() {
            guard let volume = ContentVolume(name: name), contents[volume] == nil else { continue }
            deviations.append("content \(name) is left")
        }
        return deviations.sorted()
    }

    /// What a container may be doing when all is as it should be.
    private static func states(of service: Service) -> [ObservedContainer.State] {
        if !service.startOnCreate { return [.created, .running, .exited] }
        let mayEnd = StackGenerator.isTask(service) || service.restart == .no
        return mayEnd ? [.running, .exited, .dead] : [.running]
    }
}
