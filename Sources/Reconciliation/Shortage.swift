internal import Model

/// Services of a Swarm that have fewer tasks than they are to have, and since when.
///
/// A Swarm makes tasks anew for as long as it takes, so that only time tells that none comes up.
struct Shortage: Sendable {
    private var since: [String: Instant] = [:]

    /// Takes in which services are short `now`; gives those that have been for longer than `span`.
    mutating func see(
        _ short: Set<String>,
        at now: Instant,
        longerThan span: Nanoseconds
    ) -> Set<String> {
        since = since.filter { short.contains($0.key) }
        for name in short where since[name] == nil { since[name] = now }
        return Set(since.filter { now.since($0.value) > span }.keys)
    }
}
