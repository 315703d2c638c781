internal import Model
internal import Planning

/// Slots whose containers had to be started again: each waits longer every time.
struct Restarts: Sendable {
    private struct Restart {
        let container: String
        var backoff = Backoff()
        var last: Instant
    }

    private var slots: [Slot: Restart] = [:]

    /// Counts that the container with the id `container` had to be started again in its slot.
    mutating func add(
        _ container: String,
        in slot: Slot,
        at now: Instant,
        _ settings: Backoff.Settings
    ) {
        let known = slots[slot].flatMap { $0.container == container ? $0 : nil }
        var restart = known ?? Restart(container: container, last: now)
        restart.backoff.fail(at: now, settings)
        restart.last = now
        slots[slot] = restart
    }

    /// Forgets slots that another container fills now, since it is another version that may live;
    /// and those that have run for `span` since: as long as the longest pause, or what dies every
    /// few minutes would never count as stalled.
    mutating func settle(_ observed: Observation, at now: Instant, for span: Nanoseconds) {
        for (slot, restart) in slots {
            let there = observed.containers.filter { $0.slot == slot }
            let isReplaced = !there.isEmpty && !there.contains { $0.id == restart.container }
            let isOver = now.since(restart.last) > span
            if isReplaced || isOver && there.contains(where: { $0.state == .running }) {
                slots[slot] = nil
            }
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
