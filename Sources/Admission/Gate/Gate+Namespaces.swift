internal import Model

/// The namespaces of a container: its own, or those of another container of the stack.
extension Gate {
    /// Lets no container live in another one's namespaces but in those of a container of this
    /// stack, which the journal owns, by its full id, and which is held to the same rules.
    ///
    /// - Returns: Whether people outside the site may reach the network that it joins, or a
    ///   container whose processes see its own.
    func judge(
        namespaces host: Members,
        _ labels: BodyField,
        _ facts: ContainerFacts
    ) throws(Objection) -> Bool {
        let modes = [
            "PidMode": [""], "IpcMode": ["", "private", "none", "shareable"],
            "CgroupnsMode": ["", "private"], "UTSMode": [""], "UsernsMode": [""],
        ]
        let joined = Joined.reading(try labels.text(of: Labels.joins))
        var near: [String] = []
        for (key, harmless) in modes.sorted(by: { $0.key < $1.key }) {
            guard let field = host[key] else { continue }
            let mode = try field.string()
            if harmless.contains(where: { Text.equal($0, mode) }) { continue }
            guard enforces(.namespace, facts) else { continue }
            guard let namespace = Gate.joinable[key], isOwnContainer(mode) else {
                throw field.objection(.namespace, "this is the node's or another's")
            }
            try judge(host: mode, field, of: joined.first { $0.namespace == namespace }, facts)
            if namespace == .pid { near += [Gate.id(in: mode)].compactMap { $0 } }
        }
        if let field = host["NetworkMode"], enforces(.namespace, facts) {
            let mode = try field.string()
            if isOwnContainer(mode) {
                let network = joined.first { $0.namespace == .network }
                try judge(host: mode, field, of: network, facts)
                near += [network?.id].compactMap { $0 }
            }
        }
        return chain(from: near, by: [.network, .pid]).contains {
            self.facts(of: $0).isPublic(grants)
        }
    }

    /// Lets no container that people outside reach see the processes of one that may write to a
    /// shared file system: a process opens the files of another through `/proc/PID/root` (proc(5)).
    func judge(processes host: Members, _ facts: ContainerFacts) throws(Objection) {
        guard let field = host["PidMode"], let id = Gate.id(in: try field.string()),
            enforces(.publicReadOnly, facts), facts.isPublic(grants)
        else { return }
        let isWritten = chain(from: [id], by: [.pid]).contains { container in
            binds(of: container).contains { !$0.readOnly && grants.isShared(bind: $0.source) }
        }
        guard isWritten else { return }
        throw field.objection(
            .namespace,
            "that container may write to a shared file system, and everybody reaches this one"
        )
    }

    private static let joinable: [String: JoinedNamespace] = ["PidMode": .pid, "IpcMode": .ipc]

    /// Whether `mode` joins a container that the journal owns.
    func isOwnContainer(_ mode: String) -> Bool {
        guard let id = Gate.id(in: mode) else { return false }
        return Gate.isID(id) && owned.contains(id)
    }

    private static func id(in mode: String) -> String? {
        let prefix = "container:"
        guard Text.isBelow(mode, prefix) else { return nil }
        return String(decoding: mode.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
    }

    /// Judges the container that another one is to live in: what the engine says of it now, and
    /// whether it is one of the service that the label names.
    private func judge(
        host mode: String,
        _ field: BodyField,
        of joined: Joined?,
        _ facts: ContainerFacts
    ) throws(Objection) {
        guard let joined, let id = Gate.id(in: mode), Text.equal(joined.id, id) else {
            throw field.objection(.label, "the label \(Labels.joins) doesn't say so")
        }
        guard let host = hosts[id], isOfStack(host),
            Text.equal(host.labels[Labels.service] ?? "", joined.service)
        else {
            throw field.objection(.namespace, "this is no container of that service")
        }
        let theirs = self.facts(of: host)
        if let rule = enforcement.difference(facts, theirs) {
            throw field.objection(.namespace, "that container is held to other rules: \(rule)")
        }
        guard joined.namespace == .pid, reachesShared(facts.binds), !seesShared(id) else { return }
        throw field.objection(.namespace, "that one mounts no shared file system")
    }

    /// Whether a container's processes come to files of a shared file system, by its own mounts or
    /// through those whose processes it sees.
    func usesShared(_ host: Members, _ facts: ContainerFacts) throws(Objection) -> Bool {
        if reachesShared(facts.binds) { return true }
        guard let field = host["PidMode"] else { return false }
        return Gate.id(in: try field.string()).map(seesShared) ?? false
    }

    private func seesShared(_ id: String) -> Bool {
        chain(from: [id], by: [.pid]).contains { reachesShared(binds(of: $0).map(\.source)) }
    }

    private func isOfStack(_ container: ObservedContainer) -> Bool {
        let labels = container.labels
        return Text.equal(labels[Labels.controller] ?? "", controller)
            && Text.equal(labels[Labels.project] ?? "", stack.project)
            && Text.equal(labels[Labels.stack] ?? "", stack.stack)
    }

    private func reachesShared(_ binds: [String]) -> Bool {
        binds.contains { grants.isShared(bind: $0) }
    }

    /// What profiles are chosen by, as the engine tells it.
    private func facts(of container: ObservedContainer) -> ContainerFacts {
        let image = container.details?.image ?? ""
        return ContainerFacts(
            service: container.labels[Labels.service] ?? "",
            binds: binds(of: container).map(\.source),
            ports: container.ports.map { .number(Int($0.number)) },
            image: pins.first { Text.equal($0.pinned, image) }?.reference ?? image,
            hosts: hosts(container.labels.map { ($0.key, $0.value) })
        )
    }

    /// Paths of the node that it mounts.
    private func binds(of container: ObservedContainer) -> [ObservedMount] {
        container.mounts.filter { mount in
            AbsolutePath(mount.source) != nil && contents.volume(boundBy: mount.source) == nil
        }
    }

    /// The containers with these ids, and those whose namespaces they have.
    private func chain(
        from ids: [String],
        by namespaces: Set<JoinedNamespace>
    ) -> [ObservedContainer] {
        var found: [String: ObservedContainer] = [:]
        var pending = ids
        while let id = pending.popLast() {
            guard found[id] == nil, let host = hosts[id] else { continue }
            found[id] = host
            pending += Joined.reading(host.labels[Labels.joins])
                .filter { namespaces.contains($0.namespace) }.map(\.id)
        }
        return Array(found.values)
    }

    /// Host names by which an ingress leads to what has these labels, which name its service.
    func hosts(_ labels: [(key: String, value: String)]) -> [String?] {
        let service = labels.first { Text.equal($0.key, Labels.service) }?.value
        return RoutingLabel.hosts(labels) + (service.flatMap { ingress[$0] }.map { [$0] } ?? [])
    }
}

extension BodyField {
    /// The text of one of its members; nil where there is none.
    fileprivate func text(of key: String) throws(Objection) -> String? {
        try entries().first { Text.equal($0.key, key) }?.field.string()
    }
}
