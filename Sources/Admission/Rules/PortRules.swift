internal import Model

extension Rule {
    static let portGranted = Rule(
        "port-granted",
        .port,
        because: "the ports of a node are shared by all of its projects",
        fix: "publish a granted port, or use expose for other services of the stack",
        .service { review in
            review.ports { port in
                guard let published = port.published, published != 0 else {
                    return review.grants.objection(toOpen: port)
                }
                return review.grants.ports.contains { $0.contains(Int(published)) }
                    ? nil : "host port \(published) is not granted"
            }
        }
    )

    static let portForm = Rule(
        "port-form",
        .port,
        because: "only plain TCP and UDP ports of plain addresses can be judged",
        fix: "write [address:]host port:container port[/tcp or /udp]",
        .service { review in
            review.ports { port in
                if port.target == 0 { return "container port 0 is no port" }
                if port.protocol != "tcp", port.protocol != "udp" {
                    return "this protocol is not offered"
                }
                guard let address = port.hostIP, !Text.isAddress(address) else { return nil }
                return "this is no IP address"
            }
        }
    )

    static let portCount = Rule(
        "port-count",
        .port,
        because: "a node has few ports to give",
        fix: "publish fewer, for instance through one proxy service",
        .stack { review in
            let count = review.services.reduce(0) { $0 + $1.service.ports.count }
            let maximum = review.tenant.grants.maximumPorts
            guard count > maximum else { return [] }
            return [
                Finding(
                    "the stack publishes \(count) ports, more than \(maximum)",
                    at: FieldPath("services")
                )
            ]
        }
    )
}

extension Rule {
    static let publicReadOnly = Rule(
        "public-read-only",
        .port,
        because: "whoever takes over a service that everybody can reach must not write where "
            + "others keep files",
        fix: "mount the shared file system read-only, or let everybody reach another service, "
            + "by its port or its ingress",
        .service { review in
            let writable = review.service.volumes.enumerated().filter { _, mount in
                guard case .bind(let path) = mount.source, !mount.readOnly else { return false }
                return review.grants.isShared(bind: path)
            }
            guard !writable.isEmpty, review.surroundings.reached.contains(review.name) else {
                return []
            }
            return writable.map { index, _ in
                Finding(
                    "everybody can reach \(review.name), which may write to a shared file system",
                    at: (review.path / "volumes")[index]
                )
            }
        }
    )
}

extension Grants {
    /// Whether people outside the site can reach a port of the node; 0 is one that is chosen
    /// later, and that may come to be any.
    func isPublic(_ port: Int) -> Bool {
        guard port == 0 else { return publicPorts.contains { $0.contains(port) } }
        return publicPorts.contains { range in allocatedPorts.contains { $0.overlaps(range) } }
    }

    /// The same of what a file publishes, whichever port of its range it comes to be.
    func mayBePublic(_ port: PortMapping) -> Bool {
        guard let range = port.range else { return isPublic(Int(port.published ?? 0)) }
        return publicPorts.contains { $0.overlaps(range) }
    }

    /// Why no port of the node may be chosen where the file leaves it open; nil when one may: out
    /// of those that Gyre allocates, or out of a range that is granted port by port.
    func objection(toOpen port: PortMapping) -> String? {
        guard port.candidates != nil else {
            return allocatedPorts.isEmpty
                ? "container port \(port.target) is published without a host port" : nil
        }
        guard let range = port.range else { return "this is no range of host ports" }
        if allocatedPorts.contains(where: { $0.overlaps(range) }) { return nil }
        guard let first = range.first(where: { number in !ports.contains { $0.contains(number) } })
        else { return nil }
        return "host port \(first) of the range \(range.lowerBound)-\(range.upperBound) "
            + "is not granted"
    }
}

extension ServiceReview {
    /// A finding for each port of which `objection` says something.
    fileprivate func ports(_ objection: (PortMapping) -> String?) -> [Finding] {
        service.ports.enumerated().compactMap { index, port in
            objection(port).map { message in
                Finding(message, at: (path / "ports")[index], fix: portFix(port))
            }
        }
    }

    private func portFix(_ port: PortMapping) -> String? {
        !grants.allocatedPorts.isEmpty
            ? "leave out the host port, so that Gyre chooses one of \(grants.allocatedPorts.text): "
                + "\"\(port.target)\""
            : grants.ports.isEmpty
                ? "use expose, or ask the operator for ports; none are granted to this project"
                : "use a host port of \(grants.ports.text), such as "
                    + "\"\(grants.ports[0].lowerBound):\(port.target)\""
    }
}

extension Text {
    /// Whether it can be an IPv4 or IPv6 address and nothing else.
    static func isAddress(_ text: String) -> Bool {
        (2...45).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (0x30...0x39).contains($0) || (0x41...0x46).contains($0)
                    || (0x61...0x66).contains($0) || $0 == 0x2E || $0 == 0x3A
            } && text.utf8.contains { $0 == 0x2E || $0 == 0x3A }
    }
}
