internal import Model

/// What a label may say of load balancers and middlewares: whatever has the ingress ask somebody
/// else than the service's own containers, or read its own machine's files, is not offered.
///
/// Source: Traefik 3's reference of the Docker provider's labels. It writes a server's address as
/// `scheme://container:port`, all as they are, so that each has to be what it is called.
extension RoutingLabel {
    /// Settings of a load balancer over the service's own containers.
    func objection(toService setting: [String], _ prefix: String) -> Objection? {
        guard setting[0] == "loadbalancer" else {
            return Objection("only load balancers are offered")
        }
        let keys = Array(setting.dropFirst())
        switch keys.first {
        case "server": return objection(toServer: Array(keys.dropFirst()))
        case "healthcheck": return objection(toCheck: Array(keys.dropFirst()))
        case "serverstransport": return objection(toReferences: prefix)
        case "sticky", "passhostheader", "responseforwarding", "strategy", "proxyprotocol",
            "terminationdelay":
            return nil
        case let key? where key.hasPrefix("servers"):
            return Objection("a server is the container itself, not an address")
        default: return Objection("this setting of a load balancer is not offered")
        }
    }

    private func objection(toServer setting: [String]) -> Objection? {
        switch setting {
        case ["port"]: isPort ? nil : RoutingLabel.noPort
        case ["scheme"]: isScheme ? nil : RoutingLabel.noScheme
        case ["weight"]: Text.number(value) == nil ? Objection("this is no number") : nil
        case ["tls"], ["preservepath"]: isTruth ? nil : Objection("this is not true or false")
        default: Objection("a server is the container itself, not an address")
        }
    }

    /// A path is joined to the server's address as one link to another is, and so may be another
    /// address.
    private func objection(toCheck setting: [String]) -> Objection? {
        switch setting.first {
        case "path":
            isLocalPath ? nil : RoutingLabel.noPath
        case "port": isPort ? nil : RoutingLabel.noPort
        case "scheme": isScheme ? nil : RoutingLabel.noScheme
        case "hostname": Text.isHostName(value) ? nil : Objection("this is no host name")
        case "headers", "interval", "unhealthyinterval", "timeout", "method", "mode", "status",
            "followredirects":
            nil
        default: Objection("this setting of a health check is not offered")
        }
    }

    func objection(
        toMiddleware setting: [String],
        _ prefix: String,
        _ hosts: [String]
    ) -> Objection? {
        switch (setting[0], setting.dropFirst().first) {
        case ("chain", "middlewares"), ("errors", "service"):
            return objection(toReferences: prefix)
        case ("forwardauth", let key?):
            guard key == "address" else {
                return RoutingLabel.forwarded.contains(key)
                    ? nil : Objection("this setting of forwardAuth is not offered")
            }
            let fix = "write https://\(hosts[0])/auth, or another path below a granted host"
            return isAddress(within: hosts)
                ? nil : Objection("the ingress would ask an address that is not granted", fix: fix)
        case ("basicauth", "usersfile"), ("digestauth", "usersfile"):
            return Objection("this is a file of the ingress", fix: "remove it, and write users")
        case ("ratelimit", "redis"):
            return Objection("the ingress would ask an address that is not granted")
        case (let type, _):
            guard !RoutingLabel.middlewares.contains(type) else { return nil }
            let names = RoutingLabel.middlewares.sorted().joined(separator: ", ")
            let fix = "remove it; there are \(names)"
            return Objection("middlewares of this kind are not offered", fix: fix)
        }
    }

    private static let middlewares: Set<String> = [
        "addprefix", "basicauth", "buffering", "chain", "circuitbreaker", "compress",
        "contenttype", "digestauth", "errors", "forwardauth", "grpcweb", "headers", "inflightreq",
        "ipallowlist", "ipwhitelist", "passtlsclientcert", "ratelimit", "redirectregex",
        "redirectscheme", "replacepath", "replacepathregex", "retry", "stripprefix",
        "stripprefixregex",
    ]
    private static let forwarded: Set<String> = [
        "trustforwardheader", "authresponseheaders", "authresponseheadersregex",
        "authrequestheaders", "addauthcookiestoresponse", "headerfield", "forwardbody",
        "maxbodysize", "preservelocationheader", "preserverequestmethod",
    ]
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
