internal import Model

/// Containers that live in namespaces of others.
extension Performer {
    /// The ids of the containers that a new one is to live in; those that were never created are
    /// missing.
    func joined(by operation: Operation) -> [JoinedNamespace: String] {
        guard case .createContainer(let spec) = operation else { return [:] }
        return spec.joins.compactMapValues(learned.container)
    }

    /// What the engine says now of these containers, and of those that they live in themselves:
    /// the last check judges by it.
    func hosts(_ ids: Set<String>) async throws -> [String: ObservedContainer] {
        var found: [String: ObservedContainer] = [:]
        var pending = ids
        while let id = pending.popFirst() {
            guard found[id] == nil, let host = try await reconciler.engine.inspect(id) else {
                continue
            }
            found[id] = host
            pending.formUnion(Joined.reading(host.labels[Labels.joins]).map(\.id))
        }
        return found
    }
}
