internal import Model

/// What a network and a container's resolver may be, judged the same in a file and in a request.
extension Grants {
    /// The one option of a driver that concerns nobody else: the size of packets.
    static let packetSize = "com.docker.network.driver.mtu"

    /// Why a network may not have this option; nil when it may.
    static func objection(networkOption name: String, _ value: String) -> String? {
        guard Text.equal(name, packetSize) else {
            return "this option of the driver is not offered"
        }
        guard let size = Text.number(value, atMost: 65535), size >= 68 else {
            return "this is no size of packets"
        }
        return nil
    }

    /// Whether an interface may be called so: Linux takes fifteen characters, and no slash.
    static func isInterfaceName(_ text: String) -> Bool {
        Text.isName(text) && text.utf8.count <= 15
    }

    /// Why a network may not have these addresses; nil when it may.
    func objection(subnet: String) -> String? {
        guard let wanted = Subnet(subnet) else { return "this is no subnet such as 172.28.1.0/24" }
        return subnets.compactMap(Subnet.init).contains { $0.contains(wanted) }
            ? nil : "this subnet is not granted"
    }

    /// Why `address` may not be a host entry's; nil when it may.
    ///
    /// The engine replaces `host-gateway` by an address of the node, in any case of its letters
    /// since 20.10.
    static func objection(hostEntry name: String, address: String) -> String? {
        guard Text.isHostName(name) else { return "this is no host name" }
        guard Text.folded(address) != "host-gateway" else {
            return "host-gateway opens the services of the node"
        }
        return Text.isAddress(address) ? nil : "this is no IP address"
    }
}
