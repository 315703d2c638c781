package import Model

/// What an engine's own clock shows, from the times that its answers bear.
///
/// An answer says what time it was there at some moment between the question and its arrival here.
/// What several say together is narrower than each alone. Where one contradicts those before it,
/// the clock was set, and that one alone counts. Our side is measured by the clock that nobody
/// sets.
package struct EngineClock: Hashable, Sendable {
    /// How much faster or slower than ours it may run; the kernel slews a clock by that at most.
    private static let drift = 0.0005

    /// Its time less ours, at the least and at the most, in nanoseconds.
    private var lead: ClosedRange<Int64>?
    /// When that was so.
    private var known = Nanoseconds(0)

    package init() {}

    /// Takes in the time of an answer that was asked for at `sent`, and was here at `received`;
    /// `precision` is the unit to which that time was rounded down.
    package mutating func told(
        _ time: Instant,
        to precision: Nanoseconds,
        sent: Nanoseconds,
        received: Nanoseconds
    ) {
        let least = time.milliseconds * 1_000_000
        let most = least + precision.count - sent.count
        guard sent <= received else { return }
        let said = (least - received.count)...most
        lead = lead(at: received).flatMap { $0.overlaps(said) ? $0.clamped(to: said) : nil } ?? said
        known = received
    }

    /// What it shows at `now`, at the least and at the most; nil while no answer has told.
    package func time(at now: Nanoseconds) -> ClosedRange<Instant>? {
        lead(at: now).map { lead in
            let bounds = [lead.lowerBound, lead.upperBound].map { bound in
                Instant(milliseconds: (bound + now.count) / 1_000_000)
            }
            return bounds[0]...bounds[1]
        }
    }

    private func lead(at now: Nanoseconds) -> ClosedRange<Int64>? {
        let slack = Int64(Double(max(0, now.count - known.count)) * EngineClock.drift)
        return lead.map { ($0.lowerBound - slack)...($0.upperBound + slack) }
    }
}
