internal import Admission
internal import Model
internal import Planning
internal import Synchronization

/// What a stack remembers between passes.
///
/// Losing it costs time, never correctness.
package final class StackMemory: Sendable {
    private struct Contents {
        /// Of the node that the stack is to move to.
        var elsewhere: StackMemory?
        var restarts = Restarts()
        var shortage = Shortage()
        var looks = CloseLooks()
        var preemption = Preemption()
        /// Pins that were found out but not written down, because nothing changed yet.
        var pins: [JournalEntry] = []
        var passes = Backoff()
        /// What the files of the last few commits came to, newest last.
        var readings: [(key: String, result: Result<StackReading, Rejection>)] = []
        /// What the last few commits came to, newest last; a commit never means anything else
        /// under the same policy.
        var admitted: [(key: String, stack: AdmittedStack)] = []
        /// What numbers of users mean on the node; nil where nobody asked.
        var users: NodeUsers?
        var mayHaveOtherUsers = false
        /// The commit and policy for which the audit log has what is said of what serves.
        var weighed = ""
        /// What an agent let pass lately, by the question, and until when that holds.
        var verdicts: [String: (answer: AgentAnswer, until: Instant)] = [:]
        /// What the agent calls its last verdict, and on which commit.
        var decision: (name: String?, commit: String)?
        /// The last denials that the audit log was told of, without what each asking changes.
        var denied: Set<String> = []
        /// What a commit takes away that nobody has agreed to.
        var awaited: (commit: Commit, confirmation: Confirmation)?
        /// Where its services are led to; nil where nobody knows yet.
        var routes: [ReservedRoute]?
    }

    private let contents = Mutex(Contents())
    /// The run that goes on.
    let view = LiveView()
    private let answersForHead = RegistryAnswers()
    private let answersForGood = RegistryAnswers()

    package init() {}

    /// What is remembered of the node that the stack is to move to; what ends a run here ends one
    /// there.
    var elsewhere: StackMemory {
        contents.withLock { contents in
            let memory = contents.elsewhere ?? StackMemory()
            contents.elsewhere = memory
            return memory
        }
    }

    /// What `commit` came to under the policy with `digest`, if it was read lately.
    func admitted(_ commit: Commit, _ files: String, _ digest: String) -> AdmittedStack? {
        let key = "\(commit.id) \(digest) \(files)"
        return contents.withLock { $0.admitted.first { $0.key == key }?.stack }
    }

    func admitted(_ stack: AdmittedStack, _ commit: Commit, _ files: String) {
        let key = "\(commit.id) \(stack.policyDigest) \(files)"
        contents.withLock { $0.admitted = $0.admitted.suffix(2) + [(key, stack)] }
    }

    /// Whether the audit log has what the policy with `digest` says of `commit`, which serves.
    func isWeighed(_ commit: Commit, _ digest: String) -> Bool {
        contents.withLock { $0.weighed == "\(commit.id) \(digest)" }
    }

    func weighed(_ commit: Commit, _ digest: String) {
        contents.withLock { $0.weighed = "\(commit.id) \(digest)" }
    }

    /// What an agent said to a question, if that holds at `now` still.
    func verdict(on question: String, at now: Instant) -> AgentAnswer? {
        contents.withLock { contents in
            contents.verdicts = contents.verdicts.filter { $0.value.until > now }
            return contents.verdicts[question]?.answer
        }
    }

    func judged(_ question: String, _ answer: AgentAnswer, until: Instant) {
        contents.withLock { $0.verdicts[question] = (answer, until) }
    }

    /// Notes what an agent calls a verdict that may turn out to be a denial.
    func refused(by decision: String?, _ commit: Commit) {
        contents.withLock { $0.decision = (decision, commit.id) }
    }

    /// What the agent calls its last verdict, if it was on `commit`.
    func decision(on commit: Commit) -> String? {
        contents.withLock { $0.decision?.commit == commit.id ? $0.decision?.name : nil }
    }

    /// Whether a denial is another one than the last few.
    func isNews(denial: String) -> Bool {
        contents.withLock { contents in
            if contents.denied.count > 8 { contents.denied = [] }
            return contents.denied.insert(denial).inserted
        }
    }

    /// What registries were asked on behalf of the head, or of what was good.
    func answers(for role: Target.Role) -> RegistryAnswers {
        switch role {
        case .head: answersForHead
        case .good: answersForGood
        }
    }

    /// What the files of `commit` came to, if they were read lately.
    func reading(_ commit: Commit, _ files: String) -> Result<StackReading, Rejection>? {
        let key = "\(commit.id) \(files)"
        return contents.withLock { $0.readings.first { $0.key == key }?.result }
    }

    func read(_ result: Result<StackReading, Rejection>, _ commit: Commit, _ files: String) {
        let key = "\(commit.id) \(files)"
        contents.withLock { $0.readings = $0.readings.suffix(2) + [(key, result)] }
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

    /// Where its services are led to; nil where nobody knows yet.
    var routes: [ReservedRoute]? { contents.withLock { $0.routes } }

    /// Notes where a stack's files lead to; from here on that holds.
    func lead(_ routes: [ReservedRoute]) { contents.withLock { $0.routes = routes } }

    /// Marks a container for a close look; nil marks them all.
    package func touch(_ container: String?) {
        contents.withLock { $0.looks.touch(container) }
    }

    /// What numbers of users mean on the node; nil where nobody asked.
    var users: NodeUsers? { contents.withLock { $0.users } }

    /// Whether it has to be asked again: another engine may answer by now.
    var mustLearnUsers: Bool { contents.withLock { $0.users == nil || $0.mayHaveOtherUsers } }

    func doubtUsers() { contents.withLock { $0.mayHaveOtherUsers = true } }

    func learned(_ users: NodeUsers) {
        contents.withLock { contents in
            contents.users = users
            contents.mayHaveOtherUsers = false
        }
    }

    /// A pass takes its head, and looks for no newer one.
    func takesHead() {
        let other = contents.withLock { contents in
            contents.preemption.takesHead()
            return contents.elsewhere
        }
        other?.takesHead()
    }

    /// Notes that a newer head is here than the one that a pass took.
    func supersede() {
        let other = contents.withLock { contents in
            contents.preemption.supersede()
            return contents.elsewhere
        }
        other?.supersede()
    }

    /// Whether the pass that prepares is overtaken.
    var isSuperseded: Bool { contents.withLock { $0.preemption.isSuperseded } }

    /// Asks a run to come to an end: `container`, which the run does not deal with, needs a look;
    /// without one, what the run goes by has changed.
    package func preempt(because container: String? = nil) {
        let other = contents.withLock { contents in
            contents.preemption.ask(because: container)
            return contents.preemption.isAsked ? contents.elsewhere : nil
        }
        other?.preempt()
    }

    var isPreempted: Bool { contents.withLock { $0.preemption.isAsked } }

    /// Notes that a plan is being performed, or that none is any more.
    func isBusy(_ isBusy: Bool, isRepair: Bool = false) {
        contents.withLock { contents in
            if isBusy {
                contents.preemption.begin(isRepair: isRepair)
            } else {
                contents.preemption.end()
            }
        }
    }

    /// A container that the running plan has created, or does something to.
    func handles(_ id: String) { contents.withLock { $0.preemption.handles(id) } }

    /// A container over which the running plan begins to keep a vigil.
    func watches(_ id: String) { contents.withLock { $0.preemption.watches(id) } }

    /// A container over which a vigil has ended, and that is up.
    func judged(up id: String) { contents.withLock { $0.preemption.judged(id) } }

    /// A run reached what it was for.
    func succeeded() { contents.withLock { $0.preemption.succeeded() } }

    func mustInspect(_ container: ObservedContainer) -> Bool {
        contents.withLock { $0.looks.isDue(container) }
    }

    /// A close look begins, by whoever puts right what it shows.
    func inspecting(_ container: ObservedContainer) {
        contents.withLock { $0.looks.begin(container) }
    }

    func inspected(_ container: ObservedContainer) { contents.withLock { $0.looks.saw(container) } }

    /// Forgets containers that are gone, and restarts that lie as far back as `span`.
    func saw(_ observed: Observation, at now: Instant, settlingFor span: Nanoseconds) {
        contents.withLock { contents in
            contents.looks.keep(Set(observed.containers.map(\.id)))
            contents.preemption.saw(observed)
            contents.restarts.settle(observed, at: now, for: span)
        }
    }

    func remember(_ pins: [JournalEntry]) { contents.withLock { $0.pins = pins } }

    /// A pin that was found out and is not written down yet.
    func pin(of key: PinKey) -> ImagePin? {
        contents.withLock { contents in
            for case .pinned(let other, let pin) in contents.pins where other == key {
                return pin
            }
            return nil
        }
    }

    func takePins() -> [JournalEntry] {
        contents.withLock { contents in
            defer { contents.pins = [] }
            return contents.pins
        }
    }

    var restarts: Restarts { contents.withLock { $0.restarts } }

    /// Counts that a slot's container had to be started again.
    func restarted(
        _ container: String,
        in slot: Slot,
        at now: Instant,
        _ settings: Backoff.Settings
    ) {
        contents.withLock { $0.restarts.add(container, in: slot, at: now, settings) }
    }

    /// Takes in which services of a Swarm lack tasks; gives those that have for longer than `span`.
    func lacking(
        _ short: Set<String>,
        at now: Instant,
        longerThan span: Nanoseconds
    ) -> Set<String> {
        contents.withLock { $0.shortage.see(short, at: now, longerThan: span) }
    }

    /// Lets everything be tried again at once.
    package func forgetFailures() {
        contents.withLock { contents in
            contents.restarts = Restarts()
            contents.passes = Backoff()
        }
    }

    /// What the passes that failed have come to.
    var backoff: Backoff { contents.withLock { $0.passes } }

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
