/// Subnets of IPv4, all of one size, that Gyre hands out to networks.
package struct SubnetPool: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The addresses that are handed out, such as `10.200.0.0/14`.
    package let range: String
    /// The length of what one network gets: of `10.200.0.0/26`, 26.
    package let size: Int

    package init(_ range: String, size: Int) {
        self.range = range
        self.size = size
    }

    /// `10.200.0.0/14 in parts of /26`.
    package var description: String { "\(range) in parts of /\(size)" }

    /// How many there are; none where the range is not of IPv4, doesn't begin with its first
    /// address, or is smaller than one of them.
    package var count: Int {
        guard let span = Subnet(range)?.span, (1...32).contains(size),
            range.hasPrefix(SubnetPool.text(span.lowerBound) + "/"),
            span.count.isMultiple(of: width)
        else { return 0 }
        return span.count / width
    }

    /// Whether it is one that the pool hands out.
    package func offers(_ text: String) -> Bool {
        guard count > 0, text.hasSuffix("/\(size)"), let pool = Subnet(range),
            let subnet = Subnet(text)
        else { return false }
        return pool.contains(subnet)
    }

    /// The first that overlaps none of `taken`, from the place in the pool that a hash of `name`
    /// says; nil where none is left.
    package func choice(for name: String, beside taken: [Subnet]) -> String? {
        guard let first = Subnet(range)?.span?.lowerBound, count > 0 else { return nil }
        let blocked = taken.compactMap { indices(of: $0) }.sorted {
            $0.lowerBound < $1.lowerBound
        }
        let start = (Int(SHA256Hex.of(name).prefix(8), radix: 16) ?? 0) % count
        let free =
            SubnetPool.free(from: start, below: count, beside: blocked)
            ?? SubnetPool.free(from: 0, below: start, beside: blocked)
        return free.map { "\(SubnetPool.text(first + UInt32($0 * width)))/\(size)" }
    }

    /// Addresses of one.
    private var width: Int { 1 << (32 - size) }

    /// Numbers of those that overlap `subnet`.
    private func indices(of subnet: Subnet) -> ClosedRange<Int>? {
        guard let pool = Subnet(range)?.span, let span = subnet.span, pool.overlaps(span) else {
            return nil
        }
        let common = span.clamped(to: pool)
        let first = Int(common.lowerBound - pool.lowerBound) / width
        return first...Int(common.upperBound - pool.lowerBound) / width
    }

    private static func free(
        from start: Int,
        below end: Int,
        beside blocked: [ClosedRange<Int>]
    ) -> Int? {
        var free = start
        for taken in blocked where taken.upperBound >= free {
            if taken.lowerBound > free { break }
            free = taken.upperBound + 1
        }
        return free < end ? free : nil
    }

    private static func text(_ address: UInt32) -> String {
        [24, 16, 8, 0].map { String(address >> UInt32($0) & 0xFF) }.joined(separator: ".")
    }
}
