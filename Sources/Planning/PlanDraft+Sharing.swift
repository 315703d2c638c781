internal import Admission
internal import Model

extension PlanDraft {
    /// What an existing container has that `newcomer` needs as well, so that the two can't run
    /// side by side: a port of the node, something mounted that one of them writes, or a name on
    /// a network; nil when they share nothing.
    func shared(_ old: ObservedContainer, with newcomer: String) -> String? {
        guard let service = stack.services[newcomer] else { return nil }
        // Replicas are meant to run side by side.
        if newcomer == old.slot?.service { return sharedPort(old, service) }
        return sharedPort(old, service) ?? sharedMount(old, service) ?? sharedName(old, newcomer)
    }

    /// The ports of one that the engine is just starting again are not told.
    func sharedPort(_ old: ObservedContainer, _ service: Service) -> String? {
        let wanted = service.hostPorts
        if old.state == .restarting, old.ports.isEmpty, let any = wanted.min() {
            return "perhaps its port \(any)"
        }
        return old.ports.intersection(wanted).min().map { "its port \($0)" }
    }

    private func sharedMount(_ old: ObservedContainer, _ service: Service) -> String? {
        for mount in service.volumes {
            guard let source = stack.source(of: mount) else { continue }
            let needed = ObservedMount(source: source, readOnly: mount.readOnly)
            if let held = old.mounts.first(where: needed.excludes) {
                return "what it mounts, \(held.source)"
            }
        }
        return nil
    }

    /// Names other than its service's are known where it was looked at closely.
    private func sharedName(_ old: ObservedContainer, _ newcomer: String) -> String? {
        let own = Set([old.slot?.service].compactMap(\.self) + (old.details?.aliases ?? []))
        for attachment in ContainerSpec.attachments(of: newcomer, in: stack)
        where old.networks[attachment.network] != nil {
            if let name = attachment.aliases.filter(own.contains).min() {
                return "its name \(name) on \(attachment.network)"
            }
        }
        return nil
    }

    /// The first service that a step starts a container of, and what that needs of `old`.
    func newcomer(needing old: ObservedContainer) -> (service: String, thing: String)? {
        let starting = filled.filter { slot, filling in
            let runs = filling.observed?.state.holdsResources == true
            return filling.start != nil && !runs && slot != old.slot
        }
        for service in Set(starting.keys.map(\.service)).sorted() {
            if let thing = shared(old, with: service) { return (service, thing) }
        }
        return nil
    }

    /// Lets each container start only after others have let go of what it needs: whoever goes,
    /// and whoever is replaced by one that publishes other ports.
    ///
    /// Where that other was to stop later, because of `depends_on` or of its turn, it stops
    /// earlier: it can't run beside the one that takes its port anyway.
    mutating func letGoFirst() {
        var graph = PlanGraph(plan)
        for stop in plan.steps {
            guard case .stop(let reference, _) = stop.operation,
                let old = slots[reference.slot]?.first(where: { $0.id == reference.id })
            else { continue }
            for start in plan.steps {
                guard case .start(let new) = start.operation, new.slot != reference.slot,
                    let service = stack.services[new.slot.service]
                else { continue }
                let thing =
                    stop.reason == .replaced
                    ? sharedPort(old, service) : shared(old, with: new.slot.service)
                if thing != nil { graph.order(stop.id, before: start.id) }
            }
        }
        plan = graph.plan
    }

    /// Lets a container take its name only after another one that goes has let go of it: where a
    /// file gives a `container_name` to another service, it was created under a name beside it.
    mutating func takeNamesLast() {
        var graph = PlanGraph(plan)
        for rename in plan.steps {
            guard case .rename(let new, let name) = rename.operation else { continue }
            for removal in plan.steps {
                guard case .remove(let old) = removal.operation, old.name == name,
                    old.slot != new.slot
                else { continue }
                graph.order(removal.id, before: rename.id)
            }
        }
        plan = graph.plan
    }
}

extension Stack {
    /// A name of the volume or a path of the node; what only one container can have has none.
    func source(of mount: Mount) -> String? {
        switch mount.source {
        case .bind(let path): path
        case .volume(let key): volumes[key]?.name ?? key
        case .anonymous, .content, .external, .memory, .image, .other: nil
        }
    }
}

extension Service {
    /// The ports of the node that its containers listen on, where the file names them.
    var hostPorts: Set<HostPort> {
        Set(ports.compactMap { port in port.published.map { HostPort($0, port.protocol) } })
    }
}
