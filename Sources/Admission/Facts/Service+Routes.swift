internal import Model

extension Service {
    /// Host names by which an ingress leads people to it, Gyre's or one that reads labels; nil
    /// stands for a route of which nobody can tell the hosts.
    var routedHosts: [String?] {
        let labels = [labels, deployment?.labels ?? [:]].joined()
        return RoutingLabel.hosts(labels) + (ingress.map { [$0.host] } ?? [])
    }
}

extension RoutingLabel {
    /// Host names for which Traefik leads requests to a container with these labels; nil stands
    /// for a route that takes requests whatever their host, or that isn't understood.
    static func hosts(_ labels: some Sequence<(key: String, value: String)>) -> [String?] {
        let read = reading(labels)
        guard !read.isEmpty else { return [] }
        let hosts = read.flatMap(\.label.hosts)
        return withoutRule(read) == nil ? hosts : hosts + [nil]
    }

    /// Those that the rule of a router names.
    private var hosts: [String?] {
        guard isRule else { return isOfStreams ? [nil] : [] }
        guard let rule = RoutingRule(value), rule.isBound else { return [nil] }
        return rule.hosts
    }
}

extension Stack {
    /// Services that people outside the site may reach: at a public port or by an ingress, their
    /// own or that of a service with which they have one network; and whose files those can open
    /// through `/proc/PID/root`, since they see the same processes.
    func publicServices(_ grants: Grants) -> Set<String> {
        let reached = services.filter { _, service in
            service.ports.contains(where: grants.mayBePublic)
                || service.routedHosts.contains(where: grants.isPublic(host:))
        }
        guard !reached.isEmpty else { return [] }
        return sharing(.pid, with: sharing(.network, with: Set(reached.keys)))
    }

    /// The services that have one namespace with any of `names`, which are among them.
    private func sharing(_ namespace: JoinedNamespace, with names: Set<String>) -> Set<String> {
        let owners = Set(names.map { owner(of: namespace, $0) })
        return Set(services.keys.filter { owners.contains(owner(of: namespace, $0)) })
    }

    /// The service whose namespace a service has in the end, mostly itself.
    private func owner(of namespace: JoinedNamespace, _ name: String) -> String {
        var name = name
        var seen: Set = [name]
        while let next = services[name]?.joins[namespace], seen.insert(next).inserted {
            name = next
        }
        return name
    }
}

extension Grants {
    /// Whether people outside the site can reach what an ingress serves under a host name; nil is
    /// one that isn't known.
    func isPublic(host: String?) -> Bool {
        host.map { !RoutingLabel.isHost($0, within: siteHosts) } ?? true
    }
}
