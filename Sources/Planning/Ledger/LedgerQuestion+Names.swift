internal import Model

/// Names that two stacks would have.
extension LedgerQuestion {
    /// Each with its place; nothing that the stack has already is asked for again.
    var nameObjections: [Diagnostic] {
        let had = (ledger.reservations[stack.id] ?? Reservation()).names
        return stack.reservedNames.filter { !had.contains($0.name) }.sorted { $0.at < $1.at }
            .compactMap { name, at in
                guard let words = holder(of: name) else { return nil }
                return Diagnostic(
                    code: "name-taken",
                    words,
                    at: stack.places.location(of: at),
                    field: at,
                    fix: name.kind == .route
                        ? "route another host or path, or give the router another priority"
                        : "write another name"
                )
            }
    }

    /// Who has it, in words; of what isn't the project's own nothing but that it is taken.
    private func holder(of name: ReservedName) -> String? {
        let holders = ledger.reservations.filter {
            $0.key != stack.id && $0.value.names.contains(name)
        }
        guard let holder = holders.keys.min() else { return nil }
        return holder.project == stack.id.project
            ? "\(name) is held by stack \(holder)" : "\(name) is taken"
    }
}

extension Stack {
    /// The names that its files choose, and where.
    var reservedNames: [(name: ReservedName, at: FieldPath)] {
        let objects =
            networks.filter { !$1.isExternal && $1.name != "\(composeProjectName)_\($0)" }.map {
                (ReservedName(.network, $1.name), FieldPath("networks", $0, "name"))
            }
            + volumes.filter { !$1.isExternal && $1.name != "\(composeProjectName)_\($0)" }.map {
                (ReservedName(.volume, $1.name), FieldPath("volumes", $0, "name"))
            }
        return objects + services.keys.flatMap { names(of: $0) }
    }

    private func names(of service: String) -> [(name: ReservedName, at: FieldPath)] {
        guard let written = services[service], written.replicas > 0 else { return [] }
        let path = FieldPath("services", service)
        var names: [(ReservedName, FieldPath)] = []
        if let name = written.containerName {
            names.append((ReservedName(.container, name), path / "container_name"))
        }
        for (key, joined) in written.networks {
            let network = networks[key]?.name ?? key
            names += joined.aliases.map { alias in
                (
                    ReservedName(.alias, alias, on: network),
                    path / "networks" / key / "aliases"
                )
            }
        }
        if let ingress = written.ingress {
            names.append((ReservedName(.route, ingress.claim), path / "x-gyre" / "ingress"))
        }
        names += Stack.names(routedBy: written.labels, at: path / "labels")
        if isForSwarm, let labels = written.deployment?.labels {
            names += Stack.names(routedBy: labels, at: path / "deploy" / "labels")
        }
        var seen: Set<ReservedName> = []
        return names.filter { seen.insert($0.0).inserted }
    }

    /// Routers and what they take, by labels of a container, or of a Swarm's service.
    private static func names(
        routedBy labels: [String: String],
        at path: FieldPath
    ) -> [(ReservedName, FieldPath)] {
        let routers = labels.keys.compactMap { label -> (ReservedName, FieldPath)? in
            let parts = label.lowercased().split(separator: ".").map(String.init)
            guard parts.count > 3, parts[0] == "traefik", parts[2] == "routers" else { return nil }
            return (ReservedName(.router, parts[3]), path / label)
        }
        return routers
            + Routes(of: labels).taken.map { (ReservedName(.route, $0.name), path / $0.label) }
    }
}
