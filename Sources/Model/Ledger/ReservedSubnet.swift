/// A subnet that a network of a stack has, or is to have.
package struct ReservedSubnet: Hashable, Codable, Sendable, Comparable {
    /// The network's name on the engine.
    package var network: String
    /// As written, or as chosen.
    package var subnet: String
    /// Whether Gyre chose it; else the file names it.
    package var isChosen: Bool

    package init(_ network: String, _ subnet: String, isChosen: Bool = false) {
        self.network = network
        self.subnet = subnet
        self.isChosen = isChosen
    }

    package static func < (a: ReservedSubnet, b: ReservedSubnet) -> Bool {
        (a.network, a.subnet, a.isChosen ? 1 : 0) < (b.network, b.subnet, b.isChosen ? 1 : 0)
    }
}

extension Stack.Network {
    /// Whether the engine's own way of making networks holds for it, in which no two may have an
    /// address in common.
    ///
    /// Other drivers may lie on a network of the site, as `macvlan` does.
    fileprivate var isOwn: Bool {
        !isExternal && ["", "bridge", "overlay"].contains(driver ?? "")
    }

    /// Whether its file leaves all of its addresses open.
    package var isOpen: Bool { isOwn && addressing.isEmpty && hasIPv4 != false }

    /// The subnets that its file names.
    package var namedSubnets: [ReservedSubnet] {
        guard isOwn else { return [] }
        return subnets.filter { !$0.isEmpty }.map { ReservedSubnet(name, $0) }
    }
}
