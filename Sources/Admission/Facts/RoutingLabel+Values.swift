internal import Model

/// What a label may say of load balancers and middlewares: whatever has the ingress ask somebody
/// else than the service's own containers, or read its own machine's files, is not offered.
///
/// Source: Traefik 3's reference of the Docker provider's labels. It writes a server's address as
/// `scheme://container:port`, all as they are, so that each has to be what it is called.
extension RoutingLabel {
    /// Settings of a load balancer over the service's own containers.
    ///
    /// A path is joined to the server's address as one link to another is, and so may be another
    /// address. A check follows where the container sends it, so it may do nothing but ask.
    func objection(toService setting: [String], _ prefix: String) -> Objection? {
        guard setting[0] == "loadbalancer" else {
            return Objection("only load balancers are offered")
        }
        let key = setting.dropFirst().joined(separator: ".")
        switch key {
        case "server.port", "healthcheck.port": return isPort ? nil : RoutingLabel.noPort
        case "server.scheme", "healthcheck.scheme": return isScheme ? nil : RoutingLabel.noScheme
        case "server.weight":
            return Text.number(value) == nil ? Objection("this is no number") : nil
        case "server.tls", "server.preservepath":
            return isTruth ? nil : Objection("this is not true or false")
        case "healthcheck.path": return isLocalPath ? nil : RoutingLabel.noPath
        case "healthcheck.hostname":
            return Text.isHostName(value) ? nil : Objection("this is no host name")
        case "healthcheck.method":
            return RoutingLabel.asking.contains(value) ? nil : RoutingLabel.noQuestion
        case "serverstransport": return objection(toReferences: prefix)
        default:
            guard !RoutingLabel.has(key, in: RoutingLabel.balancers) else { return nil }
            return key.hasPrefix("server")
                ? Objection("a server is the container itself, not an address")
                : Objection("this setting of a load balancer is not offered")
        }
    }

    func objection(
        toMiddleware setting: [String],
        _ prefix: String,
        _ hosts: [String]
    ) -> Objection? {
        let type = setting[0]
        let key = setting.dropFirst().joined(separator: ".")
        guard let known = RoutingLabel.middlewares[type] else {
            let names = RoutingLabel.middlewares.keys.sorted().joined(separator: ", ")
            let fix = "remove it; there are \(names)"
            return Objection("middlewares of this kind are not offered", fix: fix)
        }
        switch (type, key) {
        case ("chain", "middlewares"), ("errors", "service"):
            return objection(toReferences: prefix)
        case ("forwardauth", "address"):
            let fix = "write https://\(hosts[0])/auth, or another path below a granted host"
            return isAddress(within: hosts)
                ? nil
                : Objection(
                    "the ingress would ask an address that is not granted, and it may know the "
                        + "name of a service as another's",
                    fix: fix
                )
        case ("basicauth", "usersfile"), ("digestauth", "usersfile"):
            return Objection("this is a file of the ingress", fix: "remove it, and write users")
        default:
            guard !RoutingLabel.has(key, in: known) else { return nil }
            let names = known.sorted().joined(separator: ", ")
            return Objection(
                "this setting of \(type) is not offered",
                fix: "remove it; there are \(names)"
            )
        }
    }

    /// Methods that only ask.
    private static let asking = ["GET", "HEAD", "OPTIONS"]
    private static let noQuestion = Objection(
        "a check only asks",
        fix: "write GET, or HEAD or OPTIONS"
    )
    private static let noPort = Objection(
        "this is no port of the service",
        fix: "write 8080, or another number up to 65535"
    )
    private static let noPath = Objection(
        "this is no path of the service",
        fix: "write /health, or another path of the service"
    )
    private static let noScheme = Objection(
        "this is no scheme of the service",
        fix: "write http, or https or h2c"
    )

    private var isPort: Bool { (Text.number(value, atMost: 65535) ?? 0) > 0 }
    private var isScheme: Bool { ["http", "https", "h2c"].contains { Text.equal($0, value) } }
    private var isTruth: Bool { ["true", "false"].contains { Text.equal($0, Text.folded(value)) } }

    /// `/` and what follows, but no second `/` that would begin a host.
    private var isLocalPath: Bool {
        let bytes = Array(value.utf8.prefix(2))
        return bytes.first == 0x2F && bytes.last != 0x5C && (bytes.count == 1 || bytes[1] != 0x2F)
    }

    /// `https://` or `http://`, a granted name, and a path at the most: another port could be
    /// another service's on the same machine.
    private func isAddress(within hosts: [String]) -> Bool {
        let address = Array(value.utf8)
        let schemes = ["https://", "http://"].map { Array($0.utf8) }
        guard let scheme = schemes.first(where: address.starts) else { return false }
        let host = address.dropFirst(scheme.count).prefix { $0 != 0x2F }
        return RoutingLabel.isHost(String(decoding: host, as: UTF8.self), within: hosts)
    }
}
