internal import Model

/// A label that Traefik 3 reads from a container, and what policy says of it.
///
/// Source: Traefik's documentation of the Docker provider; keys are read whatever their case. Only
/// what is known here passes, so that what Traefik learns later is not offered by itself.
struct RoutingLabel {
    private let parts: [String]
    let value: String

    /// nil when Traefik doesn't read it.
    init?(_ key: String, _ value: String) {
        guard RoutingLabel.isRead(key) else { return nil }
        parts = key.split(separator: ".", omittingEmptySubsequences: false).map {
            Text.folded(String($0))
        }
        self.value = value
    }

    /// Whether Traefik reads a label with this key.
    static func isRead(_ key: String) -> Bool { Text.isKey(key, below: "traefik.") }

    /// Those of `labels` that Traefik reads, with their keys.
    static func reading(
        _ labels: some Sequence<(key: String, value: String)>
    ) -> [(key: String, label: RoutingLabel)] {
        labels.compactMap { key, value in
            RoutingLabel(key, value).map { (key: key, label: $0) }
        }
    }

    /// What is wrong with a label, and what ends that.
    struct Objection: Hashable, Sendable {
        let message: String
        let fix: String

        init(_ message: String, fix: String = "remove it") {
            self.message = message
            self.fix = fix
        }
    }

    /// Why a project with `grants` may not use it; nil when it may.
    func objection(_ grants: Grants, ownsNetwork: (String) -> Bool) -> Objection? {
        guard isPlain else { return Objection("no routing label is written so") }
        let parts = parts.dropFirst()
        switch parts.first {
        case "enable" where parts.count == 1:
            guard RoutingLabel.truth(value) == nil else { return nil }
            let fix = "write \"false\", or \"true\" beside the rule of a router"
            return Objection("this is neither true nor false", fix: fix)
        case "docker" where parts.dropFirst() == ["network"],
            "swarm" where parts.dropFirst() == ["network"]:
            return ownsNetwork(value) ? nil : Objection("this network is not the stack's own")
        case "http", "tcp", "udp":
            guard let prefix = grants.routes, !grants.hosts.isEmpty else {
                let fix = "remove it, and ask the operator for a route"
                return Objection("no routes are granted to this project", fix: fix)
            }
            return objection(to: Array(parts), prefix, grants.hosts)
        default: return Objection("this routing label is not offered")
        }
    }

    /// Whether Traefik reads its key as it stands here; the name in it is judged by itself.
    ///
    /// Traefik folds letters as Unicode does, so that `ſ` is an `s` to it; and a bracket that
    /// nothing opens ends its reading of all containers (paerser, `DecodeToNode`).
    private var isPlain: Bool {
        parts.enumerated().allSatisfy { index, part in
            index == 3 || RoutingLabel.isPlain(part) || index == 5 && RoutingLabel.isDomain(part)
        }
    }

    private static func isPlain(_ part: String) -> Bool {
        !part.isEmpty
            && part.utf8.allSatisfy { Text.isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2D }
    }

    /// `domains[0]`, or another index.
    private static func isDomain(_ part: String) -> Bool {
        let bytes = Array(part.utf8), opening = Array("domains[".utf8)
        guard bytes.starts(with: opening), bytes.last == 0x5D else { return false }
        let index = bytes.dropFirst(opening.count).dropLast()
        return Text.number(String(decoding: index, as: UTF8.self), atMost: 999) != nil
    }

    /// What Traefik takes a text for, as Go's `strconv.ParseBool` reads it.
    private static func truth(_ text: String) -> Bool? {
        switch text {
        case "1", "t", "T", "TRUE", "true", "True": true
        case "0", "f", "F", "FALSE", "false", "False": false
        default: nil
        }
    }

    /// What is wrong with a container of which ``withoutRule(_:)`` tells something.
    static let unruled = "no rule stands beside it, and the ingress would make up a host name"

    /// The first of a container's labels that are read by which Traefik comes to serve it without
    /// a rule of the file's, and the router that it is about; nil where there is none.
    ///
    /// Source: Traefik 3's Docker provider, `defaultRule`: a router without a rule gets one with a
    /// name made of those of service and stack, and so does a container without a router.
    static func withoutRule(
        _ read: [(key: String, label: RoutingLabel)]
    ) -> (key: String, router: String?)? {
        let read = read.sorted { $0.key < $1.key }
        // Of several that differ in case Traefik goes by the last: no denial may rest on which.
        let enabled = read.compactMap(\.label.isEnabled)
        guard enabled.isEmpty || enabled.contains(true) else { return nil }
        let ruled = Set(read.filter(\.label.isRule).compactMap(\.label.router))
        let bare = read.first { _, label in
            if let router = label.router { return !ruled.contains(router) }
            return ruled.isEmpty && label.isEnabled == true
        }
        return bare.map { ($0.key, $0.label.router) }
    }

    /// The router that it says something of.
    private var router: String? {
        parts.count > 4 && parts[1] == "http" && parts[2] == "routers" ? parts[3] : nil
    }

    /// Whether it is about routers that know no host names, as policy reads them.
    var isOfStreams: Bool { parts.count > 1 && ["tcp", "udp"].contains(parts[1]) }

    /// Whether it is the rule of its router.
    var isRule: Bool { router != nil && parts.count == 5 && parts[4] == "rule" }

    /// Whether it has the container served, or not; nil where it says nothing of that.
    private var isEnabled: Bool? {
        parts.count == 2 && parts[1] == "enable" ? RoutingLabel.truth(value) : nil
    }

    /// `http.routers.<name>.…`, `http.services.<name>.…`, `http.middlewares.<name>.…`.
    private func objection(to parts: [String], _ prefix: String, _ hosts: [String]) -> Objection? {
        guard parts.count >= 4, ["routers", "services", "middlewares"].contains(parts[1]) else {
            return Objection("this routing label is not offered")
        }
        guard RoutingLabel.isName(parts[2], below: prefix) else {
            let message = "this name of the ingress does not start with \(prefix)"
            return Objection(
                message,
                fix: "call it \(prefix), or by a name that begins so, without @"
            )
        }
        let setting = Array(parts[3...])
        switch (parts[0], parts[1]) {
        case ("http", "routers"): return objection(toRouter: setting, prefix, hosts)
        case (_, "routers"): return Objection("only HTTP routers are bound to a host name")
        case (_, "services"): return objection(toService: setting, prefix)
        default: return objection(toMiddleware: setting, prefix, hosts)
        }
    }

    private func objection(
        toRouter setting: [String],
        _ prefix: String,
        _ hosts: [String]
    ) -> Objection? {
        if setting.count == 3, setting[0] == "tls", RoutingLabel.isDomain(setting[1]),
            ["main", "sans"].contains(setting[2])
        {
            return objection(toCertificate: hosts)
        }
        let key = setting.joined(separator: ".")
        switch key {
        case "rule": return objection(toRule: hosts)
        case "service", "middlewares": return objection(toReferences: prefix)
        case "rulesyntax":
            return value == "v3" ? nil : Objection("only the rules of Traefik 3 are understood")
        case "tls.options" where value.utf8.contains(0x40):
            return Objection("references with @ are not offered")
        default:
            guard !RoutingLabel.has(key, in: RoutingLabel.routers) else { return nil }
            return Objection("this setting of a router is not offered")
        }
    }

    /// Names with commas between them, each perhaps with `*.` in front.
    private func objection(toCertificate hosts: [String]) -> Objection? {
        let names = value.split(separator: ",", omittingEmptySubsequences: false)
        let areGranted = names.allSatisfy { name in
            let name = name.drop { $0 == " " }
            let bare = name.utf8.starts(with: "*.".utf8) ? String(name.dropFirst(2)) : String(name)
            return RoutingLabel.isHost(bare, within: hosts)
        }
        guard !areGranted else { return nil }
        let fix = "write \(hosts[0]), or names that are granted: \(hosts.joined(separator: ", "))"
        return Objection("this certificate is for a host name that is not granted", fix: fix)
    }

    private func objection(toRule hosts: [String]) -> Objection? {
        let names = hosts.joined(separator: ", ")
        let fix = "write Host(`\(hosts[0])`), or names that are granted, with all below: \(names)"
        guard let rule = RoutingRule(value) else {
            return Objection("this rule is not understood", fix: fix)
        }
        guard rule.hosts.allSatisfy({ RoutingLabel.isHost($0, within: hosts) }) else {
            return Objection("this rule names a host that is not granted", fix: fix)
        }
        return rule.isBound ? nil : Objection("this rule takes requests for any host", fix: fix)
    }

    /// Names of the ingress, one or several with commas.
    func objection(toReferences prefix: String) -> Objection? {
        let names = value.split(separator: ",", omittingEmptySubsequences: false)
        let isOwn = names.allSatisfy { name in
            let trimmed = name.drop { $0 == " " }
            return RoutingLabel.isName(Text.folded(String(trimmed)), below: prefix)
        }
        guard !isOwn else { return nil }
        return Objection(
            "this refers to something that does not start with \(prefix)",
            fix: "write \(prefix), or names that begin so, without @"
        )
    }

    private static func isName(_ name: String, below prefix: String) -> Bool {
        Text.isName(name) && !name.utf8.contains(0x2E)
            && name.utf8.starts(with: Text.folded(prefix).utf8)
    }

    /// Whether `name` is one of `hosts` or lies below one; `*.` in front is no name.
    static func isHost(_ name: String, within hosts: [String]) -> Bool {
        let labels = Text.folded(name).utf8.split(separator: 0x2E, omittingEmptySubsequences: false)
            .map(Array.init)
        guard labels.allSatisfy({ !$0.isEmpty && $0.allSatisfy(isHostByte) }) else { return false }
        return hosts.contains { host in
            let granted = Text.folded(host).utf8.split(separator: 0x2E).map(Array.init)
            return !granted.isEmpty && labels.count >= granted.count
                && labels.suffix(granted.count).elementsEqual(granted)
        }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        Text.isAlphanumeric(byte) || byte == 0x2D
    }
}
