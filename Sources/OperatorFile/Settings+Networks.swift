internal import Model
internal import YAMLTree

/// The keys of `gyre.yaml` that say where networks of stacks get their subnets from.
extension Shape {
    static let networks = Shape.mapping([
        Key(
            "pool",
            .value(.subnet),
            isRequired: true,
            "Addresses of IPv4 that nobody else uses, on no node; networks of the whole cluster "
                + "get parts of them, no two the same."
        ),
        Key(
            "size",
            .value(.count(SubnetPool.sizes)),
            standard: "\(SubnetPool.usualSize)",
            "Length of what one network gets: 26 is 64 addresses, of which 61 are for containers."
        ),
    ])
}

extension SubnetPool {
    /// A network needs room for a gateway and one container.
    static let sizes = 8...30
    static let usualSize = 26

    /// nil where nothing is written.
    init?(reading node: Reading) {
        guard let range = node["pool"].text else { return nil }
        self.init(range, size: node["size"].int ?? SubnetPool.usualSize)
    }
}

/// What the keys of networks say together.
extension SenseCheck {
    mutating func checkSubnets(_ file: Node) {
        guard let pool = settings.subnets, let node = file["networks"],
            Format.isSubnet(pool.range), SubnetPool.sizes.contains(pool.size)
        else { return }
        let path = FieldPath("networks", "pool")
        let place = node["pool"] ?? node
        guard pool.count > 0 else {
            let message =
                "\(pool.range) is no subnet of IPv4 that begins with its first address and has "
                + "room for a network of /\(pool.size)"
            return refuse(place, path, "invalid-pool", message)
        }
        for (name, project) in settings.projects.sorted(by: { $0.key < $1.key }) {
            let granted = project.policy.grants.subnets.filter { text in
                Subnet(text).flatMap { granted in
                    Subnet(pool.range).map { $0.overlaps(granted) }
                } ?? false
            }
            guard let first = granted.first else { continue }
            warn(
                place,
                path,
                "granted-pool",
                "\(first) is granted to project \(name): what it takes of \(pool.range), no "
                    + "other network can get"
            )
        }
    }
}
