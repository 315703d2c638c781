/// A span of time in whole nanoseconds, as Compose and the engine count it.
package struct Nanoseconds: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    package let count: Int64

    package init(_ count: Int64) { self.count = count }

    /// Whole seconds.
    package static func seconds(_ count: Int64) -> Nanoseconds { .init(count * 1_000_000_000) }
    /// Whole milliseconds.
    package static func milliseconds(_ count: Int64) -> Nanoseconds { .init(count * 1_000_000) }

    package var duration: Duration { .nanoseconds(count) }
    package var seconds: Double { Double(count) / 1e9 }

    package static func < (a: Nanoseconds, b: Nanoseconds) -> Bool { a.count < b.count }

    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(count)
    }

    /// Whole seconds as `90 s`, shorter spans as `250 ms`.
    package var description: String {
        if count % 1_000_000_000 == 0 { return "\(count / 1_000_000_000) s" }
        if count % 1_000_000 == 0 { return "\(count / 1_000_000) ms" }
        return "\(count) ns"
    }
}
