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

/// Addresses that begin alike.
struct Subnet: Hashable, Sendable {
    private let bytes: [UInt8]
    private let length: Int

    /// Reads `172.28.0.0/16`, or an IPv6 subnet such as `fd00:1::/64`.
    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let bytes = Subnet.bytes(parts[0]),
            let length = Text.number(parts[1], atMost: Int64(bytes.count * 8))
        else { return nil }
        self.bytes = bytes
        self.length = Int(length)
    }

    /// Whether all addresses of `other` are among these.
    func contains(_ other: Subnet) -> Bool {
        bytes.count == other.bytes.count && length <= other.length
            && (0..<length).allSatisfy { bit(bytes, $0) == bit(other.bytes, $0) }
    }

    private func bit(_ bytes: [UInt8], _ index: Int) -> UInt8 {
        bytes[index / 8] >> (7 - UInt8(index % 8)) & 1
    }

    private static func bytes(_ address: String) -> [UInt8]? {
        if address.utf8.contains(0x3A) { return groups(address) }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { Text.number(String($0), atMost: 255).map(UInt8.init) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Groups of hexadecimal digits, with `::` once for groups of zeros.
    private static func groups(_ address: String) -> [UInt8]? {
        guard let gap = gap(address) else { return group(Substring(address), exactly: 8) }
        guard let head = group(gap.head), let tail = group(gap.tail),
            head.count + tail.count < 16
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func gap(_ address: String) -> (head: Substring, tail: Substring)? {
        guard let first = address.indices.first(where: { address[$0...].hasPrefix("::") }) else {
            return nil
        }
        return (address[..<first], address[first...].dropFirst(2))
    }

    private static func group(_ text: Substring, exactly count: Int? = nil) -> [UInt8]? {
        let parts =
            text.isEmpty ? [] : text.split(separator: ":", omittingEmptySubsequences: false)
        let bytes = parts.flatMap { part -> [UInt8] in
            guard (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16) else {
                return []
            }
            return [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
        guard bytes.count == parts.count * 2, parts.count == count ?? parts.count else {
            return nil
        }
        return bytes
    }
}
