package import Model

/// How long to wait before trying again what failed.
package struct Backoff: Hashable, Codable, Sendable {
    /// The pauses and the patience.
    package struct Settings: Hashable, Codable, Sendable {
        package var first: Nanoseconds
        package var longest: Nanoseconds
        /// Failures in a row after which something counts as stalled.
        package var stalledAfter: Int

        package init(
            first: Nanoseconds = .seconds(1),
            longest: Nanoseconds = .seconds(300),
            stalledAfter: Int = 5
        ) {
            self.first = first
            self.longest = longest
            self.stalledAfter = stalledAfter
        }
    }

    package private(set) var failures = 0
    package private(set) var until = Instant(milliseconds: 0)

    package init() {}

    /// Counts a failure at `now`; `jitter` in 0…1 spreads the next try over a tenth.
    package mutating func fail(at now: Instant, _ settings: Settings, jitter: Double = 0) {
        failures += 1
        let doubled = settings.first.count << min(failures - 1, 30)
        let span = min(max(doubled, settings.first.count), settings.longest.count)
        until = now.adding(Nanoseconds(span + Int64(Double(span) * 0.1 * jitter)))
    }

    /// Whether it failed too often in a row to be called passing trouble.
    package func isStalled(_ settings: Settings) -> Bool { failures >= settings.stalledAfter }
}
