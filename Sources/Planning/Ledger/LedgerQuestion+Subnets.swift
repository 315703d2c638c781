internal import Model

/// Subnets that two networks would have.
extension LedgerQuestion {
    /// Nothing that the stack has already is asked for again: first come keeps.
    var subnetObjections: [Diagnostic] {
        let made = Set(networks.map(\.name))
        let had = (ledger.reservations[stack.id] ?? Reservation()).subnets
        var findings: [Diagnostic] = []
        for (key, network) in stack.networks.sorted(by: { $0.key < $1.key })
        where !made.contains(network.name) {
            for asked in network.namedSubnets where !had.contains(asked) {
                guard let subnet = Subnet(asked.subnet), let words = holder(of: asked, subnet)
                else { continue }
                findings.append(
                    finding(
                        "subnet-taken",
                        "subnet \(asked.subnet) \(words)",
                        at: subnetPath(of: asked.subnet, in: network, key),
                        fix: "write another subnet"
                            + (pool == nil ? "" : ", or none, so that Gyre chooses one")
                    )
                )
            }
        }
        for key in unmetNetworks {
            findings.append(
                finding(
                    "subnet-pool",
                    "no subnet is left for network \(key): Gyre chooses from "
                        + "\(pool.map { "\($0)" } ?? "none"), and all are taken",
                    at: FieldPath("networks", key),
                    fix: "use fewer networks, or ask the operator for a larger networks.pool or "
                        + "smaller parts of it (networks.size)"
                )
            )
        }
        return findings
    }

    /// Who has part of it, in words; of what isn't the project's own nothing but that.
    private func holder(of asked: ReservedSubnet, _ subnet: Subnet) -> String? {
        func overlaps(_ other: ReservedSubnet) -> Bool {
            Subnet(other.subnet)?.overlaps(subnet) ?? false
        }
        let there = networks.flatMap { network in
            network.subnets.map { ReservedSubnet(network.name, $0) }
        }
        let own = needed.subnets + there
        let twin = own.first { $0.network != asked.network && overlaps($0) }
        if let twin {
            return "overlaps \(twin.subnet), which network \(twin.network) of this stack has"
        }
        let others = ledger.reservations.filter { $0.key != stack.id }
        let holders = others.flatMap { other, reservation in
            reservation.subnets.filter(overlaps).map { (other, $0) }
        }
        if let (other, held) = holders.min(by: { $0.0 < $1.0 }) {
            return other.project == stack.id.project
                ? "overlaps \(held.subnet), which stack \(other) has for its network "
                    + held.network
                : "overlaps another project's"
        }
        return strangers.contains { $0.overlaps(subnet) }
            ? "overlaps that of another network of the node" : nil
    }

    private func subnetPath(
        of subnet: String,
        in network: Stack.Network,
        _ key: String
    ) -> FieldPath {
        let pools = FieldPath("networks", key, "ipam", "config")
        let index = network.addressing.pools.firstIndex { $0.subnet == subnet }
        return index.map { pools[$0] / "subnet" } ?? pools
    }
}
