package import Model

/// What services ask of the node that they run on, and only its engine can tell.
///
/// It is asked before anything is done: on the one engine there is, what isn't so never will be.
package struct NodeNeeds: Sendable {
    private let stack: Stack
    private let names: [String]
    private let subject: String

    /// nil when the services ask for nothing of the kind; `subject` is the node in words.
    package init?(of stack: Stack, calling subject: String = "the one node there is") {
        self.stack = stack
        self.subject = subject
        names = stack.services.filter { $1.asksOfNode(in: stack) }.keys.sorted()
        if names.isEmpty, !stack.networks.values.contains(where: \.isWithoutIPv4) { return nil }
    }

    /// Why `node` won't do, each with its place; empty when it will.
    package func findings(on node: NodeFacts) -> [Diagnostic] {
        let findings = names.flatMap { name -> [Diagnostic] in
            guard let service = stack.services[name] else { return [] }
            let path = FieldPath("services", name)
            return platform(service, path, node) + placement(service, path, node)
                + mounts(service, path, node)
                + dropped(service.needs(at: path), by: node.apiVersion)
                + files(service, path)
        }
        let networks = stack.networks.filter(\.value.isWithoutIPv4).keys.sorted().map { key in
            Need(FieldPath("networks", key), "enable_ipv4", APIVersion(1, 48))
        }
        return findings + dropped(networks, by: node.apiVersion)
    }

    /// What a Swarm whose managers speak `version` would drop, each with its place.
    ///
    /// What no Swarm has a word for is refused where files are loaded, and which of its nodes
    /// fits is the Swarm's to say.
    package func findings(ofSwarm version: APIVersion) -> [Diagnostic] {
        names.flatMap { name -> [Diagnostic] in
            let needs = stack.services[name]?.needs(at: FieldPath("services", name)) ?? []
            return dropped(needs, by: version)
        }
    }

    /// An image is pulled as the node is made, so nothing is emulated.
    private func platform(
        _ service: Service,
        _ path: FieldPath,
        _ node: NodeFacts
    ) -> [Diagnostic] {
        guard let text = service.platform, !text.isEmpty else { return [] }
        guard let wanted = WantedPlatform(text) else {
            return [
                finding(
                    "\"\(text)\" is no platform",
                    at: path / "platform",
                    fix: "write such as linux/amd64"
                )
            ]
        }
        guard !wanted.isRun(by: node) else { return [] }
        return [
            finding(
                "the node is \(node.os)/\(node.architecture), not \(text)",
                at: path / "platform",
                fix: "remove it, where the image is made for the node as well"
            )
        ]
    }

    private func placement(
        _ service: Service,
        _ path: FieldPath,
        _ node: NodeFacts
    ) -> [Diagnostic] {
        let list = path / "deploy" / "placement" / "constraints"
        return service.placement.enumerated().compactMap { index, text in
            guard let constraint = PlacementConstraint(text) else {
                return finding(
                    "\"\(text)\" is no constraint",
                    at: list[index],
                    fix: "write such as node.labels.tier == web"
                )
            }
            return constraint.objection(on: node).map { objection in
                finding(
                    "\(subject) does not fit: \(objection)",
                    at: list[index],
                    fix: "remove it, or ask the operator to label the engine"
                )
            }
        }
    }

    /// Source: the Engine API's version history, 1.44 and 1.45.
    private func mounts(
        _ service: Service,
        _ path: FieldPath,
        _ node: NodeFacts
    ) -> [Diagnostic] {
        service.volumes.enumerated().flatMap { index, mount in
            let place = (path / "volumes")[index]
            var findings: [Diagnostic] = []
            if mount.hasSubpath, node.apiVersion < APIVersion(1, 45) {
                findings.append(
                    finding(
                        "engines before API 1.45 mount whole volumes, and this speaks "
                            + "\(node.apiVersion)",
                        at: place,
                        fix: "remove subpath, or mount a volume of its own"
                    )
                )
            }
            if mount.asksOfMountsBelow, node.apiVersion < APIVersion(1, 44) {
                findings.append(
                    finding(
                        "engines before API 1.44 don't know this kind of recursion, and this "
                            + "speaks \(node.apiVersion)",
                        at: place / "bind" / "recursive",
                        fix: "remove recursive"
                    )
                )
            }
            return findings
        }
    }

    /// What engines of before the API that each needs would take and leave out.
    private func dropped(_ needs: [Need], by version: APIVersion) -> [Diagnostic] {
        needs.filter { version < $0.since }.map { need in
            finding(
                "engines before API \(need.since) drop \(need.what), and this one speaks "
                    + "\(version)",
                at: need.place,
                fix: "remove it"
            )
        }
    }

    /// External configs and secrets.
    private func files(_ service: Service, _ path: FieldPath) -> [Diagnostic] {
        let mounted = service.externalFiles(in: stack)
        return mounted.map { kind, key in
            finding(
                "\(kind.dropLast()) \(key) is external: a Swarm keeps such, one engine has none",
                at: FieldPath(kind, key, "external"),
                fix: "write file:, and commit what it names"
            )
        }
    }

    private func finding(_ message: String, at path: FieldPath, fix: String) -> Diagnostic {
        Diagnostic(
            code: "node-unfit",
            message,
            at: stack.places.location(of: path),
            field: path,
            fix: fix
        )
    }
}

extension Service {
    fileprivate func asksOfNode(in stack: Stack) -> Bool {
        platform?.isEmpty == false || !placement.isEmpty
            || volumes.contains { $0.hasSubpath || $0.asksOfMountsBelow }
            || !needs(at: FieldPath()).isEmpty || !externalFiles(in: stack).isEmpty
    }

    /// Attributes that not every engine knows.
    ///
    /// Source: the Engine API's version history, 1.43, 1.44, 1.48 and 1.49; that an older Swarm
    /// gives a service back without `StartInterval`: moby 20.10, `healthConfigToGRPC`.
    fileprivate func needs(at path: FieldPath) -> [Need] {
        var needs: [Need] = []
        if !annotations.isEmpty { needs.append(Need(path, "annotations", APIVersion(1, 43))) }
        let isChecked = healthcheck?.test != ["NONE"]
        if isChecked, let interval = healthcheck?.startInterval, interval.count != 0 {
            needs.append(Need(path / "healthcheck", "start_interval", APIVersion(1, 44)))
        }
        if macAddress?.isEmpty == false {
            needs.append(Need(path, "mac_address", APIVersion(1, 44)))
        }
        for (key, joined) in networks.sorted(by: { $0.key < $1.key }) {
            needs += joined.needs.map { Need(path / "networks" / key, $0.what, $0.since) }
        }
        return needs
    }

    /// Section and key of each config and secret that it mounts and somebody else makes.
    fileprivate func externalFiles(in stack: Stack) -> [(kind: String, key: String)] {
        let external = { (files: [String: Stack.StoredFile], key: String) in
            files[key]?.origin == .external
        }
        return configs.map(\.source).filter { external(stack.configs, $0) }.map { ("configs", $0) }
            + secrets.map(\.source).filter { external(stack.secrets, $0) }.map { ("secrets", $0) }
    }
}

extension Mount {
    fileprivate var hasSubpath: Bool { options.subpath?.isEmpty == false }

    fileprivate var asksOfMountsBelow: Bool {
        guard case .bind = source else { return false }
        return ["readonly", "writable"].contains(options.recursion)
    }
}

extension Service.Attachment {
    /// Attributes that not every engine knows, and the API that brought each.
    fileprivate var needs: [(what: String, since: APIVersion)] {
        let all = [
            (macAddress?.isEmpty == false, "mac_address", APIVersion(1, 44)),
            (gatewayPriority != 0, "gw_priority", APIVersion(1, 48)),
            (interfaceName?.isEmpty == false, "interface_name", APIVersion(1, 49)),
        ]
        return all.filter { $0.0 }.map { (what: $0.1, since: $0.2) }
    }
}

extension Stack.Network {
    fileprivate var isWithoutIPv4: Bool { !isExternal && hasIPv4 == false }
}

/// An attribute, and the API that brought it.
private struct Need {
    let place: FieldPath
    let what: String
    let since: APIVersion

    init(_ path: FieldPath, _ what: String, _ since: APIVersion) {
        place = path / what
        self.what = what
        self.since = since
    }
}

/// `platform:` as containerd reads it: `linux/arm64/v8`, `linux`, or `arm64`.
private struct WantedPlatform {
    private let os: String?
    private let architecture: String?

    init?(_ text: String) {
        let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false)
            .map(String.init)
        guard (1...3).contains(parts.count), !parts.contains("") else { return nil }
        let isSystem = parts.count > 1 || ["linux", "windows", "darwin"].contains(parts[0])
        os = isSystem ? parts[0] : nil
        let name = isSystem ? parts.dropFirst().first : parts[0]
        architecture = name.map { WantedPlatform.aliases[$0] ?? $0 }
    }

    /// Source: `normalizeArch` of containerd.
    private static let aliases = [
        "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "armhf": "arm",
        "armel": "arm",
    ]

    func isRun(by node: NodeFacts) -> Bool {
        (os ?? node.os) == node.os && (architecture ?? node.architecture) == node.architecture
    }
}
