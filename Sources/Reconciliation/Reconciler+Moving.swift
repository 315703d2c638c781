internal import Admission
internal import Model
internal import Planning

/// Off a node that is drained; see `Docs/Decisions/0018-nodes.md`.
extension Reconciler {
    /// What came of an attempt to move a stack.
    enum Departure {
        /// Nothing of it is left here, and the journal has its new node.
        case moved(PassReport)
        /// Something newer came before it was through.
        case interrupted(PassReport)
        /// It is here still, all or a part, with the reasons.
        case stays([Problem], runs: [RunRecord])
    }

    /// Gives the stack another node where that loses nothing: a place is found, its images are
    /// brought there, it is taken away here, and only then the journal says that it is there.
    ///
    /// Whatever dies in between, the next pass begins anew from what it sees, and there is no time
    /// at which what writes could run on two nodes. On a lost node nothing can be taken away: see
    /// `Docs/Decisions/0019-lost-nodes.md`. `there` is who looks after it on a node, and
    /// `mustStill` says whether the cause holds when all is ready.
    func depart(
        _ cause: Leaving,
        _ head: Head,
        among standings: [NodeStanding],
        mustStill: () async -> Bool,
        there: (ClusterNode) -> Reconciler
    ) async -> Departure {
        var report = report(head)
        // A loss here ends what goes on there: repair comes first.
        memory.isBusy(true)
        defer { memory.isBusy(false) }
        do {
            guard let target = try await movable(head) else {
                throw Staying("nothing of it is known that could be made elsewhere")
            }
            if cause == .drained {
                let here = try await prepare(target, waits: !isAttended)
                // To bring its images elsewhere may take long.
                if memory.routes == nil { memory.lead(here.admitted.stack.routes) }
                try refuseTies(of: here, cause)
                let observed = try await observeInPassing(here)
                memory.saw(
                    observed,
                    at: clock.steady(),
                    settlingFor: settings.backoff.longest
                )
            }
            let choice = try await choose(for: target, among: standings, holds: true)
            guard let node = standings.first(where: { $0.node.name == choice.node })?.node else {
                throw Staying("the node \(choice.node) is not there any more")
            }
            let desired = try await there(node).bringImages(for: target, choice, &report) {
                // Only with its images it is known what volumes these bring.
                try refuseTies(of: $0, cause)
            }
            if cause == .drained {
                try await takeAway(desired, for: choice, target, &report)
            }
            // To bring images there takes long enough for a lost node to come back.
            guard await mustStill() else { throw CancellationError() }
            try await settle(on: choice, &report)
            return .moved(report)
        } catch is CancellationError {
            report.isUnfinished = true
            return .interrupted(report)
        } catch let staying as Staying {
            report.stays(on: node.name, cause, because: staying)
        } catch let none as NoNodeFits {
            report.stays(on: node.name, cause, because: Staying("\(none)"))
        } catch let rejection as Rejection {
            report.stays(on: node.name, cause, because: Staying(rejection))
        } catch let halt as Halt {
            report.failed(halt.outcome.failures)
        } catch {
            report.note(error, of: nil)
        }
        return .stays(report.problems, runs: report.runs)
    }

    /// What is made anew elsewhere: what was good, so that a move changes nothing but the place.
    private func movable(_ head: Head) async throws -> Target? {
        if let good = try await lastGood() { return good }
        guard let commit = head.commit, head.conflict == nil else { return nil }
        return Target(commit: commit, role: .head, origin: origin)
    }

    /// Data doesn't move by itself.
    private func refuseTies(of desired: Desired, _ cause: Leaving) throws {
        switch cause {
        case .drained, .lost(.silent): break
        // A person has said that nobody writes there any more, or that two may.
        case .lost(.fenced), .lost(.accepted): return
        }
        let made = journal.state().volumes(of: id, on: node.name).map { "volume \($0)" }
        let ties = Set(desired.ties + made).sorted()
        guard ties.isEmpty else { throw Staying(data: ties) }
    }

    /// On the node that the stack goes to: sees that it could be made, and pulls what it needs.
    private func bringImages(
        for target: Target,
        _ choice: Placement.Choice,
        _ report: inout PassReport,
        check: (Desired) throws -> Void
    ) async throws -> Desired {
        memory.doubtUsers()
        var desired = try await prepare(target, waits: !isAttended)
        try check(desired)
        desired.chosen = choice.desired.chosen
        desired.subnets = choice.desired.subnets
        let pulls = try await plan(desired, try await observeInPassing(desired), Setback()).pulls
        guard !pulls.isEmpty else { return desired }
        // It may still stay where it is, and be about something there.
        let outcome = try await perform(
            pulls,
            report,
            toward: desired,
            at: target,
            isAside: true
        )
        try outcome.requireSuccess()
        desired = try await prepare(target, waits: !isAttended)
        try check(desired)
        return desired
    }

    /// Takes the stack away here.
    private func takeAway(
        _ desired: Desired,
        for choice: Placement.Choice,
        _ target: Target,
        _ report: inout PassReport
    ) async throws {
        let observed = try await observe(nil)
        let plan = Plan(
            moving: desired.admitted.stack,
            to: choice.node,
            observed: observed,
            owned: journal.state().owned(by: id, on: node.name)
        )
        report.planned(plan, observed)
        let outcome = try await perform(plan, report, toward: nil, at: target)
        report.outcome = outcome
        report.wasProven = true
        await record(outcome, nil, target, &report)
        try outcome.requireSuccess()
        // Looked at once more: there is one writer if nothing is here, not if all was called gone.
        let left = try await observe(nil).containers.map(\.id)
        guard journal.state().owned(by: id, on: node.name).isDisjoint(with: left) else {
            throw Staying("a container of it came up while it was taken away")
        }
    }

    /// Writes down where it is from now on.
    private func settle(on choice: Placement.Choice, _ report: inout PassReport) async throws {
        let place: [JournalEntry] = [
            .reserved(id, choice.reservation), .placed(id, node: choice.node),
        ]
        try await journal.append(place, at: clock.now())
        memory.doubtUsers()
        report.isUnfinished = true
        report.gaveBack = true
    }
}

/// Why a stack is to be on another node.
enum Leaving: Hashable {
    case drained
    case lost(Loss)

    /// Who answers for what may still run there.
    enum Loss: Hashable {
        case silent
        /// A person, who says that the node is off.
        case fenced
        /// The operator, who lets the stack write twice for a while.
        case accepted
    }
}

/// Why it is given none.
struct Staying: Error {
    let reason: String
    /// What holds it there for good; empty where another node may come to fit.
    let data: [String]

    init(_ reason: String) {
        self.reason = reason
        data = []
    }

    init(data: [String]) {
        reason = "its data is there: \(data.joined(separator: ", "))"
        self.data = data
    }

    /// What policy denies now is not made anew anywhere.
    init(_ rejection: Rejection) {
        let errors = rejection.diagnostics.filter { $0.severity == .error }
        let reasons = errors.prefix(3).map(\.message).joined(separator: "; ")
        self.init("what serves could not be made anew: \(reasons)")
    }
}

extension Staying {
    func problem(on node: String, _ cause: Leaving) -> Problem {
        switch cause {
        case .drained:
            let remedy =
                data.isEmpty
                ? "it runs on, and goes when it can; gyre undrain \(node) lets it stay"
                : "it runs on: data does not move by itself; gyre undrain \(node) ends the wait"
            let words = "its node \(node) is drained, and it stays: \(reason)"
            return Problem(.drained, words, remedy: remedy)
        case .lost:
            let remedy =
                data.isEmpty
                ? "bring \(node) back; it goes on by itself when another node fits"
                : "bring \(node) back, or, when it is surely off, gyre nodes fence \(node)"
            let words = "its node \(node) is lost, and it waits: \(reason)"
            return Problem(.lost, words, remedy: remedy)
        }
    }
}

/// A run that came to a halt.
private struct Halt: Error {
    let outcome: Outcome
}

extension Outcome {
    fileprivate func requireSuccess() throws {
        if wasCancelled { throw CancellationError() }
        if !isSuccess { throw Halt(outcome: self) }
    }
}
