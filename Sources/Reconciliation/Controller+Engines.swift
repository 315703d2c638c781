package import Model

/// Which engine a node has, or which Swarm it is; see ``EngineCheck``.
extension Controller {
    /// Writes down whose engines answer, of nodes of which nobody knows.
    func knowEngines() async {
        guard trust == .sound else { return }
        let known = parts.journal.state().engines
        let entries = parts.nodes.sorted { $0.key < $1.key }.compactMap { name, node in
            let state = nodes[name]
            guard known[node.engineName] == nil, state?.problem == nil,
                let id = state?.facts?.id, !id.isEmpty
            else { return nil as JournalEntry? }
            return .engineKnown(node: node.engineName, id: id)
        }
        // What can't be written down now is found again the next time.
        if !entries.isEmpty { try? await parts.journal.append(entries, at: parts.now()) }
    }

    /// Takes a person's word that a node's engine was replaced, and what the old one had is gone.
    package func accept(_ node: String, by person: Person) async throws {
        try require(node)
        try requireJournal()
        await askEngine(of: node)
        guard let stranger = nodes[node]?.stranger, let name = parts.nodes[node]?.engineName else {
            throw NotPossible("\(node) has the engine that it had, or doesn't answer")
        }
        let entry = JournalEntry.engineKnown(node: name, id: stranger.id, by: person.name)
        try await decide("nodes accept", entry, node, by: person)
        schedule(.engine(node))
    }
}
