internal import Model

/// Checks a stack as a whole: that what its parts name is there and can run side by side.
struct Consistency {
    private let stack: Stack
    private let networks: Set<String>
    private let loading: Loading
    private let names: [String]

    init(_ stack: Stack, declared: [String: Stack.Network], _ loading: Loading) {
        self.stack = stack
        self.networks = Set(declared.keys).union(["default"])
        self.loading = loading
        self.names = stack.services.keys.sorted()
    }

    func check() {
        for name in names {
            guard let service = stack.services[name] else { continue }
            let path = FieldPath("services", name)
            checkDependencies(service, path)
            checkNetworks(service, path)
            checkVolumes(service, path)
            checkPorts(service, path)
        }
        checkPortsAcrossServices()
        if let cycle = dependencyCycle() { report(cycle) }
    }

    private func checkDependencies(_ service: Service, _ path: FieldPath) {
        for name in service.dependsOn.keys.sorted() where stack.services[name] == nil {
            undefined("service", name, at: path / "depends_on" / name, among: names)
        }
    }

    private func checkNetworks(_ service: Service, _ path: FieldPath) {
        for key in service.networks.keys.sorted() where !networks.contains(key) {
            undefined("network", key, at: path / "networks" / key, among: networks)
        }
    }

    private func checkVolumes(_ service: Service, _ path: FieldPath) {
        for (index, mount) in service.volumes.enumerated() {
            guard case .volume(let key) = mount.source, stack.volumes[key] == nil else { continue }
            undefined("volume", key, at: (path / "volumes")[index], among: stack.volumes.keys)
        }
    }

    private func undefined(
        _ kind: String,
        _ name: String,
        at path: FieldPath,
        among names: some Sequence<String>
    ) {
        guard !loading.findings.isFull else { return }
        // Looking for the nearest of thousands of names takes time; the first few are enough.
        let isEarly = loading.findings.list.count < 20
        let question = isEarly ? Suggestion.question(name, among: names) : nil
        let declare = kind == "service" ? nil : "declare it: \(kind)s: {\(name): }"
        loading.report(
            "undefined-reference",
            "the file declares no \(kind) \"\(name)\"",
            at: loading.places.location(of: path),
            field: path,
            fix: question ?? declare
        )
    }

    /// A port of a node can be bound once, so not by two ports of a service nor by two replicas.
    private func checkPorts(_ service: Service, _ path: FieldPath) {
        var bound: [PortMapping.Claim: Int] = [:]
        for (index, port) in service.ports.enumerated() {
            guard let claim = port.claim else { continue }
            let place = (path / "ports")[index]
            if bound.updateValue(index, forKey: claim) != nil {
                loading.report(
                    "duplicate-port",
                    "port \(claim) of the node is published twice",
                    at: loading.places.location(of: place),
                    field: place,
                    fix: "choose another"
                )
            }
            if service.replicas > 1 {
                loading.report(
                    "port-with-replicas",
                    "\(service.replicas) replicas can't share port \(claim), which one container "
                        + "of a node binds",
                    at: loading.places.location(of: place),
                    field: place,
                    fix: "publish \"\(port.target)\" alone, or run one replica"
                )
            }
        }
    }

    private func checkPortsAcrossServices() {
        var bound: [PortMapping.Claim: String] = [:]
        for name in names {
            for (index, port) in (stack.services[name]?.ports ?? []).enumerated() {
                guard let claim = port.claim else { continue }
                let place = (FieldPath("services", name) / "ports")[index]
                guard let other = bound[claim], other != name else {
                    bound[claim] = name
                    continue
                }
                loading.warn(
                    "port-of-two-services",
                    "port \(claim) of the node is published by the service \"\(other)\" too; one "
                        + "of them can't start on the same node",
                    at: loading.places.location(of: place),
                    field: place,
                    fix: "choose another"
                )
            }
        }
    }

    private func report(_ cycle: [String]) {
        let path = FieldPath("services", cycle[0], "depends_on", cycle[1])
        loading.report(
            "dependency-cycle",
            "services wait for each other: \(cycle.joined(separator: " -> "))",
            at: loading.places.location(of: path),
            field: path,
            fix: "remove one depends_on"
        )
    }

    /// A cycle of dependencies that starts with the first name on it; nil when there is none.
    ///
    /// Takes away what depends on nothing that is left, again and again; a way through what
    /// remains must come back to itself.
    private func dependencyCycle() -> [String]? {
        var waiting = stack.services.mapValues { service in
            Set(service.dependsOn.keys.filter { stack.services[$0] != nil })
        }
        var dependents: [String: [String]] = [:]
        for (name, needed) in waiting {
            for other in needed { dependents[other, default: []].append(name) }
        }
        var free = waiting.filter(\.value.isEmpty).map(\.key)
        while let name = free.popLast() {
            waiting[name] = nil
            for dependent in dependents[name] ?? [] {
                waiting[dependent]?.remove(name)
                if waiting[dependent]?.isEmpty == true { free.append(dependent) }
            }
        }
        guard var name = waiting.keys.min() else { return nil }
        var way: [String] = []
        var places: [String: Int] = [:]
        while places[name] == nil {
            places[name] = way.count
            way.append(name)
            guard let next = waiting[name]?.min() else { return nil }
            name = next
        }
        let cycle = Array(way[(places[name] ?? 0)...])
        guard let least = cycle.min(), let start = cycle.firstIndex(of: least) else { return nil }
        return Array(cycle[start...] + cycle[..<start]) + [least]
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
