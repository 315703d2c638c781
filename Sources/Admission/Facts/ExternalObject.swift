package import Model

extension TenantPolicy {
    /// Why `stack` may not use `object`, which it names and doesn't make; nil when it may.
    ///
    /// A name says whose an object is, and nothing of what it is: one that was made by hand, or by
    /// another stack under an exception, can reach anything of the node. So it has to be as the
    /// stack's own could be, unless the operator shares it.
    package func objection(
        toExternal object: NamedObject,
        for stack: StackID,
        at now: Instant
    ) -> String? {
        guard !grants.shared.contains(where: { Text.equal($0, object.name) }) else { return nil }
        let enforcement = Enforcement(tenant: self, stack: stack, now: now)
        switch object.kind {
        case .network where enforcement.hold(Rule.networkDriver.id) == .enforced:
            return grants.objection(toNetwork: object)
        case .volume where enforcement.hold(Rule.volumeDriver.id) == .enforced:
            return Grants.objection(toVolume: object)
        case .secret:
            // What a plugin gives may differ by who asks.
            return object.driver.map { "its driver is \($0), which is not granted" }
        default: return nil
        }
    }
}

extension Grants {
    /// What Swarm itself gives to an overlay network.
    private static let swarmOptions = [
        "com.docker.network.driver.overlay.vxlanid_list", "encrypted",
    ]

    fileprivate func objection(toNetwork object: NamedObject) -> String? {
        let driver = object.driver ?? "bridge"
        guard (networkDrivers + ["bridge", "overlay"]).contains(where: { Text.equal($0, driver) })
        else { return "its driver is \(driver), which is not granted" }
        let options = object.options.sorted { $0.key < $1.key }.filter { name, value in
            !Grants.swarmOptions.contains(name)
                && Grants.objection(networkOption: name, value) != nil
        }
        return options.first.map { "it has the option \($0.key), which is not granted" }
    }

    fileprivate static func objection(toVolume object: NamedObject) -> String? {
        guard Text.equal(object.driver ?? "local", "local") else {
            return "its driver is \(object.driver ?? "local"), which is not granted"
        }
        return object.options.isEmpty
            ? nil : "it has options, so that it can be any folder of the node or the network"
    }
}
