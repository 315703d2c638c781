internal import Logging
package import Model
internal import OperatorFile

/// A name that no node has.
package struct UnknownNode: Error, CustomStringConvertible {
    package let node: String
    package let known: [String]

    package init(_ node: String, known: [String]) {
        self.node = node
        self.known = known
    }

    package var description: String { "no node \(node); known: \(known.joined(separator: ", "))" }
}

/// Nodes that nothing is to be on any more.
extension Controller {
    /// Has a node's stacks moved away, as far as they can be; nothing is placed there any more.
    package func drain(_ node: String, by person: Person) async throws {
        try require(node)
        try requireJournal()
        if let before = parts.journal.state().drained[node] {
            throw NotPossible(
                "\(node) is drained already, by \(before); gyre nodes shows what is there still"
            )
        }
        try await decide("drain", .drained(node: node, by: person.name), node, by: person)
    }

    /// Lets a node have stacks again; nobody moves back.
    package func undrain(_ node: String, by person: Person) async throws {
        let drained = parts.journal.state().drained
        if drained[node] == nil { try require(node) }
        try requireJournal()
        guard drained[node] != nil else { throw NotPossible("\(node) is not drained") }
        try await decide("undrain", .undrained(node: node, by: person.name), node, by: person)
    }

    func require(_ node: String) throws {
        guard parts.nodes[node] == nil else { return }
        throw UnknownNode(node, known: parts.nodes.keys.sorted())
    }

    /// Evidence first, then the fact (law 14); then all that may change by it is looked at.
    func decide(
        _ demand: String,
        _ entry: JournalEntry,
        _ node: String,
        by person: Person
    ) async throws {
        let act = AuditEntry.acted(demand, nil, by: person, ["node": .string(node)])
        try await parts.audit.append([act], at: parts.now())
        try await parts.journal.append([entry], at: parts.now())
        for id in stacks(near: node) {
            stacks[id]?.memory.forgetFailures()
            stacks[id]?.status.problems.removeAll { [.drained, .lost].contains($0.kind) }
            schedule(.reconcile(id))
        }
        wakeWhoWaitsForRoom()
    }

    /// One pass over a stack, by whoever looks after it; on a drained node it is moved away first.
    func attend(
        to id: StackID,
        _ state: StackState,
        listener: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) async -> PassReport {
        defer { parts.ledger.written(by: id) }
        await knowEngines()
        switch await care(for: id, state, acts: true, listener: listener) {
        case .nobody(let why): return why
        case .by(let reconciler):
            guard let cause = mustLeave(id, state, reconciler.node.name) else {
                return await reconciler.run(head(of: state))
            }
            return await leave(cause, id, state, reconciler, listener)
        }
    }

    /// Why a stack that has something on a node is to be on another; nil: it isn't, or nobody
    /// knows enough.
    private func mustLeave(_ id: StackID, _ state: StackState, _ node: String) -> Leaving? {
        let journal = parts.journal.state()
        let isAnswering = nodes[node]?.problem == nil
        guard isAnswering ? journal.drained[node] != nil : isLost(node) else { return nil }
        guard trust == .sound, !state.isGone, home(of: id) == node, journal.holdsAnything(id)
        else { return nil }
        if isAnswering { return .drained }
        if journal.fenced[node] != nil { return .lost(.fenced) }
        let isAccepted = settings.projects[id.project]?.failover.contains(id.stack) == true
        return .lost(isAccepted ? .accepted : .silent)
    }

    /// Asks again: a lost node that is back needn't have told anybody yet.
    private func mustStill(
        leave node: String,
        _ cause: Leaving,
        _ id: StackID,
        _ state: StackState
    ) async -> Bool {
        if case .lost = cause { await askEngine(of: node) }
        return mustLeave(id, state, node) == cause
    }

    /// Leaves a stack where it was if its node's fence ended, or its node answered, in the moment
    /// in which it was given another: who asked the node then saw no stray there yet.
    private func takeBack(_ id: StackID, to node: String, _ cause: Leaving) async {
        let isBack =
            switch cause {
            case .drained, .lost(.silent): false
            case .lost(.fenced): parts.journal.state().fenced[node] == nil
            case .lost(.accepted): nodes[node]?.problem == nil
            }
        guard isBack, home(of: id) != node else { return }
        try? await parts.journal.append([.placed(id, node: node)], at: parts.now())
    }

    private func leave(
        _ cause: Leaving,
        _ id: StackID,
        _ state: StackState,
        _ reconciler: Reconciler,
        _ listener: @escaping @Sendable (RunEvent) -> Void
    ) async -> PassReport {
        let head = head(of: state)
        let standings = await standings(for: id)
        let name = reconciler.node.name
        let departure = await reconciler.depart(
            cause,
            head,
            among: standings,
            mustStill: { await self.mustStill(leave: name, cause, id, state) },
            there: { node in
                self.reconciler(
                    for: id,
                    state,
                    on: node,
                    memory: state.memory.elsewhere,
                    listener: listener
                )
            }
        )
        await takeBack(id, to: name, cause)
        switch departure {
        case .moved(let report), .interrupted(let report): return report
        case .stays(let problems, let runs):
            // What was held for it elsewhere would stand in its way here.
            parts.ledger.written(by: id)
            var report = await reconciler.run(head)
            report.runs = runs + report.runs
            for problem in problems { report.add(problem) }
            return report
        }
    }
}
