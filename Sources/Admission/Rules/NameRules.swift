internal import Model

extension Rule {
    static let nameForm = Rule(
        "name-form",
        .injection,
        because: "names become parts of names on the engine, of host names and of commands",
        fix: "start with a letter or digit, and go on with those, _, . or -",
        .stack { review in
            let stack = review.stack
            let keys =
                review.services.map { ($0.path, $0.name) }
                + stack.networks.keys.map { (FieldPath("networks", $0), $0) }
                + stack.volumes.keys.map { (FieldPath("volumes", $0), $0) }
                + stack.ownFiles.map { ($0.path, $0.key) }
            let names =
                keys + review.names.objects + review.names.externals + review.names.containers
                + stack.ownFiles.map { ($0.path / "name", $0.name) }
            return names.compactMap { path, name in
                guard !Text.isName(name) else { return nil }
                return Finding("this name has other characters than a name may have", at: path)
            }
        }
    )

    static let ownName = Rule(
        "own-name",
        .externalReference,
        because: "under another name it could be, or become, what another project owns",
        fix: "remove name, so that it is derived from the project",
        .stack { review in
            let id = review.stack.id
            let files = review.stack.ownFiles.map { ($0.path / "name", $0.name) }
            let own = (review.names.objects + files).compactMap { path, name -> Finding? in
                guard Text.isName(name), !review.tenant.allows(objectName: name, of: id) else {
                    return nil
                }
                let beginnings = review.tenant.beginnings(review.stack.composeProjectName + "_")
                let isShared = review.tenant.grants.shared.contains { Text.equal($0, name) }
                return Finding(
                    "this name is not the stack's own",
                    at: path,
                    fix: isShared
                        ? "it is shared with the project: write external: true"
                        : "remove name, or start it with \(beginnings.joined(separator: " or "))"
                )
            }
            let others = review.names.externals.compactMap { path, name -> Finding? in
                guard Text.isName(name), !review.tenant.allows(externalName: name, of: id) else {
                    return nil
                }
                let beginnings =
                    review.tenant.objectBeginnings(of: id.project) + review.tenant.grants.names
                return Finding(
                    "this is neither the project's own nor shared with it",
                    at: path / "name",
                    or: path / "external",
                    path,
                    fix:
                        "name one that starts with \(beginnings.joined(separator: " or ")), or ask "
                        + "its owner and the operator to share it"
                )
            }
            return own + others
        }
    )

    static let nameClaimed = Rule(
        "name-claimed",
        .nameCollision,
        because: "the engine has one name for both, and would take the one for the other",
        fix: "choose another key or name",
        .stack { review in
            let id = review.stack.id
            let project = review.stack.composeProjectName
            let derived = review.services.filter { $0.service.containerName == nil }.map {
                ($0.path, "\(project)-\($0.name)-1")
            }
            let names = derived + review.names.containers + review.names.objects
            let claimed = names.compactMap { path, name -> Finding? in
                guard review.tenant.isClaimed(name, beside: id) else { return nil }
                return Finding("names that begin like this may be another stack's", at: path)
            }
            let foreign = review.names.containers.compactMap { path, name -> Finding? in
                guard Text.isName(name), !review.tenant.allows(containerName: name, of: id) else {
                    return nil
                }
                let beginnings = review.tenant.beginnings(review.stack.composeProjectName + "-")
                return Finding(
                    "this container name is not the stack's own",
                    at: path,
                    fix: "remove it, or start it with \(beginnings.joined(separator: " or "))"
                )
            }
            return claimed + foreign
        }
    )

    static let undeclared = Rule(
        "undeclared",
        .externalReference,
        because: "what the stack doesn't declare may be another project's",
        fix: "declare it in this stack",
        .service { review in
            let mounts = review.service.volumes.enumerated().compactMap {
                index,
                mount -> Finding? in
                guard case .volume(let key) = mount.source, review.stack.volumes[key] == nil else {
                    return nil
                }
                return Finding(
                    "the stack declares no such volume",
                    at: (review.path / "volumes")[index]
                )
            }
            let networks = review.service.networks.keys.compactMap { key -> Finding? in
                guard review.stack.networks[key] == nil else { return nil }
                return Finding(
                    "the stack declares no such network",
                    at: review.path / "networks" / key,
                    or: review.path / "networks"
                )
            }
            let links = review.service.links.enumerated().compactMap { index, link -> Finding? in
                guard review.stack.services[link.service] == nil else { return nil }
                return Finding(
                    "the stack has no such service",
                    at: (review.path / "links")[index]
                )
            }
            let sources = review.service.volumesFrom.enumerated().compactMap {
                index,
                source -> Finding? in
                guard review.stack.services[source.service] == nil else { return nil }
                let isContainer = Text.hasPrefix(source.service, "container:")
                return Finding(
                    isContainer
                        ? "a container is named here, not a service of the stack"
                        : "the stack has no such service",
                    at: (review.path / "volumes_from")[index]
                )
            }
            return mounts + networks + links + sources
        }
    )

    static let guestName = Rule(
        "guest-name",
        .nameCollision,
        because: "in another project's network, its services have the names",
        fix: "start it with the project's name and a hyphen, or remove it",
        .service { review in
            let id = review.stack.id
            let guests = review.foreignNetworks
            guard !guests.isEmpty else { return [] }
            let aliases = guests.flatMap { key, attachment in
                attachment.aliases.enumerated().map { index, alias in
                    ((review.path / "networks" / key / "aliases")[index], alias)
                }
            }
            // The engine resolves host names as well, since API 1.44.
            let host = review.service.hostname.map { [(review.path / "hostname", $0)] } ?? []
            return (host + aliases).compactMap { path, name in
                review.tenant.allows(guestName: name, of: id)
                    ? nil : Finding("this name may be another project's", at: path)
            }
        }
    )

    static let guestAddress = Rule(
        "guest-address",
        .network,
        because: "in another project's network, the addresses are its owner's",
        fix: "remove it; the engine gives a free one, and services are reached by their names",
        .service { review in
            review.foreignNetworks.flatMap { key, attachment in
                let asked = [
                    ("ipv4_address", attachment.ipv4Address),
                    ("ipv6_address", attachment.ipv6Address),
                ]
                return asked.filter { $1?.isEmpty == false }.map { attribute, _ in
                    Finding(
                        "an address of another project's network may not be chosen",
                        at: review.path / "networks" / key / attribute
                    )
                }
            }
        }
    )

    static let hostName = Rule(
        "host-name",
        .injection,
        because: "host names, aliases and the stop signal are written into other files and calls",
        fix: "use letters, digits, _, - and . only, at most 253 characters",
        .service { review in
            var findings: [Finding] = []
            let isForSwarm = review.stack.isForSwarm
            let host = review.service.hostname.map { name in
                isForSwarm ? GoTemplate.filling(name, GoTemplate.taskNames) ?? name : name
            }
            if let host, !Text.isHostName(host) {
                findings.append(Finding("this is no host name", at: review.path / "hostname"))
            }
            if let name = review.service.domainName, !name.isEmpty, !Text.isHostName(name) {
                findings.append(Finding("this is no host name", at: review.path / "domainname"))
            }
            for (key, attachment) in review.service.networks {
                for (index, alias) in attachment.aliases.enumerated()
                where !Text.isHostName(alias) {
                    let path = review.path / "networks" / key / "aliases"
                    findings.append(Finding("this is no host name", at: path[index]))
                }
            }
            for (index, link) in review.service.links.enumerated()
            where !Text.isHostName(link.alias) {
                findings.append(
                    Finding("this alias is no host name", at: (review.path / "links")[index])
                )
            }
            if let signal = review.service.stopSignal, !Text.isSignal(signal) {
                findings.append(
                    Finding(
                        "this is no signal",
                        at: review.path / "stop_signal",
                        fix: "write a name such as SIGTERM, or a number"
                    )
                )
            }
            return findings
        }
    )
}

/// What a stack's objects are called on an engine, with the places that say so.
struct NamesInUse {
    /// What files call containers.
    let containers: [(FieldPath, String)]
    /// Networks and volumes of the stack's own.
    private(set) var objects: [(FieldPath, String)] = []
    /// What somebody else makes, with the paths of their declarations.
    private(set) var externals: [(FieldPath, String)] = []

    init(of stack: Stack, _ services: [ServiceReview]) {
        containers = services.compactMap { one in
            one.service.containerName.map { (one.path / "container_name", $0) }
        }
        for (key, network) in stack.networks {
            add(network.name, FieldPath("networks", key), isExternal: network.isExternal)
        }
        for (key, volume) in stack.volumes {
            add(volume.name, FieldPath("volumes", key), isExternal: volume.isExternal)
        }
        // Those of the stack's own are contents, which have no name that a file gives.
        for (key, config) in stack.configs where config.origin == .external {
            add(config.name, FieldPath("configs", key), isExternal: true)
        }
        for (key, secret) in stack.secrets where secret.origin == .external {
            add(secret.name, FieldPath("secrets", key), isExternal: true)
        }
    }

    private mutating func add(_ name: String, _ path: FieldPath, isExternal: Bool) {
        if isExternal {
            externals.append((path, name))
        } else {
            objects.append((path / "name", name))
        }
    }
}

extension ServiceReview {
    /// Networks of other projects that it joins.
    fileprivate var foreignNetworks: [String: Service.Attachment] {
        let foreign = surroundings.foreignNetworks
        return foreign.isEmpty ? [:] : service.networks.filter { foreign.contains($0.key) }
    }
}

extension Text {
    /// Letters, digits, `_`, `-` and `.`, as engines and resolvers take them.
    static func isHostName(_ text: String) -> Bool { isName(text) && text.utf8.count <= 253 }

    /// `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`.
    static func isSignal(_ text: String) -> Bool {
        (1...16).contains(text.utf8.count)
            && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == 0x2B || $0 == 0x2D }
    }
}

extension TenantPolicy {
    /// What names may begin with: by what is derived, and by what is granted besides.
    fileprivate func beginnings(_ derived: String) -> [String] {
        [derived] + grants.names.filter { $0 != derived }
    }
}
