internal import Logging
package import Model
internal import OperatorFile

/// Nodes that are lost, and come back; see `Docs/Decisions/0019-lost-nodes.md`.
extension Controller {
    /// Whether one of several nodes has been silent for so long, or a person says that it is off.
    func isLost(_ node: String) -> Bool {
        guard parts.nodes.count > 1, let state = nodes[node], state.problem != nil else {
            return false
        }
        let isFenced = parts.journal.state().fenced[node] != nil
        return isFenced || state.silence >= settings.defaults.timeouts.node
    }

    /// Takes a person's word that a silent node is off.
    package func fence(_ node: String, by person: Person) async throws {
        try require(node)
        try requireJournal()
        if let before = parts.journal.state().fenced[node] {
            throw NotPossible("\(node) is fenced already, by \(before), until it answers")
        }
        await askEngine(of: node)
        if let stranger = nodes[node]?.stranger {
            throw NotPossible("\(node) is not silent: \(stranger)")
        }
        guard nodes[node]?.problem != nil else {
            throw NotPossible("\(node) answers, so it is not off; gyre drain \(node) empties it")
        }
        try await decide("nodes fence", .fenced(node: node, by: person.name), node, by: person)
    }

    /// A node has become lost: its stacks are looked after.
    func lose(_ node: String) {
        parts.logger.warning("node is lost", metadata: ["node": "\(node)"])
        for id in stacks(near: node) {
            stacks[id]?.memory.preempt()
            schedule(.reconcile(id))
        }
    }

    /// A node answers: what is left there of stacks that are elsewhere by now is dealt with, and
    /// then, if it was fenced, it isn't any more.
    ///
    /// That it `isBack` means that calls may have been carried out which nobody heard of.
    func welcome(_ node: String, isBack: Bool) async {
        guard trust == .sound, parts.nodes.count > 1 else { return }
        let journal = parts.journal.state()
        let isFenced = journal.fenced[node] != nil
        var isClear = true
        let strays = journal.strays(on: node, counting: isBack || isFenced)
        for id in strays.sorted() {
            do {
                try await clear(id, from: node)
            } catch {
                // It is tried again with the next question.
                isClear = false
                parts.logger.warning(
                    "what is left of a stack can't be taken away",
                    metadata: ["stack": "\(id)", "node": "\(node)", "reason": "\(error)"]
                )
            }
        }
        guard isFenced, isClear else { return }
        try? await parts.journal.append([.unfenced(node: node)], at: parts.now())
        wakeWhoWaitsForRoom()
    }

    /// The node that has containers still of a stack of which nothing was made elsewhere.
    ///
    /// That it is there is written down, and what a person agreed to have lost is not lost. None
    /// that is drained: it would go again.
    func wayBack(of id: StackID) async -> ClusterNode? {
        let journal = parts.journal.state()
        let holders = journal.owned.values.filter { $0.stack == id && $0.kind == .container }
        let open = Set(holders.map(\.node)).filter { name in
            nodes[name]?.problem == nil && journal.drained[name] == nil
        }
        guard let name = open.min(), let node = parts.nodes[name] else { return nil }
        var entries = [JournalEntry.placed(id, node: name)]
        if journal.confirmations[id] != nil {
            entries.append(.confirmed(id, change: "", by: settings.controller))
        }
        do {
            try await parts.journal.append(entries, at: parts.now())
        } catch {
            return nil
        }
        stacks[id]?.memory.doubtUsers()
        return node
    }

    private func clear(_ id: StackID, from name: String) async throws {
        guard let node = parts.nodes[name], let home = home(of: id) else { return }
        let journal = parts.journal.state()
        let made = journal.holdsAnything(id)
        guard let state = stacks[id] else {
            // Nobody says what it should be: then what writes is stopped, no more. Its project may
            // have been taken out of gyre.yaml, and the journal knows enough for that.
            guard made else { return }
            guard let entry = settings.entries.first else {
                throw NotPossible("gyre.yaml has no project at all")
            }
            let status = StackStatus(stack: id)
            let state = StackState(origin: entry.origin, tenant: TenantPolicy(), status: status)
            return try await reconciler(for: id, state, on: node, memory: StackMemory())
                .clear(strayOf: home, removing: false)
        }
        let isStable = journal.good[id] != nil && !journal.arriving.contains(id)
        guard state.isGone || made else {
            // Nothing was made of it elsewhere: it comes back by its next pass.
            return schedule(.reconcile(id))
        }
        // What it remembers is of its own node.
        try await reconciler(for: id, state, on: node, memory: StackMemory())
            .clear(strayOf: home, removing: state.isGone || isStable)
    }
}
