internal import Admission
internal import Model
internal import Planning

extension Reconciler {
    /// Performs a plan: the decision is durable before the engine is called (law 14).
    ///
    /// First in the audit log, then in the journal: what is acted upon has its evidence. Starting
    /// again what stands still needs none beforehand (law 2): `isRepair` says that the plan does
    /// no more than that, but for a carrier through which it looks first. Such is aside of what
    /// becomes of a version, and so may other plans be: `isAside`. `approval` is by whose leave it
    /// takes away what a person has to agree to.
    func perform(
        _ plan: Plan,
        _ report: PassReport,
        toward desired: Desired?,
        at target: Target? = nil,
        writing reserved: [JournalEntry] = [],
        isRepair: Bool = false,
        isAside: Bool = false,
        untried: [String: Instant] = [:],
        by approval: Approval? = nil
    ) async throws -> Outcome {
        memory.isBusy(true, isRepair: isRepair)
        memory.view.begin(plan, report, at: clock.now())
        defer {
            memory.isBusy(false)
            memory.view.end()
        }
        listener(.planned(id, plan))
        var claims: [Step.ID: String] = [:]
        for step in plan.steps where step.operation.createsObject { claims[step.id] = Token.make() }
        let run = Token.make()
        if plan.changesAnything, !isRepair || !claims.isEmpty {
            var decision = Decision(
                stack: id,
                commit: plan.commit,
                version: desired?.version.digest,
                plan: plan.digest,
                policy: desired?.admitted.policyDigest ?? policy.digest,
                claims: claims.values.sorted(),
                run: run,
                begins: begins(desired, target),
                isAside: isRepair || isAside ? true : nil,
                untried: untried.isEmpty ? nil : untried
            )
            if let approval, !plan.losses.isEmpty { decision.agrees(to: plan.losses, approval) }
            do {
                try await write(decision, by: approval, reserved, plan, desired, target)
            } catch {
                // What has to create something first can't be started; all else is.
                guard isRepair else { throw error }
                claims = [:]
            }
        }
        let performer = Performer(
            self,
            plan: plan,
            desired: desired,
            target: target,
            claims: claims,
            run: run
        )
        return await performer.perform()
    }

    /// What a plan toward `desired` begins to bring about; nil where that is what was good, or
    /// nothing.
    func begins(_ desired: Desired?, _ target: Target?) -> String? {
        guard let desired, target?.role == .head,
            journal.state().good[id]?.digest != desired.version.digest
        else { return nil }
        return desired.unpinned
    }

    private func write(
        _ decision: Decision,
        by approval: Approval?,
        _ reserved: [JournalEntry],
        _ plan: Plan,
        _ desired: Desired?,
        _ target: Target?
    ) async throws {
        let evidence = try await evidence(of: decision, by: approval, plan, desired, target)
        try await audit.append(evidence, at: clock.now())
        try await journal.append(
            memory.takePins() + reserved + [.decided(decision)],
            at: clock.now()
        )
    }

    /// The second look of policy, at the exact bytes (law 11), and at whose object it is.
    func check(
        _ request: EngineRequest,
        _ pulled: [String: ImagePin],
        _ desired: Desired?,
        places: [ContentVolume: String] = [:],
        emptyImage: String? = nil,
        hosts: [String: ObservedContainer] = [:],
        externals: ExternalIDs = .init()
    ) throws -> CheckedRequest {
        let pins = (desired?.pins ?? [:]).merging(pulled) { _, new in new }
        let state = journal.state()
        let gate = Gate(
            tenantHere,
            controller: settings.controller,
            stack: id,
            owned: try ownedWhileFrozen(request) ?? state.owned(by: id, on: node.name),
            pins: Array(pins.values),
            claims: claims(for: request, state),
            externals: desired?.admitted.stack.externalNames ?? .init(),
            contents: GateContents(
                desired?.admitted.stack.contents(controller: settings.controller) ?? [:],
                places: places,
                emptyImage: emptyImage,
                key: contentKey
            ),
            hosts: hosts,
            swarm: node.swarm,
            found: externals,
            ingress: desired?.admitted.stack.services.compactMapValues(\.ingress?.host) ?? [:],
            subnets: chosenSubnets,
            at: clock.now(),
            users: memory.users ?? .asShown
        )
        do {
            return try gate.check(request)
        } catch {
            throw StepFailure(.refused, "Gyre's own last check stopped the call: \(error)")
        }
    }

    /// Those that are given out, and that of the service which is changed.
    private func claims(for request: EngineRequest, _ state: JournalState) -> Set<String> {
        let given = state.claims(of: id, on: node.name)
        guard request.action == .updateService, let target = request.target,
            let object = state.owned[ObjectKey(target, on: node.name)], object.stack == id,
            let claim = object.claim
        else { return given }
        return given.union([claim])
    }

    /// What may be started again without a journal; nil when the journal is sound.
    ///
    /// Nothing is owned then, so labels have to do, and starting is all they are good for.
    private func ownedWhileFrozen(_ request: EngineRequest) throws -> Set<String>? {
        guard trust != .sound else { return nil }
        guard [.startContainer, .unpauseContainer].contains(request.action),
            let target = request.target
        else { throw StepFailure(.permanent, "nothing is changed without a sound journal") }
        return [target]
    }

    /// Draws what a pass's outcome means for the stack, and writes it down.
    func conclude(
        _ outcome: Outcome,
        _ desired: Desired,
        _ target: Target,
        _ report: PassReport
    ) async -> PassReport {
        var report = report
        report.outcome = outcome
        if outcome.isSuccess { memory.succeeded() }
        if !outcome.wasCancelled { await endDemand() }
        // What was counted before the run says nothing of what it has come to.
        if outcome.plan.changesAnything, let observed = try? await observeInPassing(desired) {
            report.saw(observed)
        }
        let resolved = final(desired)
        let version = resolved.version
        report.wasProven = journal.state().good[id]?.digest == version.digest
        do {
            if outcome.isSuccess, isShort(after: outcome.plan, report) {
                report.isUnfinished = outcome.plan.changesAnything
            } else {
                try await remember(outcome, resolved, target, &report)
            }
        } catch {
            report.note(error, of: target)
        }
        noteRestarts(outcome)
        report.crashing(memory.restarts.stalled(settings.backoff))
        if outcome.plan.isEmpty {
            report.unhealthy()
            report.ended(resolved)
        }
        noteShortage(outcome.plan, &report)
        await record(outcome, version, target, &report)
        return report
    }

    /// Whether something is down that came up in the run, or waits for being started once more.
    private func isShort(after plan: Plan, _ report: PassReport) -> Bool {
        guard node.swarm == nil, plan.changesAnything || !memory.restarts.notBefore.isEmpty else {
            return false
        }
        return !report.services.allSatisfy(\.isWhole)
    }

    /// The same with the images that the plan pulled.
    private func final(_ desired: Desired) -> Desired {
        let known = journal.state().pins
        var pins = desired.pins
        for (service, spec) in desired.specs where pins[service] == nil {
            pins[service] = known[PinKey(stack: id, service: service, spec: spec)]
        }
        var resolved = Desired(admitted: desired.admitted, commit: desired.commit, pins: pins)
        resolved.chosen = desired.chosen
        resolved.subnets = desired.subnets
        return resolved
    }

    private func remember(
        _ outcome: Outcome,
        _ desired: Desired,
        _ target: Target,
        _ report: inout PassReport
    ) async throws {
        let version = desired.version
        if outcome.isSuccess, isPartial(desired, target) {
            report.isHeld = try await hold(desired, after: outcome, because: nil)
            report.isUnfinished = report.isHeld
            return
        }
        let place = VersionPlace(
            repository: target.origin.repository,
            folder: target.origin.folder,
            chosen: target.origin.chosen,
            access: target.origin.access,
            dependencies: dependencies(of: target)
        )
        let known = journal.state()
        let isKnown = known.good[id] == version && known.places[id] == place
        // What had begun, and what was agreed to for it, ends here, if none of it is left.
        let isAlone = known.begun[id] == nil && known.agreed[id] == nil
        let isGood = isKnown && isAlone && !known.arriving.contains(id)
        if outcome.isSuccess {
            report.isProven = true
            // What a pause left beside it takes its part, too.
            if report.left?.isEmpty ?? true { try await settle(desired, &report) }
            if !isGood {
                try await source.markGood(target.commit, id, at: target.origin)
                try await journal.append([.good(id, version, at: place)], at: clock.now())
            }
            return
        }
        if outcome.wasCancelled {
            report.isUnfinished = true
            return
        }
        report.failed(outcome.failures)
        let isProven = journal.state().good[id]?.digest == version.digest
        guard !isProven, target.role == .head,
            let verdict = outcome.failures.first(where: { $0.failure.kind == .verdict })
        else { return }
        guard try await hold(desired, after: outcome, because: verdict) else { return }
        report.isUnfinished = true
        report.isHeld = true
    }

    /// Tells of what a Swarm fails to bring up; where something changes, the run's own deadlines
    /// hold.
    private func noteShortage(_ plan: Plan, _ report: inout PassReport) {
        let short = plan.isEmpty ? report.lackingTasks : []
        let deadline = settings.window.deadline
        report.lack(memory.lacking(short, at: clock.steady(), longerThan: deadline), for: deadline)
    }

    /// A container that had to be started again waits longer each time.
    private func noteRestarts(_ outcome: Outcome) {
        for step in outcome.plan.steps {
            guard case .start(let container) = step.operation,
                let id = container.id,
                case .notRunning(.exited, _) = step.reason, outcome.results[step.id] != nil
            else { continue }
            memory.restarted(id, in: container.slot, at: clock.steady(), settings.backoff)
        }
    }

    /// Keeps the run for people to read, when it changed something or brought a version up: the
    /// last run of a deployment may only have waited.
    func record(
        _ outcome: Outcome,
        _ version: Version?,
        _ target: Target?,
        _ report: inout PassReport
    ) async {
        let isProof = !report.wasProven && !outcome.plan.isEmpty
        guard outcome.plan.changesAnything || isProof else { return }
        let finished = clock.now()
        let run = RunRecord(
            outcome,
            commit: target?.commit,
            version: version?.digest,
            report: report,
            finished: finished
        )
        report.runs.append(run)
        await audit.note([.ended(run)], at: finished)
        await history.append(run)
    }

    /// For a stack whose desired state can't be known: starts what stands still, no more.
    func startAgain(_ report: PassReport) async -> PassReport {
        var report = report
        do {
            let (observed, problem) = try await observeForRepair()
            // Of a journal that is lost the report has told.
            if let problem, trust == .sound { report.note(problem, of: nil) }
            let notBefore = memory.restarts.notBefore.mapValues(clock.shown)
            let stopped = demand?.stops ?? []
            await stop(stopped, observed, &report)
            let (plan, outcome) = try await bringBack(observed, &report) { back in
                var plan = Plan(
                    startingAgain: id,
                    observed: observed,
                    notBefore: notBefore,
                    butNot: stopped,
                    back: back
                )
                if trust == .sound { plan.lookFirst(surroundings(observed)) }
                return plan
            }
            report.outcome = report.outcome ?? outcome
            if plan.changesAnything, let after = try? await observeForRepair() {
                report.saw(after.observed)
            }
            report.failed(outcome.failures)
            noteRestarts(outcome)
            report.crashing(memory.restarts.stalled(settings.backoff))
            // Whatever was tried before, this only brings back what was there.
            report.wasProven = true
            await record(outcome, nil, nil, &report)
        } catch {
            report.note(error, of: nil)
        }
        return report
    }
}

extension Decision {
    fileprivate mutating func agrees(to losses: [String], _ approval: Approval) {
        agreed = losses.sorted()
        if case .rest(let run) = approval { agreedIn = run }
    }
}

extension Operation {
    fileprivate var createsObject: Bool {
        switch self {
        case .createContainer, .createCarrier, .createNetwork, .createVolume: true
        case .change(let change): change.verb == .create
        default: false
        }
    }
}

extension Outcome {
    /// Whether something newer came before it was through.
    var wasCancelled: Bool { results.values.contains(.cancelled) }

    /// Whether a container was stopped for another that then could not be started.
    var leavesTakenDown: Bool { failures.contains { $0.step.takesDown } }
}

extension Step {
    /// Whether it starts a container for which another was stopped.
    var takesDown: Bool {
        if case .start = operation, case .replaces = reason { true } else { false }
    }
}

/// An unguessable token of 128 bits in hexadecimal.
enum Token {
    static func make() -> String {
        var source = SystemRandomNumberGenerator()
        let bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max, using: &source) }
        return bytes.map { byte in
            String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
        }.joined()
    }
}
