internal import Model
internal import YAMLTree

/// Fills in what follows from the rest of the project: default network, names, dependencies.
///
/// Source: compose-go's `loader.Normalize`.
struct Normalizer {
    private let loading: Loading
    private let name: String
    private let scope: Scope

    init(_ loading: Loading, name: String, _ scope: Scope) {
        self.loading = loading
        self.name = name
        self.scope = scope
    }

    func normalize(_ model: Node) -> Node {
        var usesDefault = false
        var node = Value(model, at: FieldPath(), in: loading).eachMember { part in
            guard part.name == "services" || part.name == "jobs" else { return part.node }
            return part.eachMember { service in
                guard service.isMapping, !service.isUnresolved else { return service.node }
                var node = networked(service)
                if node["networks"]?["default"] != nil { usesDefault = true }
                node = workload(service.replaced(by: node))
                return prestarted(service.replaced(by: node))
            }
        }
        let networks = node["networks"]
        if usesDefault, networks == nil || networks?["default"] == nil {
            let place = node["services"]?.location ?? node.location
            let table = networks ?? Node(.mapping([]), location: place)
            let added = table.setting("default", to: Node(.null, like: table), at: place)
            node = node.setting("networks", to: added, at: place)
        }
        return named(Value(node, at: FieldPath(), in: loading))
    }

    private func networked(_ service: Value) -> Node {
        // A Swarm ignores the mode.
        guard service.node["network_mode"] == nil || loading.isForSwarm,
            service.node["provider"] == nil
        else { return service.node }
        if let networks = service.node["networks"], !networks.isEmpty { return service.node }
        // The place is the service's own, since nobody wrote a network.
        let place = service.keyLocation
        let entry = Node.Entry(
            key: "default",
            location: place,
            value: Node(.null, like: Node(.mapping([]), location: place))
        )
        return service.node.setting(
            "networks",
            to: Node(.mapping([entry]), location: place),
            at: place
        )
    }

    private func workload(_ service: Value) -> Node {
        var node = service.node
        if node["pull_policy"]?.string == "if_not_present", let policy = service["pull_policy"] {
            node = node.setting("pull_policy", to: policy.node(.text("missing")))
        }
        if let build = service["build"], build.isMapping, !build.isUnresolved {
            node = node.setting("build", to: self.build(build))
        }
        if let mounts = service["volumes"] {
            node = node.setting("volumes", to: mounts.eachElement(\.withCleanTarget))
        }
        return loading.isForSwarm ? node : depending(service.replaced(by: node))
    }

    private func build(_ build: Value) -> Node {
        var node = build.node
        if node["dockerfile"] == nil, node["dockerfile_inline"] == nil {
            node = build.adding("dockerfile", .text("Dockerfile"))
        }
        return build["args"].map { node.setting("args", to: resolved($0.node)) } ?? node
    }

    /// Arguments with the values of variables; those without one are left out.
    private func resolved(_ arguments: Node) -> Node {
        var resolved = arguments
        switch arguments.content {
        case .scalar: break
        case .sequence(let elements):
            resolved.content = .sequence(
                elements.compactMap { element in
                    guard let name = element.string, !name.contains("=") else { return element }
                    return scope.variable(name).map { Node(.text("\(name)=\($0)"), like: element) }
                }
            )
        case .mapping(let entries):
            resolved.content = .mapping(
                entries.compactMap { entry in
                    guard entry.value.isNull else { return entry }
                    guard let value = scope.variable(entry.key) else { return nil }
                    var entry = entry
                    entry.value = Node(.text(value), like: entry.value)
                    return entry
                }
            )
        }
        return resolved
    }

    /// Links, shared namespaces and volumes of another service need it first.
    private func depending(_ service: Value) -> Node {
        var needed: [(name: String, restart: Bool, place: Value)] = []
        for link in service["links"]?.listed ?? [] {
            let text = link.node.string ?? ""
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            needed.append((parts.count == 2 ? String(parts[0]) : text, true, link))
        }
        for attribute in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
            guard let value = service[attribute], let text = value.node.string,
                text.hasPrefix("service:")
            else { continue }
            needed.append((String(text.dropFirst("service:".count)), true, value))
        }
        for source in service["volumes_from"]?.listed ?? [] {
            guard let text = source.node.string, !text.hasPrefix("container:") else { continue }
            needed.append((String(text.prefix { $0 != ":" }), false, source))
        }
        guard !needed.isEmpty else { return service.node }
        let place = needed[0].place
        var table = service.node["depends_on"] ?? Node(.mapping([]), location: place.location)
        var entries = table.entries ?? []
        var known = Set(entries.map(\.key))
        for (name, restart, place) in needed where known.insert(name).inserted {
            let meaning = place.mapping([
                ("condition", .text("service_started")), ("restart", .boolean(restart)),
                ("required", .boolean(true)),
            ])
            entries.append(Node.Entry(key: name, location: place.location, value: meaning))
        }
        table.content = .mapping(entries)
        return service.node.setting("depends_on", to: table, at: place.location)
    }

    /// A container that runs before has what the service's has, under what it says itself, and
    /// volumes of its own.
    private func prestarted(_ service: Value) -> Node {
        guard let hooks = service["pre_start"], hooks.isList else { return service.node }
        let inherited = Set(Record.container.map(\.name)).subtracting(["volumes"])
        var base = service.node
        base.content = .mapping((base.entries ?? []).filter { inherited.contains($0.key) })
        let merger = Merger(loading: loading)
        let changed = hooks.eachElement { hook in
            guard hook.isMapping, loading.spend(base.weight, at: hook.location) else {
                return hook.node
            }
            let kind = Kind.record(.preStart)
            let merged = merger.mappings(base, hook, kind).unique(kind)
            return Rewriting.lengthened(hook.replaced(by: merged), kind)
        }
        return service.node.setting("pre_start", to: changed)
    }

    /// Networks, volumes and so on with the names that they have on the engine.
    private func named(_ model: Value) -> Node {
        model.eachMember { part in
            guard ["networks", "volumes", "secrets", "configs"].contains(part.name) else {
                return part.node
            }
            return part.eachMember { member in
                // An empty name is one, too, as Compose asks only whether there is any.
                let written = member.node["name"]?.string
                guard written == nil || loading.isForSwarm && written == "" else {
                    return member.node
                }
                let isExternal = member.node["external"]?.scalar == .bool(true)
                let name = isExternal ? member.name : "\(self.name)_\(member.name)"
                let value = member.isNull ? member.replaced(by: member.emptyMapping) : member
                return value.adding("name", .text(name))
            }
        }
    }
}

extension Value {
    /// The same place with another value.
    func replaced(by node: Node) -> Value {
        Value(node, at: path, key: keyLocation, in: loading)
    }
}
