internal import Model

extension Rule {
    static let labelReserved = Rule(
        "label-reserved",
        .labelOwnership,
        because: "by these labels Gyre, Compose and Swarm find what is whose",
        fix: "use a prefix of your own, such as org.example.",
        .stack { review in
            review.labels.compactMap { label in
                let grants = review.tenant.grants
                guard ReservedLabel.isReserved(label.key) || grants.reserves(label: label.key)
                else { return nil }
                return label.finding("this label is reserved")
            }
        }
    )

    static let labelRouting = Rule(
        "label-routing",
        .labelRouting,
        because: "the ingress serves the host names of all projects",
        fix: "match granted hosts with Host(`name`), and start names of routers, services and "
            + "middlewares with the granted prefix, without @",
        .stack { review in
            review.labels.compactMap { label in
                let objection = label.routing?.objection(review.tenant.grants) { name in
                    review.stack.networks.values.contains { Text.equal($0.name, name) }
                }
                return objection.map { label.finding($0.message, fix: $0.fix) }
            } + review.routersWithoutRule
        }
    )

    static let ingressHost = Rule(
        "ingress-host",
        .labelRouting,
        because: "the ingress serves the host names of all projects",
        fix: "write a granted host name, or one below it",
        .service { review in
            let hosts = review.tenant.grants.hosts
            guard let ingress = review.service.ingress,
                !RoutingLabel.isHost(ingress.host, within: hosts)
            else { return [] }
            let finding = Finding(
                "\(ingress.host) is not granted to this project",
                at: review.path / "x-gyre" / "ingress" / "host",
                fix: hosts.isEmpty
                    ? "remove it, or ask the operator for a host name"
                    : "write \(hosts.joined(separator: " or ")), or a name below it"
            )
            return [finding]
        }
    )

    static let printable = Rule(
        "printable",
        .injection,
        because: "characters that can't be seen mislead whoever reads them, or end a line",
        fix: "remove line breaks, control characters and invisible characters",
        .stack { review in
            let labels = review.labels.compactMap { label -> Finding? in
                guard !Text.isPrintable(label.key) || !Text.isPrintable(label.value) else {
                    return nil
                }
                return label.finding("this label has characters that can't be seen")
            }
            let users = review.services.compactMap { one -> Finding? in
                guard let user = one.service.user, !Text.isPrintable(user) else { return nil }
                return Finding(
                    "this user has characters that can't be seen",
                    at: one.path / "user"
                )
            }
            return labels + users
        }
    )
}

extension StackReview {
    /// Labels by which the ingress would make up a host name.
    ///
    /// Nobody is granted it, and two projects could come to have the same.
    fileprivate var routersWithoutRule: [Finding] {
        labelled.compactMap { labels in
            let read = labels.compactMap { label in
                label.routing.map { (key: label.key, label: $0) }
            }
            guard !read.isEmpty, let bare = RoutingLabel.withoutRule(read),
                let label = labels.first(where: { $0.key == bare.key }),
                label.owner.components.first == .key("services")
            else { return nil }
            return label.finding(RoutingLabel.unruled, fix: ruleFix(bare.router))
        }
    }

    private func ruleFix(_ router: String?) -> String? {
        guard let prefix = tenant.grants.routes, let host = tenant.grants.hosts.first else {
            return "remove it, and ask the operator for a route"
        }
        let key = "traefik.http.routers.\(router ?? prefix).rule"
        return "write \(key): Host(`\(host)`), or traefik.enable: \"false\""
    }
}

/// One label of a stack, and what bears it.
struct WrittenLabel: Sendable {
    let owner: FieldPath
    let key: String
    let value: String
    /// What an ingress reads of it; nil where it reads nothing.
    let routing: RoutingLabel?

    private init(_ key: String, _ value: String, of owner: FieldPath) {
        self.owner = owner
        self.key = key
        self.value = value
        routing = RoutingLabel(key, value)
    }

    fileprivate func finding(_ message: String, fix: String? = nil) -> Finding {
        Finding(message, at: owner / "labels" / key, fix: fix)
    }

    /// Those of services, networks and volumes, and of volumes that are made for a mount; those
    /// in `deploy` too, which no engine gets, but an ingress would read on a Swarm.
    static func all(of stack: Stack, _ services: [ServiceReview]) -> [[WrittenLabel]] {
        var all: [[WrittenLabel]] = []
        func add(_ labels: [String: String], of owner: @autoclosure () -> FieldPath) {
            guard !labels.isEmpty else { return }
            let owner = owner()
            all.append(labels.map { WrittenLabel($0.key, $0.value, of: owner) })
        }
        for one in services {
            for (index, mount) in one.service.volumes.enumerated() {
                add(mount.options.labels, of: (one.path / "volumes")[index] / "volume")
            }
            add(one.service.labels, of: one.path)
            add(one.service.deployment?.labels ?? [:], of: one.path / "deploy")
        }
        for (key, network) in stack.networks { add(network.labels, of: FieldPath("networks", key)) }
        for (key, volume) in stack.volumes { add(volume.labels, of: FieldPath("volumes", key)) }
        for file in stack.ownFiles { add(file.labels, of: file.path) }
        return all
    }
}
