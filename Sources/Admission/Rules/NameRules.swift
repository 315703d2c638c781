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
                stack.services.keys.map { (FieldPath("services", $0), $0) }
                + stack.networks.keys.map { (FieldPath("networks", $0), $0) }
                + stack.volumes.keys.map { (FieldPath("volumes", $0), $0) }
                + stack.ownFiles.map { ($0.path, $0.key) }
            let names =
                keys + review.objectNames + review.externalNames + review.containerNames
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
            let own = (review.objectNames + files).compactMap { path, name -> Finding? in
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
            let others = review.externalNames.compactMap { path, name -> Finding? in
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
            let derived = review.stack.services.filter { $1.containerName == nil }.keys.map {
                (FieldPath("services", $0), "\(review.stack.composeProjectName)-\($0)-1")
            }
            let names = derived + review.containerNames + review.objectNames
            let claimed = names.compactMap { path, name -> Finding? in
                guard review.tenant.isClaimed(name, beside: id) else { return nil }
                return Finding("names that begin like this may be another stack's", at: path)
            }
            let foreign = review.containerNames.compactMap { path, name -> Finding? in
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
                let path = review.path / "networks" / key / "aliases"
                for (index, alias) in attachment.aliases.enumerated()
                where !Text.isHostName(alias) {
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

extension StackReview {
    /// What files call containers.
    fileprivate var containerNames: [(FieldPath, String)] {
        stack.services.compactMap { service, value in
            value.containerName.map { (FieldPath("services", service, "container_name"), $0) }
        }
    }

    /// What networks and volumes of the stack's own are called on the engine.
    fileprivate var objectNames: [(FieldPath, String)] {
        names(external: false).map { ($0 / "name", $1) }
    }

    /// What those are called that somebody else makes, with the paths of their declarations.
    fileprivate var externalNames: [(FieldPath, String)] { names(external: true) }

    private func names(external: Bool) -> [(FieldPath, String)] {
        let networks = stack.networks.filter { $1.isExternal == external }
            .map { (FieldPath("networks", $0), $1.name) }
        let volumes = stack.volumes.filter { $1.isExternal == external }
            .map { (FieldPath("volumes", $0), $1.name) }
        // Those of the stack's own are contents, which have no name that a file gives.
        let configs = stack.configs.filter { external && $1.origin == .external }
            .map { (FieldPath("configs", $0), $1.name) }
        let secrets = stack.secrets.filter { external && $1.origin == .external }
            .map { (FieldPath("secrets", $0), $1.name) }
        return networks + volumes + configs + secrets
    }
}

extension ServiceReview {
    /// Networks of other projects that it joins.
    fileprivate var foreignNetworks: [String: Service.Attachment] {
        service.networks.filter { key, _ in
            guard stack.isGuest(on: key) else { return false }
            return tenant.isOfOthers(network: stack.networks[key]?.name ?? key, stack.id)
        }
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
