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
        }
        checkPortsAcrossServices()
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
                    at: stack.places.location(of: place),
                    field: place,
                    fix: "choose another"
                )
            }
            if service.replicas > 1 {
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
                    at: stack.places.location(of: place),
                    field: place,
                    fix: "choose another"
                )
            }
        }
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
