/// Addresses of the internet protocol as text.
enum IPAddress {
    /// Whether `text` is an IPv4 address in four decimal numbers or an IPv6 address.
    ///
    /// Source: RFC 4291 section 2.2; no zone.
    static func isValid(_ text: String) -> Bool { isVersion4(text) || isVersion6(text) }

    private static func isVersion4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4
            && parts.allSatisfy { part in
                (part == "0" || part.first != "0") && part.first != "+" && UInt8(part) != nil
            }
    }

    private static func isVersion6(_ text: String) -> Bool {
        guard text.utf8.count <= 45 else { return false }
        let halves = text.components(separatedBy: "::")
        guard halves.count <= 2 else { return false }
        var groups = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let parts = half.split(separator: ":", omittingEmptySubsequences: false).map(
                String.init
            )
            let isLast = index == halves.count - 1
            for (place, part) in parts.enumerated() {
                if isLast, place == parts.count - 1, isVersion4(part) {
                    groups += 2
                } else if (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit) {
                    groups += 1
                } else {
                    return false
                }
            }
        }
        return halves.count == 2 ? groups <= 7 : groups == 8
    }
}

extension String {
    /// The pieces between the occurrences of `separator`.
    fileprivate func components(separatedBy separator: String) -> [String] {
        var pieces: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            pieces.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return pieces + [String(rest)]
    }
}
