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
    private(set) var census = Census()
    package var outcome: Outcome?
    /// What the history has of it.
    package var runs: [RunRecord] = []
    /// The version had been stable before, so that this can only be a repair.
    var wasProven = false
    /// Another pass is worth making at once: a version was just held, or something newer came.
    package var isUnfinished = false
    /// A registry has not answered yet, which is no failure; its answer brings on another pass.
    private(set) var isWaiting = false
    /// What is told of that.
    private var awaited: [Problem] = []
    /// What the head depends on.
    var dependencies: [String] = []
    /// It waits for a stack that doesn't get ready by itself.
    private(set) var isStuck = false
    /// The version was just held: the next pass, made at once, brings back what was good.
    var isHeld = false
    /// The target has run through its stability window.
    package var isProven = false
    /// The stack and all that ran for it is gone.
    package var isRemoved = false
    /// Ids of the containers that a pause of the head leaves; nil where its fate is not known.
    private(set) var left: Set<String>?
    /// Something that other stacks may wait for is free again.
    var gaveBack = false
    /// Ports of the node that the target publishes; nil where nobody asked the ledger.
    package private(set) var ports: [ReservedPort]?

    /// Whether somebody tries again what fails; else a remedy has to say who does.
    private let isAttended: Bool

    init(stack: StackID, head: Commit?, began: Instant, isAttended: Bool) {
        self.stack = stack
        self.head = head
        self.began = began
        self.isAttended = isAttended
    }

    /// Whether the pass itself went well, whatever it found.
    package var isSuccess: Bool {
        problems.isEmpty && (outcome?.isSuccess ?? false)
    }

    /// Whether the failure is one that time may heal, so that trying again makes sense.
    package var isWorthRetrying: Bool {
        problems.contains { problem in
            [.repository, .engine, .failing, .image, .missing].contains(problem.kind)
                && !awaited.contains(problem)
        }
    }

    package var services: [ServiceStatus] { census.services }
    /// When the engine was looked at; nil when that did not come about.
    package var observed: Instant? { census.observed }

    /// Notes what a commit wants to run, whether it may or not.
    mutating func expect(_ desired: Desired, completed: Set<PinKey>) {
        census.expect(desired, completed: completed)
    }

    /// The same of files that policy does not let pass.
    mutating func expect(_ stack: Stack) { census.expect(stack) }

    /// Takes up a target.
    mutating func target(_ target: Target, _ desired: Desired) {
        self.target = target
        version = desired.version
    }

    mutating func planned(_ plan: Plan, _ observed: Observation) {
        self.plan = plan
        saw(observed)
    }

    /// Notes what the ledger made of what the target asks for.
    mutating func reserved(_ grant: Grant) {
        if grant.objections.isEmpty { ports = grant.desired.ports.sorted() }
    }

    /// Counts what does what it should.
    mutating func saw(_ observed: Observation) { census.saw(observed) }

    mutating func add(_ problem: Problem) { problems.append(problem) }

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
                remedy: "what was fetched last stays the target; \(again)"
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
        let names = sick.map { service in
            let check = census.failedCheck(of: service.name).map { " (\($0))" } ?? ""
            return "\(service.unhealthy) of \(service.running) of \(service.name)\(check)"
        }
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
            let isPull = if case .pullImage = step.operation { true } else { false }
            problems.append(
                Problem(
                    isPull ? .image : .failing,
                    "\(step.operation): \(failure.text)",
                    remedy: failure.kind == .refused
                        ? "this is a mistake of Gyre's own: please report it with these words"
                        : remedy(failure.remedy)
                )
            )
        }
    }

    /// What a person can do, if anything particular is known, and what becomes of it by itself.
    private func remedy(_ known: String?) -> String {
        let retry = isAttended ? "\(again); gyre sync \(stack) tries now" : again
        return known.map { "\($0); \(retry)" } ?? retry
    }

    /// What becomes of something that failed.
    private var again: String {
        isAttended ? "it is tried again, each time later" : "gyre apply tries again"
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
        case let needs as UnmetNeeds:
            problems.append(
                Problem(
                    .missing,
                    "\(of) needs what is not there",
                    diagnostics: needs.findings,
                    remedy: "do what they say; \(again)"
                )
            )
        case let refusal as NotGranted: note(refusal, of: of)
        case let none as NoNodeFits:
            let remedy = "make room on a node, or label one; it goes on by itself when one fits"
            problems.append(Problem(.unplaced, "\(of) waits: \(none)", remedy: remedy))
        case let foreign as ForeignObjects:
            problems.append(foreign.problem(of: of))
        case let refusal as NotAdoptable:
            problems.append(
                Problem(.foreign, "\(of) \(refusal.why)", remedy: "\(refusal.remedy); \(again)")
            )
        case let awaited as AwaitsStacks:
            isStuck = awaited.stacks.contains(where: \.isStuck)
            problems.append(awaited.problem(of: of, stack))
        case let needed as StillNeeded: problems.append(needed.problem)
        case let awaited as AwaitedAnswer:
            note(awaited, of: target)
        case let trouble as ImageTrouble:
            problems.append(
                Problem(.image, "\(of) waits: \(trouble)", remedy: remedy(trouble.remedy))
            )
        case let held as HeldVersion: note(held, of: of)
        case let needed as NeedsConfirmation:
            problems.append(
                Problem(
                    .unconfirmed,
                    "\(of) waits: \(needed.confirmation.why)",
                    remedy: Confirmation.remedy(
                        isAttended
                            ? "gyre confirm \(stack) \(needed.confirmation.change)"
                            : "gyre apply \(stack) --yes",
                        names: needed.confirmation.names
                    ),
                    change: needed.confirmation.change
                )
            )
        default:
            let kind: Problem.Kind = error is any EngineSideError ? .engine : .failing
            let problem = Problem(kind, "\(error)", remedy: again)
            // It stands in the way of each target alike, and is told once, whoever tells it.
            let isTold = problems.contains { $0.kind == kind && $0.message == problem.message }
            if !isTold { problems.append(problem) }
        }
    }

    private mutating func note(_ held: HeldVersion, of version: String) {
        let isPaused = held.hold.kept?.isEmpty == false
        let state = isPaused ? "failed in part and is paused" : "failed and is held"
        left = Set(held.hold.kept ?? [])
        let remedy =
            held.hold.remedy.map { "\($0), then gyre release \(stack)" }
            ?? "push another version, or gyre release \(stack)"
        problems.append(
            Problem(
                .held,
                "\(version) \(state): \(held.hold.reason)",
                diagnostics: held.findings,
                remedy: remedy + (isAttended ? "" : ", then gyre apply")
            )
        )
    }

    /// What came of it before is told until something else does.
    private mutating func note(_ awaited: AwaitedAnswer, of target: Target?) {
        isWaiting = true
        let of = target.map { "commit \($0.commit.short)" } ?? "the stack"
        let problem =
            if let before = awaited.before {
                Problem(.image, "\(of) waits: \(before)", remedy: remedy(before.remedy))
            } else {
                Problem(
                    .waiting,
                    "\(of) waits: \(awaited.registry) was asked for \(awaited.reference)",
                    remedy: "it goes on when the registry answers; what runs is repaired meanwhile"
                )
            }
        problems.append(problem)
        self.awaited.append(problem)
    }

    private mutating func note(_ refusal: NotGranted, of commit: String) {
        let remedy =
            "do what they say; "
            + (isAttended ? "it goes on by itself when there is room" : "gyre apply tries again")
        let excess = refusal.findings.filter { $0.code == "project-quota" }
        let taken = refusal.findings.filter { $0.code != "project-quota" }
        if !taken.isEmpty {
            let what = Set(taken.map(\.message)).sorted().prefix(3).joined(separator: "; ")
            let words = "\(commit) needs what it can't have: \(what)"
            problems.append(Problem(.taken, words, diagnostics: taken, remedy: remedy))
        }
        if !excess.isEmpty {
            let words = "\(commit) asks for more than its project may take"
            problems.append(Problem(.quota, words, diagnostics: excess, remedy: remedy))
        }
    }

    /// Turns what policy denies of what serves into a problem of its own, since that runs on.
    ///
    /// `demand` says what of it a person had stopped.
    mutating func note(
        _ rejection: Rejection,
        ofServing target: Target,
        _ demand: PolicyDemand?
    ) {
        let errors = rejection.diagnostics.filter { $0.severity == .error }
        guard errors.allSatisfy(Policy.said) else {
            return note(rejection as any Error, of: target)
        }
        let count = errors.count == 1 ? "one reason" : "\(errors.count) reasons"
        let them = errors.count == 1 ? "it" : "them"
        if let demand, !demand.stops.isEmpty {
            let services = demand.stops.joined(separator: ", ")
            problems.append(
                Problem(
                    .againstPolicy,
                    "stopped by policy, as \(demand.by) wanted: \(services); commit "
                        + "\(target.commit.short) is denied for \(count)",
                    diagnostics: rejection.diagnostics,
                    remedy: "push a version without \(them), or let the operator write an "
                        + "exception; it is started again then"
                )
            )
            return
        }
        problems.append(
            Problem(
                .againstPolicy,
                "runs against policy: commit \(target.commit.short), which serves, is denied for "
                    + count,
                diagnostics: rejection.diagnostics,
                remedy: "push a version without \(them), or let the operator write an exception; "
                    + "it runs on until then, and what of it is removed is not created again; "
                    + "gyre policy enforce \(stack) shows what would stop it"
            )
        )
    }

    /// Notes what is wrong with the head, whose files nobody has looked at.
    mutating func refused(_ findings: [Diagnostic]) {
        guard !findings.isEmpty else { return }
        note(Rejection(findings), of: head.map { "commit \($0.short)" } ?? "the stack")
    }

    private mutating func note(_ rejection: Rejection, of commit: String) {
        let errors = rejection.diagnostics.filter { $0.severity == .error }
        let denials = errors.count(where: Policy.said)
        let count = errors.count == 1 ? "one reason" : "\(errors.count) reasons"
        let isLoaded = denials == errors.count
        let unloadable =
            "\(commit) can't be loaded" + (denials > 0 ? ", and policy denies it" : "")
        problems.append(
            Problem(
                isLoaded ? .denied : .invalid,
                isLoaded
                    ? "policy denies \(commit) for \(count)" : "\(unloadable), for \(count)",
                diagnostics: rejection.diagnostics,
                remedy: "push a version without \(errors.count == 1 ? "it" : "them")"
            )
        )
    }
}

/// Marks errors of the engine's side, so that a status can tell them from others.
package protocol EngineSideError: Error {}
