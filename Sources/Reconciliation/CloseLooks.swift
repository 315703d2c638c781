internal import Model

/// Which containers an inspect is worth: a listing tells the rest.
struct CloseLooks: Sendable {
    /// Containers that were looked at closely, in the state they were in then.
    private var known: [String: ObservedContainer] = [:]
    /// Containers that an event named since.
    private var touched: Set<String> = []

    /// Marks a container; nil marks them all.
    mutating func touch(_ container: String?) {
        if let container { touched.insert(container) } else { known.removeAll() }
    }

    /// Also whenever only a close look tells whether Docker has given up to start it again, or what
    /// a failed health check wrote.
    func isDue(_ container: ObservedContainer) -> Bool {
        let hasFailed = container.state == .exited && container.exitCode != 0
        if hasFailed, container.labels[Labels.run] == "task" { return true }
        guard let known = known[container.id], container.health != .unhealthy else { return true }
        return touched.contains(container.id) || known.state != container.state
    }

    /// A close look begins: an event from now on is about something newer than what it shows.
    mutating func begin(_ container: ObservedContainer) { touched.remove(container.id) }

    mutating func saw(_ container: ObservedContainer) { known[container.id] = container }

    /// Forgets containers that are gone.
    mutating func keep(_ present: Set<String>) {
        known = known.filter { present.contains($0.key) }
        touched.formIntersection(present)
    }
}
