internal import Model

/// What networks and volumes of a stack may be made of.
extension Rule {
    static let networkDriver = Rule(
        "network-driver",
        .network,
        because: "other drivers and options reach the node's own interfaces",
        fix: "remove it; com.docker.network.driver.mtu is the one option",
        .stack { review in
            review.stack.networks.sorted { $0.key < $1.key }.flatMap { key, network in
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
            review.stack.volumes.sorted { $0.key < $1.key }.flatMap { key, volume in
                let path = FieldPath("volumes", key)
                let driver = volume.driver.flatMap { driver in
                    driver.isEmpty || Text.equal(driver, "local")
                        ? nil : Finding("this driver is not offered", at: path / "driver")
                }
                let options = volume.options.keys.sorted().map { name in
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
            review.stack.networks.sorted { $0.key < $1.key }.flatMap { key, network in
                network.subnets.enumerated().compactMap { index, subnet in
                    review.tenant.grants.objection(subnet: subnet).map {
                        let config = (FieldPath("networks", key) / "ipam" / "config")[index]
                        return Finding($0, at: config / "subnet", or: config)
                    }
                }
            }
        }
    )
}

extension StackReview {
    fileprivate func objections(to network: Stack.Network, at path: FieldPath) -> [Finding] {
        let drivers = tenant.grants.networkDrivers
        let driver = network.driver.flatMap { driver in
            driver.isEmpty || drivers.contains { Text.equal($0, driver) }
                ? nil : Finding("this driver is not offered", at: path / "driver")
        }
        let options = network.options.sorted { $0.key < $1.key }.compactMap { name, value in
            Grants.objection(networkOption: name, value).map {
                Finding($0, at: path / "driver_opts" / name, or: path / "driver_opts")
            }
        }
        return [driver].compactMap { $0 } + options
    }
}
