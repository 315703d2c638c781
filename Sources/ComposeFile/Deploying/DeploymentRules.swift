internal import Model

/// Checks what a node can't give to a stack though Compose doesn't look at it.
struct DeploymentRules {
    private let stack: Stack
    private let loading: Loading
    private let names: [String]

    init(_ stack: Stack, _ loading: Loading) {
        self.stack = stack
        self.loading = loading
        self.names = stack.services.keys.sorted()
    }

    func check() {
        for name in names {
            guard let service = stack.services[name] else { continue }
            checkPorts(service, FieldPath("services", name))
            checkName(service, name)
            checkProcessors(service, FieldPath("services", name))
            checkOrder(service, name)
        }
        checkPortsAcrossServices()
        checkIngress()
    }

    /// A port of a node can be bound once, so not by several replicas.
    private func checkPorts(_ service: Service, _ path: FieldPath) {
        guard service.replicas > 1, !stack.isForSwarm else { return }
        for (index, port) in service.ports.enumerated() {
            guard let claim = port.claim else { continue }
            let place = (path / "ports")[index]
            loading.report(
                "port-with-replicas",
                "\(service.replicas) replicas can't share port \(claim), which one container "
                    + "of a node binds",
                at: stack.places.location(of: place),
                field: place,
                fix: "publish \"\(port.target)\" alone, or run one replica"
            )
        }
    }

    /// A name that Compose derives for another service's container can't be had by two, nor one
    /// name by several containers of a service.
    private func checkName(_ service: Service, _ name: String) {
        guard let wanted = service.containerName else { return }
        let path = FieldPath("services", name, "container_name")
        let problem: String
        if service.replicas > 1 {
            problem = "can be the name of one container, not of \(service.replicas)"
        } else if let owner = owner(ofContainer: wanted), owner != name {
            problem = "is what a container of the service \"\(owner)\" is called"
        } else {
            return
        }
        loading.report(
            "conflicting-values",
            "\(wanted) \(problem)",
            at: stack.places.location(of: path),
            field: path,
            fix: "choose another, or leave names to Gyre"
        )
    }

    /// The service of which a container has a derived name, such as `app-web-1` of `web`.
    private func owner(ofContainer name: String) -> String? {
        let start = "\(stack.composeProjectName)-"
        let rest = name.dropFirst(start.count)
        guard name.hasPrefix(start), let hyphen = rest.lastIndex(of: "-"),
            case let number = rest[rest.index(after: hyphen)...], let index = Int(number),
            number == "\(index)", case let key = String(rest[..<hyphen]),
            let service = stack.services[key], service.containerName == nil
        else { return nil }
        return index > 0 && index <= service.replicas ? key : nil
    }

    /// The engine takes `cpus` or the two values behind it.
    private func checkProcessors(_ service: Service, _ path: FieldPath) {
        guard service.resources.nanoCPUs != nil else { return }
        let values = [
            ("cpu_quota", service.scheduling.quota), ("cpu_period", service.scheduling.period),
        ]
        for (attribute, value) in values where value != 0 {
            loading.report(
                "conflicting-values",
                "\(path / attribute) and cpus say different things",
                at: stack.places.location(of: path / attribute),
                field: path / attribute,
                fix: "write one of them"
            )
        }
    }

    /// What `start-first` would have two containers share.
    private func checkOrder(_ service: Service, _ name: String) {
        let sections = [("update_config", service.rollout), ("rollback_config", service.rollback)]
        for (section, rollout) in sections where rollout?.order == .startFirst {
            guard let obstacle = stack.obstacle(toStartingFirst: name) else { continue }
            let field = FieldPath("services", name, "deploy") / section / "order"
            let place = stack.places.location(of: obstacle.field)
            let site = place.map { " at \($0)" } ?? ""
            loading.warn(
                "stop-first",
                "\(field) can't be had: \(obstacle.field)\(site) is \(obstacle.words), so the "
                    + "old container is stopped before the new one starts",
                at: stack.places.location(of: field),
                field: field,
                fix: "remove \(obstacle.field), or write stop-first"
            )
        }
    }

    /// One service gets what comes for a host and path.
    private func checkIngress() {
        var taken: [String: String] = [:]
        for name in names {
            guard let ingress = stack.services[name]?.ingress else { continue }
            if let other = taken[ingress.claim] {
                let path = FieldPath("services", name, "x-gyre") / "ingress"
                loading.report(
                    "conflicting-values",
                    "\(ingress.claim) is led to the service \"\(other)\" already",
                    at: stack.places.location(of: path),
                    field: path,
                    fix: "write another host or path"
                )
            }
            taken[ingress.claim] = name
        }
    }

    /// A port of the node can be bound once, by one port of one service that has containers.
    ///
    /// Addresses count as the engine binds them. A Swarm's service has its ports whether it has
    /// tasks or not, and two that have one in mode `host` may run on different nodes.
    /// Source: swarmkit's `checkPortConflicts`.
    private func checkPortsAcrossServices() {
        var bound: [HostPort: [Binding]] = [:]
        for name in names {
            guard let service = stack.services[name], service.replicas > 0 || stack.isForSwarm
            else { continue }
            for (index, port) in service.ports.enumerated() {
                guard let number = port.published else { continue }
                let key = HostPort(number, port.protocol)
                let address = ListeningAddress(port.hostIP)
                let isOfNodes = stack.isForSwarm && port.mode == "host"
                let others = bound[key, default: []]
                bound[key, default: []].append(
                    Binding(address: address, service: name, isOfNodes: isOfNodes)
                )
                // A node has few addresses; only who means harm writes more.
                let other = others.prefix(1000).first { other in
                    other.address.overlaps(address)
                        && !(other.isOfNodes && isOfNodes && other.service != name)
                }
                guard let other else { continue }
                let path = (FieldPath("services", name) / "ports")[index]
                report(port, at: path, name, other.service)
            }
        }
    }

    /// Who has a port of the node.
    private struct Binding {
        let address: ListeningAddress
        let service: String
        /// Whether each node of a Swarm has it for itself.
        let isOfNodes: Bool
    }

    private func report(_ port: PortMapping, at path: FieldPath, _ name: String, _ other: String) {
        guard let claim = port.claim else { return }
        let isOwn = name == other
        loading.report(
            isOwn ? "duplicate-port" : "port-of-two-services",
            isOwn
                ? "port \(claim) of the node is published twice"
                : "port \(claim) of the node is published by the service \"\(other)\" too, and a "
                    + "node has it once",
            at: stack.places.location(of: path),
            field: path,
            fix: "publish another port, or on another address, in one place"
        )
    }
}

extension PortMapping {
    /// What of a node a published port takes.
    fileprivate struct Claim: Hashable, CustomStringConvertible {
        var address: String
        var number: UInt16
        var transport: String

        var description: String { "\(address.isEmpty ? "" : "\(address):")\(number)/\(transport)" }
    }

    fileprivate var claim: Claim? {
        published.map {
            Claim(
                address: hostIP == "0.0.0.0" ? "" : hostIP ?? "",
                number: $0,
                transport: `protocol`
            )
        }
    }
}
