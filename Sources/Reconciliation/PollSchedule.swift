package import Model
internal import OperatorFile

/// When which repository is asked for its tip.
///
/// One poll at a time for each repository, of all that is due of it, however many stacks, branches
/// and tags that is; a few at a time for each host, so that a slow one uses up only its own share,
/// and few of all slow hosts together; after failures less and less often. Pure: whoever has it
/// says what time it is, asks what is due, and tells what came of it.
struct PollSchedule: Sendable {
    /// How many at a time, and how patient.
    struct Rules: Hashable, Sendable {
        /// Polls of one host at a time.
        var perHost = 4
        /// Polls at a time of all hosts that answer soon; no host has more than half of them, nor
        /// have all slow hosts together.
        var width = 24
        /// When a poll that goes on makes its host a slow one.
        var patience = Nanoseconds.seconds(5)
        var backoff = Backoff.Settings()
    }

    private struct Entry {
        /// The number of its repository.
        let place: Int
        var interval: Nanoseconds
        var due: Instant
        var backoff = Backoff()
        var failingSince: Instant?
        /// Asked for while it was being asked, which may have been too early to see.
        var isWanted = false
    }

    private struct Run {
        let place: Int
        let began: Instant
    }

    var rules = Rules()
    private var entries: [Upstream: Entry] = [:]
    /// A number for each repository that was ever followed.
    private var places: [Upstream.Place: Int] = [:]
    /// Each that is being asked, also those that nobody follows any more.
    private var running: [Upstream: Run] = [:]
    /// Hosts whose latest poll took long, or does.
    private var slow: Set<String> = []

    /// Polls at a time whatever happens: those that were begun before their hosts were known to be
    /// slow go on beside the others.
    private var most: Int { 4 * rules.width }

    /// Takes up what is followed now, each as often as the most impatient wants it; what is new
    /// is due at once.
    mutating func follow(_ intervals: [Upstream: Nanoseconds], at now: Instant) {
        entries = entries.filter { intervals[$0.key] != nil }
        for (upstream, interval) in intervals {
            let place = places[upstream.place] ?? places.count
            places[upstream.place] = place
            var entry = entries[upstream] ?? Entry(place: place, interval: interval, due: now)
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

    /// Those to ask now, by repository: who waits longest comes first, of hosts that have room.
    ///
    /// What answers well is asked along with what is due of the same repository, which costs no
    /// question more.
    mutating func begin(at now: Instant) -> [[Upstream]] {
        noteSlow(at: now)
        var busy = self.busy
        var count = self.count
        var load = self.load
        let due = entries.lazy.filter { $0.value.due <= now && !busy.contains($0.value.place) }
            .sorted { ($0.value.due, $0.key.text) < ($1.value.due, $1.key.text) }
        var begun: [[Upstream]] = []
        for (upstream, entry) in due where busy.count < most {
            let host = upstream.host
            guard load[host, default: 0] < limit(host), hasRoom(host, count),
                busy.insert(entry.place).inserted
            else { continue }
            load[host, default: 0] += 1
            if slow.contains(host) { count.slow += 1 } else { count.soon += 1 }
            let together = entries.lazy.filter { _, other in
                other.place == entry.place && (other.failingSince == nil || other.due <= now)
            }
            .map(\.key).sorted { $0.text < $1.text }
            for upstream in together { running[upstream] = Run(place: entry.place, began: now) }
            begun.append(together)
        }
        return begun
    }

    /// Notes what came of a poll, and when the next is due; `jitter` in 0…1 spreads it.
    mutating func finished(_ upstream: Upstream, at now: Instant, isGood: Bool, jitter: Double) {
        let began = running.removeValue(forKey: upstream)?.began ?? now
        if now.since(began) < rules.patience {
            slow.remove(upstream.host)
        } else {
            slow.insert(upstream.host)
        }
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
        let (busy, load, count) = (self.busy, self.load, self.count)
        guard busy.count < most else { return nil }
        var next: Instant?
        var isWaiting = false
        for (upstream, entry) in entries where !busy.contains(entry.place) {
            let host = upstream.host
            guard load[host, default: 0] < limit(host) else { continue }
            if hasRoom(host, count) {
                next = min(entry.due, next ?? entry.due)
            } else {
                isWaiting = isWaiting || !slow.contains(host)
            }
        }
        guard isWaiting else { return next }
        // The first of those that go on to take long makes room.
        let turn = running.filter { !slow.contains($0.key.host) }.values.map(\.began).min()
        return [next, turn?.adding(rules.patience)].compactMap(\.self).min()
    }

    func isAsking(_ upstream: Upstream) -> Bool { running[upstream] != nil }

    /// Since when one fails and when it is asked again; nil while it answers.
    func outage(of upstream: Upstream) -> Outage? {
        guard let entry = entries[upstream], let since = entry.failingSince else { return nil }
        return Outage(since: since, nextTry: isAsking(upstream) ? nil : entry.due)
    }

    /// The repositories that are being asked.
    private var busy: Set<Int> { Set(running.values.map(\.place)) }

    /// How many of each host are.
    private var load: [String: Int] {
        var seen: Set<Int> = []
        return running.reduce(into: [:]) { load, run in
            if seen.insert(run.value.place).inserted { load[run.key.host, default: 0] += 1 }
        }
    }

    /// How many of hosts that answer soon, and of slow ones.
    private var count: (soon: Int, slow: Int) {
        load.reduce(into: (0, 0)) { count, load in
            if slow.contains(load.key) { count.1 += load.value } else { count.0 += load.value }
        }
    }

    private mutating func noteSlow(at now: Instant) {
        for (upstream, run) in running where now.since(run.began) >= rules.patience {
            slow.insert(upstream.host)
        }
    }

    private func hasRoom(_ host: String, _ count: (soon: Int, slow: Int)) -> Bool {
        slow.contains(host) ? count.slow < max(1, rules.width / 2) : count.soon < rules.width
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
