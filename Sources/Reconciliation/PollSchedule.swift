package import Model
internal import OperatorFile

/// When which repository is asked for its tip.
///
/// One poll for each repository and what is followed of it, however many stacks it has; a few at
/// a time for each host, so that a slow one uses up only its own share; after failures less and
/// less often. Pure: whoever has it says what time it is, asks what is due, and tells what came
/// of it.
struct PollSchedule: Sendable {
    /// How many at a time, and how patient.
    struct Rules: Hashable, Sendable {
        /// Polls of one host at a time.
        var perHost = 4
        /// Polls at a time in all; no host has more than half of them.
        var width = 24
        var backoff = Backoff.Settings()
    }

    private struct Entry {
        var interval: Nanoseconds
        var due: Instant
        var backoff = Backoff()
        var failingSince: Instant?
        /// Asked for while it was being asked, which may have been too early to see.
        var isWanted = false
    }

    var rules = Rules()
    private var entries: [Upstream: Entry] = [:]
    /// Since when each is being asked, also those that nobody follows any more.
    private var running: [Upstream: Instant] = [:]

    /// Takes up what is followed now, each as often as the most impatient wants it; what is new
    /// is due at once.
    mutating func follow(_ intervals: [Upstream: Nanoseconds], at now: Instant) {
        entries = entries.filter { intervals[$0.key] != nil }
        for (upstream, interval) in intervals {
            var entry = entries[upstream] ?? Entry(interval: interval, due: now)
            entry.interval = interval
            if entry.failingSince == nil { entry.due = min(entry.due, now.adding(interval)) }
            entries[upstream] = entry
        }
    }

    /// Lets one be asked as soon as there is room, whatever failed before.
    mutating func ask(_ upstream: Upstream, at now: Instant) {
        guard var entry = entries[upstream] else { return }
        entry.backoff = Backoff()
        entry.due = min(entry.due, now)
        entry.isWanted = running[upstream] != nil
        entries[upstream] = entry
    }

    /// Those to ask now: who waits longest comes first, of hosts that have room.
    mutating func begin(at now: Instant) -> [Upstream] {
        let due = entries.filter { $0.value.due <= now && running[$0.key] == nil }
            .sorted { ($0.value.due, $0.key.text) < ($1.value.due, $1.key.text) }
        var load = self.load
        var begun: [Upstream] = []
        for upstream in due.map(\.key) where running.count < rules.width {
            guard load[upstream.host, default: 0] < limit(upstream.host) else { continue }
            load[upstream.host, default: 0] += 1
            running[upstream] = now
            begun.append(upstream)
        }
        return begun
    }

    /// Notes what came of a poll, and when the next is due; `jitter` in 0…1 spreads it.
    mutating func finished(_ upstream: Upstream, at now: Instant, isGood: Bool, jitter: Double) {
        let began = running.removeValue(forKey: upstream) ?? now
        guard var entry = entries[upstream] else { return }
        if isGood {
            entry.backoff = Backoff()
            entry.failingSince = nil
            let spread = Double(entry.interval.count) * Settings.pollingJitter * jitter
            entry.due = max(now, began.adding(Nanoseconds(entry.interval.count + Int64(spread))))
        } else {
            entry.failingSince = entry.failingSince ?? began
            var patience = rules.backoff
            patience.longest = max(patience.longest, entry.interval)
            entry.backoff.fail(at: now, patience, jitter: jitter)
            entry.due = entry.backoff.until
        }
        if entry.isWanted { entry.due = now }
        entry.isWanted = false
        entries[upstream] = entry
    }

    /// When something can begin; what waits for room begins when something has finished.
    var next: Instant? {
        guard running.count < rules.width else { return nil }
        let load = self.load
        return entries.lazy.filter { upstream, _ in
            running[upstream] == nil && load[upstream.host, default: 0] < limit(upstream.host)
        }
        .map(\.value.due).min()
    }

    func isAsking(_ upstream: Upstream) -> Bool { running[upstream] != nil }

    /// Since when one fails and when it is asked again; nil while it answers.
    func outage(of upstream: Upstream) -> Outage? {
        guard let entry = entries[upstream], let since = entry.failingSince else { return nil }
        return Outage(since: since, nextTry: isAsking(upstream) ? nil : entry.due)
    }

    private var load: [String: Int] {
        running.keys.reduce(into: [:]) { $0[$1.host, default: 0] += 1 }
    }

    /// Polls of a host at a time; the node's own disk takes as many as any host may.
    private func limit(_ host: String) -> Int {
        let share = max(1, rules.width / 2)
        return host.isEmpty ? share : min(rules.perHost, share)
    }
}

/// How long something has given no good answer.
package struct Outage: Hashable, Codable, Sendable {
    /// When the first question that failed was asked.
    package var since: Instant
    /// When it is asked again; nil while it is being asked.
    package var nextTry: Instant?

    package init(since: Instant, nextTry: Instant?) {
        self.since = since
        self.nextTry = nextTry
    }
}
