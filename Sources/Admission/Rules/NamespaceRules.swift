internal import Model

extension Rule {
    static let namespace = Rule(
        "namespace",
        .namespace,
        because: "a namespace shared with the node or with others shows and reaches what is theirs",
        fix: "remove it",
        .service { review in
            guard !review.service.privileges.namespaces.isEmpty else { return [] }
            return review.strangeNamespaces + review.strangeHosts
        }
    )

    static let namespaceClosed = Rule(
        "namespace-closed",
        .namespace,
        .warn,
        because: "engines keep the memory of a container to itself unless it says otherwise",
        fix: "write ipc: shareable there",
        .service { review in
            guard let name = review.joins[.ipc], let other = review.stack.services[name]
            else { return [] }
            let mode = other.privileges.namespaces["ipc"] ?? ""
            guard mode != "shareable", other.joins[.ipc] == nil else { return [] }
            let finding = Finding("\(name) does not offer its memory", at: review.path / "ipc")
            return [finding]
        }
    )

    /// What containers get anyway, no network at all, and memory that other services of the stack
    /// may join; an empty value says nothing.
    private static let harmlessNamespaces: [String: Set<String>] = [
        "network_mode": ["", "none"], "ipc": ["", "private", "none", "shareable"],
        "cgroup": [""], "pid": [""], "uts": [""], "userns_mode": [""],
    ]

    private static let namespaceFixes = [
        "network_mode":
            "remove it, and list the stack's own networks under networks, or write none",
        "ipc": "remove it, or write private", "cgroup": "remove it",
    ]

    /// What is neither harmless nor a service's.
    fileprivate static func objection(
        to attribute: String,
        _ value: String,
        at field: FieldPath
    ) -> Finding? {
        guard !harmlessNamespaces[attribute, default: []].contains(where: { Text.equal($0, value) })
        else { return nil }
        return Finding("\(attribute) may not be set so", at: field, fix: namespaceFixes[attribute])
    }
}

extension ServiceReview {
    fileprivate var strangeNamespaces: [Finding] {
        let joins = Set(joins.keys.map(\.attribute))
        return service.privileges.namespaces.compactMap { name, value in
            joins.contains(name) ? nil : Rule.objection(to: name, value, at: path / name)
        }
    }

    fileprivate var strangeHosts: [Finding] {
        joins.flatMap { namespace, name in
            if let finding = objection(to: name, in: namespace) { return [finding] }
            return namespace == .network ? conflicts(withNetworkOf: name) : []
        }
    }

    /// Why the service may not share a namespace with the service `name`.
    ///
    /// What one of two may reach the other comes to reach, so nothing may hold for one alone.
    private func objection(to name: String, in namespace: JoinedNamespace) -> Finding? {
        let field = path / namespace.attribute
        guard !Text.equal(name, self.name), let other = stack.services[name] else {
            return Finding(
                "\(namespace.attribute) names no other service of the stack",
                at: field,
                fix: "name another service of this file"
            )
        }
        guard other.replicas > 0 else {
            return Finding("\(name) has no container", at: field, fix: "give \(name) a replica")
        }
        let theirs = ServiceReview(name, other, in: stack, under: enforcement)
        if let rule = enforcement.difference(facts, theirs.facts) {
            return Finding(
                "\(name) is held to other rules, \(rule) for one",
                at: field,
                fix: "remove it, or ask for the same profile and exceptions for both"
            )
        }
        return namespace == .pid ? objection(toProcessesOf: theirs, at: field) : nil
    }

    /// Why the service may not see the processes of another.
    ///
    /// A process opens the files of others through `/proc/PID/root` (proc(5)): who sees them is
    /// held to what belongs to a shared file system as if it mounted that.
    private func objection(toProcessesOf other: ServiceReview, at field: FieldPath) -> Finding? {
        guard usesShared, !mountsShared || !other.usesShared else { return nil }
        let name = other.name
        guard mountsShared else {
            guard enforces(Rule.identity.id),
                let objection = grants.objection(toUser: service.user)
            else { return nil }
            return Finding(
                "\(name) has a shared file system, whose files \(self.name) would open, but "
                    + objection,
                at: field,
                fix: "remove it, or \(grants.identityFix)"
            )
        }
        return Finding(
            "\(self.name) mounts a shared file system and \(name) does not, whose processes would "
                + "open its files",
            at: field,
            fix: "remove it, write pid: service:\(self.name) in \(name) instead, or have \(name) "
                + "mount one too"
        )
    }

    /// What the engine refuses of a container that has another's network, since it is the other's.
    ///
    /// Source: `validateNetContainerMode` of moby's `runconfig`.
    private func conflicts(withNetworkOf name: String) -> [Finding] {
        let asked = [
            ("ports", !service.ports.isEmpty), ("expose", !service.expose.isEmpty),
            ("hostname", service.hostname != nil), ("links", !service.links.isEmpty),
            ("dns", !service.resolver.servers.isEmpty),
            ("extra_hosts", !service.hostEntries.isEmpty),
            ("mac_address", service.macAddress != nil),
        ]
        return asked.filter(\.1).map { attribute, _ in
            Finding(
                "\(attribute) belongs to the network of \(name)",
                at: path / attribute,
                fix: "write it in \(name)"
            )
        }
    }
}

extension Enforcement {
    /// The first rule that holds for one of two containers alone; nil where they are judged alike.
    func difference(_ one: ContainerFacts, _ other: ContainerFacts) -> String? {
        Rule.all.map(\.id).first { enforces($0, for: one) != enforces($0, for: other) }
    }
}
