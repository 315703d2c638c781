internal import Admission
internal import Model
internal import Planning
internal import Synchronization

/// What a stack remembers between passes.
///
/// Losing it costs time, never correctness.
package final class StackMemory: Sendable {
    private struct Contents {
        /// Slots whose containers had to be started again, and when that was last.
        var restarts: [Slot: (backoff: Backoff, last: Instant)] = [:]
        /// Containers that were looked at closely, in the state they were in then.
        var inspected: [String: ObservedContainer] = [:]
        /// Containers that an event named since.
        var touched: Set<String> = []
        /// Pins that were found out but not written down, because nothing changed yet.
        var pins: [JournalEntry] = []
        var passes = Backoff()
        /// What the last few commits came to, newest last; a commit never means anything else
        /// under the same policy.
        var admitted: [(key: String, stack: AdmittedStack)] = []
        /// What a commit takes away that nobody has agreed to.
        var awaited: (commit: Commit, confirmation: Confirmation)?
        /// Something newer waits; a run gives up its waits.
        var isPreempted = false
        /// The containers that were there at the last look, with their slots.
        var present: [String: Slot?] = [:]
        /// Containers that the running plan deals with itself.
        var busy: Set<String> = []
        var isRunning = false
    }

    private let contents = Mutex(Contents())
    /// The run that goes on.
    let view = LiveView()

    package init() {}

    /// What `commit` came to under the policy with `digest`, if it was read lately.
    func admitted(_ commit: Commit, _ folder: String, _ digest: String) -> AdmittedStack? {
        let key = "\(commit.id) \(digest) \(folder)"
        return contents.withLock { $0.admitted.first { $0.key == key }?.stack }
    }

    func admitted(_ stack: AdmittedStack, _ commit: Commit, _ folder: String) {
        let key = "\(commit.id) \(stack.policyDigest) \(folder)"
        contents.withLock { $0.admitted = $0.admitted.suffix(2) + [(key, stack)] }
    }

    /// What `commit` was found to take away that a person has to agree to.
    func awaited(by commit: Commit?) -> Confirmation? {
        contents.withLock { $0.awaited?.commit == commit ? $0.awaited?.confirmation : nil }
    }

    /// Notes what `commit` waits with; nil when it waits for nobody.
    func note(_ confirmation: Confirmation?, by commit: Commit?) {
        contents.withLock { contents in
            contents.awaited =
                if let commit, let confirmation { (commit, confirmation) } else { nil }
        }
    }

    /// Marks a container for a close look; nil marks them all.
    package func touch(_ container: String?) {
        contents.withLock { contents in
            if let container {
                contents.touched.insert(container)
            } else {
                contents.inspected.removeAll()
            }
        }
    }

    /// Asks a run to come to an end: a newer commit is here, or `container`, which the run does
    /// not deal with, needs a look.
    package func preempt(because container: String? = nil) {
        contents.withLock { contents in
            guard contents.isRunning else { return }
            if let container {
                // What was gone already when the plan was made is no loss to it.
                let isThere = contents.present.keys.contains(container)
                guard isThere, !contents.busy.contains(container) else { return }
            }
            contents.isPreempted = true
        }
    }

    var isPreempted: Bool { contents.withLock { $0.isPreempted } }

    func clearPreemption() { contents.withLock { $0.isPreempted = false } }

    /// Notes the containers and slots of a plan that is being performed; nil when none is any more.
    func busy(with plan: Plan?) {
        let steps = plan?.steps ?? []
        contents.withLock { contents in
            contents.isRunning = plan != nil
            let slots = Set(steps.compactMap(\.operation.slot))
            let beside = contents.present.filter { $0.value.map(slots.contains) ?? false }
            contents.busy = Set(steps.compactMap { $0.operation.container?.id } + beside.keys)
        }
    }

    /// A container that the running plan has created.
    func created(_ id: String) { contents.withLock { _ = $0.busy.insert(id) } }

    /// Also whenever only a close look tells whether Docker has given up to start it again.
    func mustInspect(_ container: ObservedContainer) -> Bool {
        let hasFailed = container.state == .exited && container.exitCode != 0
        if hasFailed, container.labels[Labels.run] == "task" { return true }
        return contents.withLock { contents in
            guard let known = contents.inspected[container.id] else { return true }
            return contents.touched.contains(container.id) || known.state != container.state
        }
    }

    func inspected(_ container: ObservedContainer) {
        contents.withLock { contents in
            contents.inspected[container.id] = container
            contents.touched.remove(container.id)
        }
    }

    /// Forgets containers that are gone.
    func saw(_ observed: Observation) {
        let present = Set(observed.containers.map(\.id))
        let there = observed.containers.filter { $0.state != .removing }
        contents.withLock { contents in
            contents.present = Dictionary(there.map { ($0.id, $0.slot) }) { first, _ in first }
            contents.inspected = contents.inspected.filter { present.contains($0.key) }
            contents.touched.formIntersection(present)
        }
    }

    func remember(_ pins: [JournalEntry]) { contents.withLock { $0.pins = pins } }

    func takePins() -> [JournalEntry] {
        contents.withLock { contents in
            defer { contents.pins = [] }
            return contents.pins
        }
    }

    /// Counts that a slot's container had to be started again.
    func restarted(_ slot: Slot, at now: Instant, _ settings: Backoff.Settings) {
        contents.withLock { contents in
            var backoff = contents.restarts[slot]?.backoff ?? Backoff()
            backoff.fail(at: now, settings)
            contents.restarts[slot] = (backoff, now)
        }
    }

    /// Forgets the restarts of slots that have run for `span` since: as long as the longest pause,
    /// or what dies every few minutes would never count as stalled.
    func settled(_ observed: Observation, for span: Nanoseconds) {
        contents.withLock { contents in
            for (slot, restart) in contents.restarts {
                let runs = observed.containers.contains {
                    $0.labels[Labels.service] == slot.service
                        && $0.labels[Labels.slot] == String(slot.number) && $0.state == .running
                }
                if runs, observed.time.since(restart.last) > span {
                    contents.restarts[slot] = nil
                }
            }
        }
    }

    /// When the next container that keeps dying may be started again.
    func nextRestart(after now: Instant) -> Instant? {
        contents.withLock { $0.restarts.values.map(\.backoff.until).filter { $0 > now }.min() }
    }

    /// Lets everything be tried again at once.
    package func forgetFailures() {
        contents.withLock { contents in
            contents.restarts = [:]
            contents.passes = Backoff()
        }
    }

    func notBefore() -> [Slot: Instant] {
        contents.withLock { $0.restarts.mapValues(\.backoff.until) }
    }

    /// Slots that have had to be started again too often.
    func stalled(_ settings: Backoff.Settings) -> [Slot] {
        contents.withLock { contents in
            contents.restarts.filter { $0.value.backoff.isStalled(settings) }.keys.sorted()
        }
    }

    /// Counts a pass that failed, or that went well; gives the back-off of all passes.
    func passed(
        _ isGood: Bool,
        at now: Instant,
        _ settings: Backoff.Settings,
        jitter: Double
    )
        -> Backoff
    {
        contents.withLock { contents in
            if isGood {
                contents.passes = Backoff()
            } else {
                contents.passes.fail(at: now, settings, jitter: jitter)
            }
            return contents.passes
        }
    }
}

extension Operation {
    /// The slot that it brings, where it brings one.
    fileprivate var slot: Slot? {
        if case .createContainer(let spec) = self { spec.slot } else { container?.slot }
    }
}
