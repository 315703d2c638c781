internal import Model
internal import Planning

/// Slots whose containers had to be started again: each waits longer every time.
struct Restarts: Sendable {
    private var slots: [Slot: (backoff: Backoff, last: Instant)] = [:]

    /// Counts that a slot's container had to be started again.
    mutating func add(_ slot: Slot, at now: Instant, _ settings: Backoff.Settings) {
        var backoff = slots[slot]?.backoff ?? Backoff()
        backoff.fail(at: now, settings)
        slots[slot] = (backoff, now)
    }

    /// Forgets slots that have run for `span` since: as long as the longest pause, or what dies
    /// every few minutes would never count as stalled.
    mutating func settle(_ observed: Observation, for span: Nanoseconds) {
        for (slot, restart) in slots where observed.time.since(restart.last) > span {
            let runs = observed.containers.contains { $0.slot == slot && $0.state == .running }
            if runs { slots[slot] = nil }
        }
    }

    /// By slot, before when its container is not to be started.
    var notBefore: [Slot: Instant] { slots.mapValues(\.backoff.until) }

    /// When the next container may be started again.
    func next(after now: Instant) -> Instant? { notBefore.values.filter { $0 > now }.min() }

    /// Slots that have had to be started again too often.
    func stalled(_ settings: Backoff.Settings) -> [Slot] {
        slots.filter { $0.value.backoff.isStalled(settings) }.keys.sorted()
    }
}
