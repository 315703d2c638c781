internal import Logging
package import Model
internal import OperatorFile
internal import Planning

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
        let known = strays.filter { id in
            home(of: id).map { holders(of: id).contains($0) } ?? false
        }
        // What has a successor is first: of the rest another node is asked, which may take long.
        for id in known.sorted() + strays.subtracting(known).sorted() {
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

    /// The node that has containers still of a stack of which nothing came up elsewhere.
    ///
    /// That it is there is written down. None that is drained: it would go again.
    func wayBack(of id: StackID) async -> ClusterNode? {
        guard parts.nodes.count > 1 else { return nil }
        for name in holders(of: id).sorted() {
            if let node = parts.nodes[name], await give(id, back: name) { return node }
        }
        return nil
    }

    /// The nodes that have containers of a stack, as far as the journal knows.
    ///
    /// Those that only carry contents are none: they never run.
    private func holders(of id: StackID) -> Set<String> {
        let containers = parts.journal.state().owned.values.lazy.filter {
            $0.stack == id && $0.kind == .container && !$0.name.hasPrefix(ContentVolume.prefix)
        }
        return Set(containers.map(\.node))
    }

    /// Gives a stack back to a node that has it still, if nothing of it came up on its new one.
    ///
    /// What a person agreed to have lost is not lost then.
    ///
    /// - Returns: Whether it was given back.
    private func give(_ id: StackID, back name: String) async -> Bool {
        let isOpen = nodes[name]?.problem == nil && parts.journal.state().drained[name] == nil
        let home = home(of: id)
        guard isOpen, home != name, holders(of: id).contains(name), await isUnmade(id, on: home)
        else { return false }
        var entries = [JournalEntry.placed(id, node: name)]
        if parts.journal.state().confirmations[id] != nil {
            entries.append(.confirmed(id, change: "", by: settings.controller))
        }
        do {
            try await parts.journal.append(entries, at: parts.now())
        } catch {
            return false
        }
        stacks[id]?.memory.doubtUsers()
        return true
    }

    /// Whether nothing of a stack runs on the node that it was given, nor can come to run.
    ///
    /// The journal knows of no container of it there, and the node answers that it has none. A
    /// create that was asked for in vain may be carried out later, but no start follows: only what
    /// is known is started. Where the stack was stable once it stays.
    private func isUnmade(_ id: StackID, on home: String?) async -> Bool {
        let journal = parts.journal.state()
        guard let home, journal.holdsAnything(id) else { return true }
        let isStable = journal.good[id] != nil && !journal.arriving.contains(id)
        guard !isStable, !holders(of: id).contains(home), let node = parts.nodes[home],
            let seen = try? await node.engine.observe(controller: settings.controller, volumes: [])
        else { return false }
        return seen.of(id).containers.allSatisfy { $0.isCarrier || $0.isExport }
    }

    private func clear(_ id: StackID, from name: String) async throws {
        guard let node = parts.nodes[name], let home = home(of: id) else { return }
        var made = true
        if stacks[id]?.isGone != true {
            // While a pass is made over it, it may come up at its home any moment.
            let isBack = try? await apart(from: id, patience: 0) { await give(id, back: name) }
            if isBack != false { schedule(.reconcile(id)) }
            if isBack == true { return }
            made = isBack == nil || parts.journal.state().holdsAnything(id)
        }
        let journal = parts.journal.state()
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
        // Nothing was made of it elsewhere, and its next pass finds a node for it.
        guard state.isGone || made else { return schedule(.reconcile(id)) }
        let isStable =
            journal.good[id] != nil && !journal.arriving.contains(id) && journal.holdsAnything(id)
        // What it remembers is of its own node.
        try await reconciler(for: id, state, on: node, memory: StackMemory())
            .clear(strayOf: home, removing: state.isGone || isStable)
    }
}
