package import Model

/// Which subnet each network gets whose file names none.
///
/// A pure function of what is known: a network that is there has what it has, what the journal
/// knows is kept, and the rest is the first free subnet from a place in the pool that a hash names.
/// So the same stack gets the same subnets where nobody else has any, whatever came before.
package struct SubnetChoosing: Sendable {
    /// nil where the engine chooses.
    package var pool: SubnetPool?
    /// What the stack has reserved so far.
    package var before: Reservation
    /// Its own networks that are there.
    package var networks: [ObservedNetwork]
    /// What others have.
    package var taken: [Subnet]

    package init(
        from pool: SubnetPool?,
        before: Reservation,
        networks: [ObservedNetwork],
        taken: [Subnet]
    ) {
        self.pool = pool
        self.before = before
        self.networks = networks
        self.taken = taken
    }

    /// What was chosen, and for which networks nothing was left.
    package struct Result: Sendable {
        /// By name on the engine.
        package var subnets: [String: String] = [:]
        /// Keys of the file, sorted.
        package var unmet: [String] = []
    }

    /// For all networks whose file names none, new ones and those that are there.
    package func subnets(for stack: Stack) -> Result {
        let open = stack.networks.filter(\.value.isOpen).sorted { $0.key < $1.key }
        let named = stack.networks.values.flatMap(\.namedSubnets).map(\.subnet)
        var used = taken + (named + networks.flatMap(\.subnets)).compactMap(Subnet.init)
        var result = Result()
        for (_, network) in open {
            let had =
                networks.first { $0.name == network.name }.map(has)
                ?? reserved(for: network.name, beside: used)
            guard let had else { continue }
            result.subnets[network.name] = had
            used += [Subnet(had)].compactMap(\.self)
        }
        guard let pool else { return result }
        for (key, network) in open where result.subnets[network.name] == nil {
            // One that is there has what the engine gave it, and is never made anew for that.
            guard !networks.contains(where: { $0.name == network.name }) else { continue }
            if let free = pool.choice(for: "\(stack.id) \(network.name)", beside: used) {
                result.subnets[network.name] = free
                used += [Subnet(free)].compactMap(\.self)
            } else {
                result.unmet.append(key)
            }
        }
        return result
    }

    /// What of the pool a network has that is there; what was reserved where no engine tells.
    private func has(_ network: ObservedNetwork) -> String? {
        let known = before.subnets.filter { $0.isChosen && $0.network == network.name }
            .map(\.subnet)
        if network.subnets.isEmpty { return known.first }
        return network.subnets.first(where: known.contains)
            ?? network.subnets.first { pool?.offers($0) ?? false && isFree($0, beside: taken) }
    }

    private func reserved(for network: String, beside used: [Subnet]) -> String? {
        before.subnets.first {
            $0.isChosen && $0.network == network && pool?.offers($0.subnet) ?? false
                && isFree($0.subnet, beside: used)
        }?.subnet
    }

    private func isFree(_ text: String, beside used: [Subnet]) -> Bool {
        Subnet(text).map { subnet in !used.contains { $0.overlaps(subnet) } } ?? false
    }
}
