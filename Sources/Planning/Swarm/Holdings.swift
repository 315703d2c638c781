package import Model

/// What a service of a Swarm has that another can't have beside it: ports, what it mounts where one
/// of the two writes that, and names on networks.
package struct Holdings: Hashable, Sendable {
    /// Published on its nodes, or on all of the Swarm.
    var ports: Set<HostPort>
    /// Of volumes their names, of binds their paths; a volume of that name may be another on each
    /// node, but which node a task gets is the Swarm's to say.
    package var mounts: [ObservedMount]
    /// By the network's name, or its id where nobody knows that.
    var names: [String: Set<String>]

    /// Those of a service's spec, as a Swarm is sent it or tells it; `networks` are names by ids.
    ///
    /// A Swarm keeps ports for a service that is to have no tasks, and nothing else.
    package init(of spec: JSON, networks: [String: String] = [:]) {
        let published = spec["EndpointSpec"]?["Ports"]?.arrayValue ?? []
        ports = Set(
            published.compactMap { port in
                guard let number = port["PublishedPort"]?.intValue.flatMap(UInt16.init(exactly:)),
                    number > 0
                else { return nil }
                return HostPort(number, port["Protocol"]?.stringValue ?? "tcp")
            }
        )
        (mounts, names) = ([], [:])
        guard spec["Mode"]?["Replicated"]?["Replicas"] != 0 else { return }
        let task = spec["TaskTemplate"]
        for mount in task?["ContainerSpec"]?["Mounts"]?.arrayValue ?? [] {
            guard ["bind", "volume"].contains(mount["Type"]?.stringValue),
                let source = mount["Source"]?.stringValue, !source.isEmpty
            else { continue }
            let readOnly = mount["ReadOnly"]?.boolValue ?? false
            mounts.append(ObservedMount(source: source, readOnly: readOnly))
        }
        for network in task?["Networks"]?.arrayValue ?? [] {
            let id = network["Target"]?.stringValue ?? ""
            let aliases = (network["Aliases"]?.arrayValue ?? []).compactMap(\.stringValue)
            names[networks[id] ?? id, default: []].formUnion(aliases)
        }
    }

    /// What of it is more than `before`; to write what was read is more.
    func beyond(_ before: Holdings) -> Holdings {
        var more = self
        more.ports.subtract(before.ports)
        more.mounts.removeAll { mount in
            before.mounts.contains { had in
                had.source == mount.source && (mount.readOnly || !had.readOnly)
            }
        }
        for (network, names) in before.names { more.names[network]?.subtract(names) }
        return more
    }

    /// What `other` can't have beside it, as a noun; nil where both can have all that they do.
    func shared(with other: Holdings) -> String? {
        if let port = ports.intersection(other.ports).min() { return "its port \(port)" }
        if let mount = mounts.first(where: { other.mounts.contains(where: $0.excludes) }) {
            return "what it mounts, \(mount.source)"
        }
        for (network, names) in names.sorted(by: { $0.key < $1.key }) {
            let name = names.intersection(other.names[network] ?? []).min()
            if let name { return "its name \(name) on \(network)" }
        }
        return nil
    }
}

extension ObservedMount {
    /// Whether the two can't be mounted side by side: one of them is written, and they are one, or
    /// one lies below the other.
    package func excludes(_ other: ObservedMount) -> Bool {
        !(readOnly && other.readOnly) && overlaps(other.source)
    }

    /// Whether it is `other`, or one of the two lies below the other.
    func overlaps(_ other: String) -> Bool {
        source == other || source.hasPrefix(other + "/") || other.hasPrefix(source + "/")
            || [source, other].contains("/") && source.hasPrefix("/") && other.hasPrefix("/")
    }
}
