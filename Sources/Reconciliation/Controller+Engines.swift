package import Model

/// Which engine a node has; see ``EngineCheck``.
extension Controller {
    /// Writes down whose engines answer, of nodes of which nobody knows.
    func knowEngines() async {
        guard trust == .sound else { return }
        let known = parts.journal.state().engines
        let new = nodes.filter { name, state in
            known[name] == nil && state.problem == nil && parts.nodes[name]?.swarm == nil
                && state.facts?.id.isEmpty == false
        }
        let entries = new.sorted { $0.key < $1.key }.compactMap { name, state in
            state.facts.map { JournalEntry.engineKnown(node: name, id: $0.id) }
        }
        // What can't be written down now is found again the next time.
        if !entries.isEmpty { try? await parts.journal.append(entries, at: parts.now()) }
    }

    /// Takes a person's word that a node's engine was replaced, and what the old one had is gone.
    package func accept(_ node: String, by person: Person) async throws {
        try require(node)
        try requireJournal()
        await askEngine(of: node)
        guard let stranger = nodes[node]?.stranger else {
            throw NotPossible("\(node) has the engine that it had, or doesn't answer")
        }
        let entry = JournalEntry.engineKnown(node: node, id: stranger.id, by: person.name)
        try await decide("nodes accept", entry, node, by: person)
        schedule(.engine(node))
    }
}
