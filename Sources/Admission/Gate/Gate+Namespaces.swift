internal import Model

/// The namespaces of a container: its own, or those of another container of the stack.
extension Gate {
    /// Lets no container live in another one's namespaces but in those of a container of this
    /// stack, which the journal owns, by its full id, and which is held to the same rules.
    ///
    /// - Returns: Whether people outside the site may reach the network that it joins.
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
        for (key, harmless) in modes.sorted(by: { $0.key < $1.key }) {
            guard let field = host[key] else { continue }
            let mode = try field.string()
            if harmless.contains(where: { Text.equal($0, mode) }) { continue }
            guard enforces(.namespace, facts) else { continue }
            guard let namespace = Gate.joinable[key], isOwnContainer(mode) else {
                throw field.objection(.namespace, "this is the node's or another's")
            }
            try judge(host: mode, field, of: joined.first { $0.namespace == namespace }, facts)
        }
        guard let field = host["NetworkMode"], enforces(.namespace, facts) else { return false }
        let mode = try field.string()
        guard isOwnContainer(mode) else { return false }
        let network = joined.first { $0.namespace == .network }
        try judge(host: mode, field, of: network, facts)
        return isPublic(network?.id)
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
        guard joined.namespace == .pid, reachesShared(facts) != reachesShared(theirs) else {
            return
        }
        throw field.objection(.namespace, "only one of the two mounts a shared file system")
    }

    private func isOfStack(_ container: ObservedContainer) -> Bool {
        let labels = container.labels
        return Text.equal(labels[Labels.controller] ?? "", controller)
            && Text.equal(labels[Labels.project] ?? "", stack.project)
            && Text.equal(labels[Labels.stack] ?? "", stack.stack)
    }

    private func reachesShared(_ facts: ContainerFacts) -> Bool {
        facts.binds.contains { grants.isShared(bind: $0) }
    }

    /// What profiles are chosen by, as the engine tells it.
    private func facts(of container: ObservedContainer) -> ContainerFacts {
        let image = container.details?.image ?? ""
        let sources = container.mounts.map(\.source).filter { source in
            AbsolutePath(source) != nil && contents.volume(boundBy: source) == nil
        }
        return ContainerFacts(
            service: container.labels[Labels.service] ?? "",
            binds: sources,
            ports: container.ports.map { .number(Int($0.number)) },
            image: pins.first { Text.equal($0.pinned, image) }?.reference ?? image,
            hosts: hosts(container.labels.map { ($0.key, $0.value) })
        )
    }

    /// Along the containers that have their network of another one.
    private func isPublic(_ id: String?) -> Bool {
        var seen: Set<String> = []
        var next = id
        while let id = next, let host = hosts[id], seen.insert(id).inserted {
            if facts(of: host).isPublic(grants) { return true }
            let joined = Joined.reading(host.labels[Labels.joins])
            next = joined.first { $0.namespace == .network }?.id
        }
        return false
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
