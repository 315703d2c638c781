internal import Admission
package import Model
internal import Planning

/// What one pass found and did.
package struct PassReport: Sendable {
    package let stack: StackID
    package let head: Commit?
    package let began: Instant
    package private(set) var problems: [Problem] = []
    package private(set) var target: Target?
    package private(set) var version: Version?
    package private(set) var plan: Plan?
    package private(set) var services: [ServiceStatus] = []
    package private(set) var observed: Instant?
    /// Services whose task has ended, whether its container is still there or not.
    private var tasksDone: Set<String> = []
    package var outcome: Outcome?
    /// What the history has of it; nil when there is nothing to tell.
    package var run: RunRecord?
    /// The version had been stable before, so that this can only be a repair.
    var wasProven = false
    /// Another pass is worth making at once: a version was just held, or something newer came.
    package var isUnfinished = false
    /// The target has run through its stability window.
    package var isProven = false
    /// The stack and all that ran for it is gone.
    package var isRemoved = false

    init(stack: StackID, head: Commit?, began: Instant) {
        self.stack = stack
        self.head = head
        self.began = began
    }

    /// Whether the pass itself went well, whatever it found.
    package var isSuccess: Bool {
        problems.isEmpty && (outcome?.isSuccess ?? false)
    }

    /// Whether the failure is one that time may heal, so that trying again makes sense.
    package var isWorthRetrying: Bool {
        problems.contains { [.repository, .engine, .failing].contains($0.kind) }
    }

    /// Takes up a target; `completed` names the tasks that the journal knows to have ended.
    mutating func target(_ target: Target, _ desired: Desired, completed: Set<PinKey>) {
        self.target = target
        let done = completed.filter { $0.stack == stack && desired.specs[$0.service] == $0.spec }
        tasksDone = Set(done.map(\.service))
        version = desired.version
        services = desired.admitted.stack.services.keys.sorted().map { name in
            let service = desired.admitted.stack.services[name]
            let wanted = service?.startOnCreate == true ? service?.replicas ?? 0 : 0
            return ServiceStatus(name: name, wanted: wanted, running: 0, unhealthy: 0, completed: 0)
        }
    }

    mutating func planned(_ plan: Plan, _ observed: Observation, _ desired: Desired?) {
        self.plan = plan
        saw(observed, desired)
    }

    /// Counts what does what it should.
    mutating func saw(_ observed: Observation, _ desired: Desired?) {
        self.observed = observed.time
        let byService = Dictionary(grouping: observed.containers) {
            $0.labels[Labels.service] ?? ""
        }
        let names = Set(services.map(\.name)).union(byService.keys)
        let wanted = Dictionary(services.map { ($0.name, $0.wanted) }) { first, _ in first }
        services = names.sorted().map { name in
            let containers = byService[name] ?? []
            let running = containers.filter { $0.state == .running }
            let ended = containers.count {
                $0.state == .exited && $0.exitCode == 0 && $0.labels[Labels.run] == "task"
            }
            return ServiceStatus(
                name: name,
                wanted: wanted[name] ?? 0,
                running: running.count,
                unhealthy: running.count { $0.health == .unhealthy },
                completed: tasksDone.contains(name) ? wanted[name] ?? 0 : ended
            )
        }
    }

    /// Notes that nothing may be changed, because the journal can't be built on.
    mutating func distrust(_ trust: JournalTrust) {
        switch trust {
        case .sound: break
        case .unknown(let reason):
            problems.append(
                Problem(.engine, reason, remedy: "start the engine, or mend engine: in gyre.yaml")
            )
        case .lost(let reason):
            problems.append(
                Problem(
                    .frozen,
                    "nothing is changed: \(reason)",
                    remedy: "gyre recover, then gyre recover --confirm"
                )
            )
        }
    }

    mutating func unreachable(_ reason: String) {
        problems.append(
            Problem(
                .repository,
                reason,
                remedy: "it is tried again; what was fetched last stays the target"
            )
        )
    }

    mutating func conflict(_ reason: String) {
        problems.append(
            Problem(.conflict, reason, remedy: "give one of them another name in gyre.yaml")
        )
    }

    mutating func crashing(_ slots: [Slot]) {
        guard !slots.isEmpty else { return }
        let names = slots.map(\.description).joined(separator: ", ")
        problems.append(
            Problem(
                .crashing,
                "\(names) keeps dying and is started again less and less often",
                remedy: "push a version that stays up"
            )
        )
    }

    /// A container that runs but doesn't do what it is for is left for people to look at.
    mutating func unhealthy() {
        let sick = services.filter { $0.unhealthy > 0 }
        guard !sick.isEmpty else { return }
        let names = sick.map { "\($0.unhealthy) of \($0.running) of \($0.name)" }
        problems.append(
            Problem(
                .unhealthy,
                "\(names.joined(separator: ", ")) fails its health check",
                remedy: "look at its log; gyre leaves it running so that you can"
            )
        )
    }

    mutating func failed(_ failures: [(step: Step, failure: StepFailure)]) {
        for (step, failure) in failures {
            problems.append(
                Problem(
                    .failing,
                    "\(step.operation): \(failure.text)",
                    remedy: failure.kind == .refused
                        ? "this is a mistake of Gyre's own: please report it with these words"
                        : "it is tried again, each time later; gyre sync \(stack) tries now"
                )
            )
        }
    }

    /// Turns what kept a target from being reached into a problem with its remedy.
    mutating func note(_ error: any Error, of target: Target?) {
        let of = target.map { "commit \($0.commit.short)" } ?? "the stack"
        switch error {
        // Whoever cancelled the pass knows why; nothing stands in the stack's way.
        case is CancellationError: isUnfinished = true
        case let rejection as Rejection:
            note(rejection, of: of)
        case let change as NetworkChange:
            problems.append(
                Problem(
                    .invalid,
                    "\(of) changes a network that containers are on",
                    diagnostics: change.findings,
                    remedy: "push a version that gives the network another key"
                )
            )
        case let held as HeldVersion:
            problems.append(
                Problem(
                    .held,
                    "\(of) failed and is held: \(held.hold.reason)",
                    remedy: "push another version, or gyre release \(stack)"
                )
            )
        case let needed as NeedsConfirmation:
            let trailers = needed.confirmation.names.map { "Gyre-Remove: \($0)" }
            problems.append(
                Problem(
                    .unconfirmed,
                    "\(of) waits: \(needed.confirmation.why)",
                    remedy: "gyre confirm \(stack) \(needed.confirmation.change), or a commit "
                        + "with the trailer \(trailers.joined(separator: " and "))",
                    change: needed.confirmation.change
                )
            )
        default:
            let kind: Problem.Kind = error is any EngineSideError ? .engine : .failing
            problems.append(
                Problem(
                    kind,
                    "\(error)",
                    remedy: "it is tried again, each time later"
                )
            )
        }
    }

    private mutating func note(_ rejection: Rejection, of commit: String) {
        let errors = rejection.diagnostics.filter { $0.severity == .error }
        let isPolicy = errors.contains { Policy.ruleIDs.contains($0.code) }
        let count = errors.count == 1 ? "one reason" : "\(errors.count) reasons"
        problems.append(
            Problem(
                isPolicy ? .denied : .invalid,
                isPolicy
                    ? "policy denies \(commit) for \(count)"
                    : "\(commit) can't be loaded, for \(count)",
                diagnostics: rejection.diagnostics,
                remedy: "push a version without \(errors.count == 1 ? "it" : "them")"
            )
        )
    }
}

/// Marks errors of the engine's side, so that a status can tell them from others.
package protocol EngineSideError: Error {}
