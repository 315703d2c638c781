internal import Model

/// What is due when: one time for each thing, the earliest word counts.
struct Agenda: Sendable {
    /// Something that the controller does.
    enum Item: Hashable, Sendable {
        /// Asks for all of a repository that is due; each has the same place.
        case poll([Upstream])
        case reconcile(StackID)
        /// Asks the engine of a node whether it answers.
        case engine(String)
        case lookForOrphans
        /// Removes the containers that volumes were read through.
        case exports
        /// Takes the images off a node that nothing is made of any more.
        case images(String)
    }

    private var times: [Item: Instant] = [:]

    /// Puts `item` down for `time`, unless it is due earlier anyway.
    mutating func add(_ item: Item, at time: Instant) {
        times[item] = min(time, times[item] ?? time)
    }

    mutating func drop(_ item: Item) { times[item] = nil }

    /// Takes out what is due at `now`.
    mutating func due(at now: Instant) -> [Item] {
        let due = times.filter { $0.value <= now }
        for item in due.keys { times[item] = nil }
        return due.sorted { $0.value < $1.value }.map(\.key)
    }

    var next: Instant? { times.values.min() }
}
