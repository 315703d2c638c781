/// Addresses that begin alike, such as `172.28.0.0/16` or `fd00:1::/64`.
package struct Subnet: Hashable, Sendable {
    private let bytes: [UInt8]
    private let length: Int

    /// nil when it is no address with a length behind a slash; bits behind the length don't count.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, let bytes = Subnet.bytes(parts[0]),
            let length = Subnet.number(parts[1], atMost: bytes.count * 8)
        else { return nil }
        self.bytes = bytes
        self.length = length
    }

    /// Whether all addresses of `other` are among these.
    package func contains(_ other: Subnet) -> Bool {
        bytes.count == other.bytes.count && length <= other.length
            && (0..<length).allSatisfy { bit(bytes, $0) == bit(other.bytes, $0) }
    }

    /// Whether an address is in both.
    package func overlaps(_ other: Subnet) -> Bool { contains(other) || other.contains(self) }

    /// The first and the last address of one of IPv4, as numbers; nil of IPv6.
    var span: ClosedRange<UInt32>? {
        guard bytes.count == 4 else { return nil }
        let address = bytes.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let rest = UInt32.max >> UInt32(length)
        let last = length == 32 ? address : address | rest
        return (length == 32 ? address : address & ~rest)...last
    }

    private func bit(_ bytes: [UInt8], _ index: Int) -> UInt8 {
        bytes[index / 8] >> (7 - UInt8(index % 8)) & 1
    }

    private static func bytes(_ address: String) -> [UInt8]? {
        if address.utf8.contains(0x3A) { return groups(address) }
        let parts = address.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { number(String($0), atMost: 255).map(UInt8.init) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Digits without a zero or a sign in front.
    private static func number(_ text: String, atMost maximum: Int) -> Int? {
        let digits = text.utf8
        guard (1...3).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.first != 0x30 || digits.count == 1
        else { return nil }
        return Int(text).flatMap { $0 <= maximum ? $0 : nil }
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
