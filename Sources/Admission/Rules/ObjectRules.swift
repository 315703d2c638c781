internal import Model

/// What networks and volumes of a stack may be made of.
extension Rule {
    static let networkDriver = Rule(
        "network-driver",
        .network,
        because: "other drivers and options reach the node's own interfaces",
        fix: "remove it; com.docker.network.driver.mtu is the one option",
        .stack { review in
            review.stack.networks.flatMap { key, network in
                review.objections(to: network, at: FieldPath("networks", key))
            }
        }
    )

    static let volumeDriver = Rule(
        "volume-driver",
        .volumeDriver,
        because: "drivers and their options mount anything of the node or of the network",
        fix: "remove driver and driver_opts; bind a granted directory in the service",
        .stack { review in
            review.stack.volumes.flatMap { key, volume in
                let path = FieldPath("volumes", key)
                let driver = volume.driver.flatMap { driver in
                    driver.isEmpty || Text.equal(driver, "local")
                        ? nil : Finding("this driver is not offered", at: path / "driver")
                }
                let options = volume.options.keys.map { name in
                    Finding(
                        "options of a volume's driver are not offered",
                        at: path / "driver_opts" / name,
                        or: path / "driver_opts"
                    )
                }
                return [driver].compactMap { $0 } + options
            }
        }
    )

    static let subnet = Rule(
        "subnet",
        .network,
        because: "addresses of a site, and those of other projects, must keep their meaning",
        fix: "remove ipam, or ask the operator for a subnet",
        .stack { review in
            review.stack.networks.flatMap { key, network in
                review.objections(to: network.addressing, at: FieldPath("networks", key) / "ipam")
            } + review.objectionsToAddresses
        }
    )

    static let endpoint = Rule(
        "endpoint",
        .network,
        because: "addresses of cards and of links, and options of their driver, deceive or reach "
            + "who else is on the network",
        fix: "remove it; services are reached by their names, and for what asks for an address of "
            + "its own, such as a licence, the operator can write an exception",
        .stack { review in
            review.services.flatMap { one -> [Finding] in
                let own =
                    one.service.macAddress?.isEmpty == false
                    ? [Finding("this is not offered", at: one.path / "mac_address")] : []
                return own
                    + one.service.networks.flatMap { key, joined in
                        objections(to: joined, at: one.path / "networks" / key)
                    }
            }
        }
    )

    private static func objections(
        to joined: Service.Attachment,
        at path: @autoclosure () -> FieldPath
    ) -> [Finding] {
        let asked = [
            ("mac_address", joined.macAddress?.isEmpty == false),
            ("link_local_ips", !joined.linkLocalAddresses.isEmpty),
            ("driver_opts", !joined.options.isEmpty),
        ]
        let name = joined.interfaceName ?? ""
        let isNamed = name.isEmpty || Grants.isInterfaceName(name)
        return asked.filter { $0.1 }.map { Finding("this is not offered", at: path() / $0.0) }
            + (isNamed
                ? []
                : [
                    Finding(
                        "this is no name of an interface",
                        at: path() / "interface_name",
                        fix: "use at most 15 letters, digits, _, . and -"
                    )
                ])
    }
}

extension StackReview {
    fileprivate func objections(
        to addressing: Stack.Network.Addressing,
        at path: FieldPath
    ) -> [Finding] {
        let driver = addressing.driver ?? "default"
        let others = [
            ["", "default"].contains(driver)
                ? nil : Finding("this driver of addresses is not offered", at: path / "driver"),
            addressing.options.isEmpty
                ? nil : Finding("options of addresses are not offered", at: path / "options"),
        ]
        return others.compactMap { $0 }
            + addressing.pools.enumerated().flatMap { index, pool in
                objections(to: pool, at: (path / "config")[index])
            }
    }

    private func objections(
        to pool: Stack.Network.Pool,
        at path: FieldPath
    ) -> [Finding] {
        let subnet = tenant.grants.objection(subnet: pool.subnet ?? "").map {
            Finding($0, at: path / "subnet", or: path, fix: subnetFix)
        }
        let range = pool.range.flatMap { range in
            tenant.grants.objection(subnet: range).map {
                Finding($0, at: path / "ip_range", fix: subnetFix)
            }
        }
        let addresses =
            [("gateway", pool.gateway)]
            + pool.reserved
            .map { ("aux_addresses", Optional($0.value)) }
        let wrong = addresses.compactMap { attribute, address -> Finding? in
            guard let address else { return nil }
            guard Text.isAddress(address) else {
                return Finding("this is no IP address", at: path / attribute, fix: "remove it")
            }
            return tenant.grants.objection(
                subnet: address + (address.contains(":") ? "/128" : "/32")
            )
            .map { _ in
                Finding(
                    "this address is in no granted subnet",
                    at: path / attribute,
                    fix: subnetFix
                )
            }
        }
        return [subnet, range].compactMap { $0 } + wrong
    }

    private var subnetFix: String {
        let subnets = tenant.grants.subnets
        return subnets.isEmpty
            ? "remove ipam, or ask the operator for a subnet; none are granted to this project"
            : "remove ipam, or use a part of: \(subnets.joined(separator: ", "))"
    }

    /// The engine itself wants an address to be in a subnet of its network.
    fileprivate var objectionsToAddresses: [Finding] {
        services.flatMap { one in
            one.service.networks.flatMap { key, joined -> [Finding] in
                let addresses = [
                    ("ipv4_address", joined.ipv4Address), ("ipv6_address", joined.ipv6Address),
                ]
                return addresses.compactMap { attribute, address in
                    guard let address, !address.isEmpty, !Text.isAddress(address) else {
                        return nil
                    }
                    let place = one.path / "networks" / key / attribute
                    return Finding("this is no IP address", at: place)
                }
            }
        }
    }

    fileprivate func objections(to network: Stack.Network, at path: FieldPath) -> [Finding] {
        let drivers = tenant.grants.networkDrivers
        let driver = network.driver.flatMap { driver in
            driver.isEmpty || drivers.contains { Text.equal($0, driver) }
                ? nil
                : Finding(
                    "this driver is not offered",
                    at: path / "driver",
                    fix: "remove it, or write one of: \(drivers.listed)"
                )
        }
        let options = network.options.compactMap { name, value in
            Grants.objection(networkOption: name, value).map {
                Finding($0, at: path / "driver_opts" / name, or: path / "driver_opts")
            }
        }
        return [driver].compactMap { $0 } + options
    }
}
