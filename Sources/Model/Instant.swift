/// A point in time: milliseconds since 1970, UTC.
///
/// Pure code is given one; only the edges read a clock.
package struct Instant: Hashable, Codable, Sendable, Comparable {
    package let milliseconds: Int64

    package init(milliseconds: Int64) { self.milliseconds = milliseconds }

    package static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

    /// How long after `earlier` this is; negative when it is before.
    package func since(_ earlier: Instant) -> Nanoseconds {
        .milliseconds(milliseconds - earlier.milliseconds)
    }

    /// As long after this as `span` says, in whole milliseconds.
    package func adding(_ span: Nanoseconds) -> Instant {
        Instant(milliseconds: milliseconds + span.count / 1_000_000)
    }

    package init(from decoder: any Decoder) throws {
        self.init(milliseconds: try decoder.singleValueContainer().decode(Int64.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(milliseconds)
    }
}
