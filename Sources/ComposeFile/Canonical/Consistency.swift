internal import Model
internal import YAMLTree

/// Checks a project as a whole: that what its parts name is there and goes together.
///
/// Source: compose-go's `checkConsistency`.
struct Consistency {
    private let loading: Loading
    private let model: Value
    /// The services that run, and those that a profile leaves out.
    private let services: [Value]
    private let names: Set<String>
    private let disabled: Set<String>
    /// The names of networks, volumes and so on.
    private let declared: [String: Set<String>]

    init(_ model: Value, disabled: Set<String>) {
        self.loading = model.loading
        self.model = model
        self.services = model["services"]?.members.filter(\.isMapping) ?? []
        self.names = Set(model["services"]?.members.map(\.name) ?? [])
        self.disabled = disabled
        let parts = ["network", "volume", "secret", "config", "model"]
        self.declared = Dictionary(
            uniqueKeysWithValues: parts.map { part in
                (part, Set((model.node["\(part)s"]?.entries ?? []).map(\.key)))
            }
        )
    }

    func check() {
        let jobs = model["jobs"]?.members.filter(\.isMapping) ?? []
        for service in services {
            checkImage(service)
            checkNetworks(service)
            checkSharedNetwork(service)
        }
        for job in jobs where names.contains(job.name) {
            job.fail("conflicting-values", "has the name of a service", fix: "give it another")
        }
        for service in services + jobs {
            checkTargets(service)
            checkContexts(service)
            checkReferences(service)
            checkHealth(service)
            checkLimits(service)
            checkWatches(service)
        }
        for secret in model["secrets"]?.members ?? [] where secret.isMapping {
            // A Swarm may leave a secret to a driver.
            let origins =
                ["file", "environment", "external"]
                + (loading.isForSwarm ? ["driver"] : [])
            let isGiven = origins.contains { origin in
                guard let value = secret.node[origin] else { return false }
                return ["file", "driver"].contains(origin) || !value.isEmpty
            }
            if !isGiven { secret.failMissing("file") }
        }
        guard !loading.isForSwarm else { return }
        let cycle = DependencyCycle.first(
            in: Dictionary(
                services.map { ($0.name, $0["depends_on"]?.members.map(\.name) ?? []) }
            ) { first, _ in first }
        )
        if let cycle { report(cycle) }
    }

    /// The model with `scale` as what a `deploy` beside it says of replicas.
    static func scaled(_ model: Value) -> Node {
        model.eachMember { part in
            guard part.name == "services" else { return part.node }
            return part.eachMember { service in
                guard let scale = service["scale"], let deploy = service["deploy"],
                    deploy.isMapping, deploy.node["replicas"] == nil
                else { return service.node }
                let scaled = deploy.node.setting("replicas", to: scale.node)
                return service.node.setting("deploy", to: scaled)
            }
        }
    }

    private func checkImage(_ service: Value) {
        let build = service["build"]
        let isWhole = !service.node.marks.contains(.incomplete)
        let image = service["image"]
        if image?.node.string == "", build == nil {
            image?.fail("empty-value", "must not be empty")
        }
        if isWhole, image == nil, build == nil, service.node["provider"] == nil {
            loading.report(
                "missing-attribute",
                "\(service.path) names no image",
                at: service.keyLocation,
                field: service.path,
                fix: "write image:"
            )
        }
        guard let build else { return }
        if let inline = build["dockerfile_inline"], build.node["dockerfile"]?.isEmpty == false {
            inline.fail(
                "conflicting-values",
                "and dockerfile exclude each other",
                fix: "remove one"
            )
        }
        let platforms = build["platforms"]?.listed.compactMap(\.node.string) ?? []
        if let platform = service["platform"], let text = platform.node.string,
            !platforms.isEmpty, !platforms.contains(text)
        {
            platform.fail(
                "conflicting-values",
                "must be one of build.platforms",
                not: text,
                fix: "add it to build.platforms, or name one of those"
            )
        }
    }

    private func checkNetworks(_ service: Value) {
        // A Swarm ignores the mode.
        guard !loading.isForSwarm, let mode = service["network_mode"], !mode.node.isEmpty,
            let networks = service["networks"], !networks.node.isEmpty
        else { return }
        mode.fail("conflicting-values", "and networks exclude each other", fix: "remove one")
    }

    /// Other namespaces may name a service that is nowhere; a network may not.
    private func checkSharedNetwork(_ service: Value) {
        guard !loading.isForSwarm, let mode = service["network_mode"],
            let text = mode.node.string, text.hasPrefix("service:")
        else { return }
        let name = String(text.dropFirst("service:".count))
        guard !names.contains(name) else { return }
        let dependency = service["depends_on"]?[name]
        let isTold = dependency.map { !isOptional($0) } ?? false
        if !isTold { undefined(mode, "service", name, names) }
    }

    /// Two file systems in memory, or one and a volume, can't be at one place.
    private func checkTargets(_ service: Value) {
        guard !loading.isForSwarm else { return }
        var owners: [String: Value] = [:]
        let memory = service["tmpfs"]?.listed ?? []
        let mounts = service["volumes"]?.listed.filter(\.isMapping) ?? []
        for mount in memory + mounts {
            let text = mount.node.string.map { String($0.prefix { $0 != ":" }) }
            guard let target = text ?? mount.node["target"]?.string else { continue }
            if let owner = owners[target] {
                mount.fail(
                    "conflicting-values",
                    "is mounted where \(owner.path) is",
                    fix: "mount one of them elsewhere"
                )
            } else {
                owners[target] = mount
            }
        }
    }

    /// What is built can take from another service only what is built too.
    private func checkContexts(_ service: Value) {
        for context in service["build"]?["additional_contexts"]?.members ?? [] {
            guard let text = context.node.string, text.hasPrefix("service:") else { continue }
            let name = String(text.dropFirst("service:".count))
            guard model["services"]?[name]?.node["build"] == nil else { continue }
            context.fail("undefined-reference", "must name a service with build")
        }
    }

    private func checkReferences(_ service: Value) {
        for dependency in service["depends_on"]?.members ?? []
        where !names.contains(dependency.name) && !loading.isForSwarm {
            if !isOptional(dependency) {
                undefined(dependency, "service", dependency.name, names)
            }
        }
        for network in service["networks"]?.members ?? [] {
            require(network, "network", network.name)
        }
        for mount in service["volumes"]?.listed ?? [] {
            guard mount.node["type"]?.string == "volume", let source = mount["source"],
                let name = source.node.string, !name.isEmpty
            else { continue }
            require(source.replaced(by: source.node, reportedAt: mount), "volume", name)
        }
        for kind in ["secret", "config"] {
            for file in (service["\(kind)s"]?.listed ?? [])
                + (kind == "secret" ? service["build"]?["secrets"]?.listed ?? [] : [])
            {
                require(file, kind, file.node["source"]?.string ?? "")
            }
        }
        for reference in service["models"]?.members ?? [] {
            require(reference, "model", reference.name)
        }
    }

    /// Whether a dependency may be left out by its profiles.
    private func isOptional(_ dependency: Value) -> Bool {
        dependency.node["required"]?.scalar == .bool(false) && disabled.contains(dependency.name)
    }

    private func require(_ value: Value, _ kind: String, _ name: String) {
        let names = declared[kind] ?? []
        guard !names.contains(name) else { return }
        undefined(value, kind, name, names)
    }

    private func undefined(
        _ value: Value,
        _ kind: String,
        _ name: String,
        _ names: some Sequence<String>
    ) {
        guard !loading.findings.isFull else { return }
        let question = loading.question(name, among: names)
        let isDisabled = kind == "service" && disabled.contains(name)
        loading.report(
            "undefined-reference",
            isDisabled
                ? "the service \"\(name)\" is left out by its profiles"
                : "the file declares no \(kind) \"\(name)\"",
            at: value.isNull || value.isMapping ? value.keyLocation : value.location,
            field: value.path,
            fix: isDisabled
                ? "give both the same profiles, or write required: false"
                : question ?? (kind == "service" ? nil : "declare it: \(kind)s: {\(name): }")
        )
    }

    private func checkHealth(_ service: Value) {
        guard !loading.isForSwarm, let test = service["healthcheck"]?["test"],
            let first = test.elements?.first,
            let word = first.node.string, !["CMD", "CMD-SHELL", "NONE"].contains(word)
        else { return }
        loading.report(
            "invalid-healthcheck",
            "\(test.path) must start with CMD, CMD-SHELL or NONE",
            at: test.location,
            field: test.path,
            fix: "write [CMD, …] to run it, [CMD-SHELL, …] for a shell to do so"
        )
    }

    /// A limit that isn't written is zero, which a written one beside it contradicts.
    private func checkLimits(_ service: Value) {
        let resources = service["deploy"]?["resources"]
        let limits = [
            ("mem_limit", "limits", "memory"), ("cpus", "limits", "cpus"),
            ("pids_limit", "limits", "pids"), ("mem_reservation", "reservations", "memory"),
        ]
        for (short, part, long) in limits {
            guard let value = service[short], let other = resources?[part] else { continue }
            if value.node.text != other.node[long]?.text {
                conflict(value, "deploy.resources.\(part).\(long)", in: service)
            }
        }
        if let scale = service["scale"], let replicas = service["deploy"]?["replicas"],
            scale.node.text != replicas.node.text
        {
            conflict(scale, "deploy.replicas", in: service)
        }
        for count in [service["scale"], service["deploy"]?["replicas"]] {
            if case .int(let value) = count?.node.scalar, value < 0 {
                count?.fail("invalid-number", "must not be negative")
            }
        }
        guard !loading.isForSwarm else { return }
        let replicas = service["deploy"]?["replicas"] ?? service["scale"]
        if case .int(let count) = replicas?.node.scalar, count > 1,
            let name = service["container_name"]
        {
            name.fail(
                "conflicting-values",
                "can be the name of one container, not of \(count)",
                fix: "remove container_name, or run one replica"
            )
        }
    }

    private func conflict(_ value: Value, _ other: String, in service: Value) {
        value.fail(
            "conflicting-values",
            "and \(service.path).\(other) say different things",
            fix: "write one of them"
        )
    }

    private func checkWatches(_ service: Value) {
        for watch in service["develop"]?["watch"]?.listed ?? [] {
            let action = watch.node["action"]?.string ?? ""
            let hasTarget = watch.node["target"].map { !$0.isEmpty } ?? false
            guard action != "rebuild", action != "restart", !hasTarget else { continue }
            watch.failMissing("target")
        }
    }

    /// Reports a container's name that two services of those chosen have.
    static func checkNames(_ model: Value) {
        var owners: [String: String] = [:]
        for service in model["services"]?.members ?? [] {
            guard let name = service["container_name"], let text = name.node.string else {
                continue
            }
            if let owner = owners.updateValue(service.name, forKey: text) {
                name.fail(
                    "conflicting-values",
                    "is the name of \(owner)'s container too",
                    fix: "choose another, or remove container_name"
                )
            }
        }
    }

    private func report(_ cycle: [String]) {
        let place = model["services"]?[cycle[0]]?["depends_on"]?[cycle[1]]
        loading.report(
            "dependency-cycle",
            "services wait for each other: \(cycle.joined(separator: " -> "))",
            at: place?.keyLocation,
            field: FieldPath("services", cycle[0], "depends_on", cycle[1]),
            fix: "remove one depends_on"
        )
    }
}

extension Value {
    /// The same value, reported at the place of another.
    fileprivate func replaced(by node: Node, reportedAt other: Value) -> Value {
        var node = node
        node.location = other.location
        return Value(node, at: other.path, key: other.location, in: loading)
    }
}
