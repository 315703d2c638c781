/// Where on a node something listens, as the engine binds it.
///
/// No address is every one of IPv4 and of IPv6; `0.0.0.0` is every one of IPv4 alone, `::` of IPv6
/// alone. Source: Docker's documentation of `--publish`, and its proxy, which binds IPv6 sockets
/// for IPv6 only.
package struct ListeningAddress: Hashable, Sendable {
    private enum Family: Hashable, Sendable {
        case four, six
    }

    /// nil: every one, also where it can't be read, since a doubt must not give a port away.
    private let family: Family?
    /// nil: every one of the family.
    private let bytes: [UInt8]?

    package init(_ text: String?) {
        let bare = text.map { $0.filter { $0 != "[" && $0 != "]" } } ?? ""
        let read = bare.contains(":") ? ListeningAddress.six(bare) : ListeningAddress.four(bare)
        // An address of IPv4 in the clothes of IPv6 is one of IPv4.
        let mapped = [UInt8](repeating: 0, count: 10) + [255, 255]
        let bytes = read.map { $0.count == 16 && $0.starts(with: mapped) ? Array($0[12...]) : $0 }
        family = bytes.map { $0.count == 4 ? .four : .six }
        self.bytes = bytes.flatMap { $0.contains { $0 != 0 } ? $0 : nil }
    }

    /// Whether a process that listens on the one keeps another from listening on the other.
    package func overlaps(_ other: ListeningAddress) -> Bool {
        guard let family, let otherFamily = other.family else { return true }
        guard family == otherFamily else { return false }
        guard let bytes, let otherBytes = other.bytes else { return true }
        return bytes == otherBytes
    }

    private static func four(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        let bytes = parts.compactMap { UInt8($0) }
        return parts.count == 4 && bytes.count == 4 ? bytes : nil
    }

    /// Groups of hexadecimal digits, `::` once for zeros, perhaps an IPv4 address at the end.
    private static func six(_ text: String) -> [UInt8]? {
        let zone = text.prefix { $0 != "%" }
        let gap = zone.indices.first { zone[$0...].hasPrefix("::") }
        guard let gap else {
            let all = groups(zone)
            return all?.count == 16 ? all : nil
        }
        guard let head = groups(zone[..<gap]), let tail = groups(zone[gap...].dropFirst(2)),
            head.count + tail.count < 16
        else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, let four = four(String(part)) {
                bytes += four
            } else if (1...4).contains(part.utf8.count), let group = UInt16(part, radix: 16) {
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            } else {
                return nil
            }
        }
        return bytes
    }
}
