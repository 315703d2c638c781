package import Model

/// What the head of a stack says against what ran stable last.
package struct Comparison: Hashable, Codable, Sendable {
    package var stack: StackID
    package var good: Commit?
    package var head: Commit?
    /// nil when the files of one of the two can't be read.
    package var changes: [ModelChange]?
    package var preview: Preview
}

extension Controller {
    /// What the head of a stack would change.
    package func compare(_ id: StackID) async throws -> Comparison {
        guard let state = stacks[id] else {
            throw UnknownStack(stack: id, known: stacks.keys.sorted())
        }
        let preview = await look(id, state).preview
        return await reconciler(for: id, state, on: anyNode).compare(head(of: state), preview)
    }
}

extension Reconciler {
    func compare(_ head: Head, _ preview: Preview) async -> Comparison {
        let good = try? await lastGood()
        var comparison = Comparison(
            stack: id,
            good: good?.commit,
            head: head.commit,
            changes: nil,
            preview: preview
        )
        guard let commit = head.commit else { return comparison }
        do {
            let old = try await good.asyncMap { try await model(of: $0.commit, at: $0.origin) }
            let new = try await model(of: commit, at: origin)
            comparison.changes = ModelChange.between(old ?? [:], new)
        } catch {
            // The preview's problems say why.
        }
        return comparison
    }

    /// What a commit's files mean, as Compose prints it.
    private func model(of commit: Commit, at origin: Origin) async throws -> JSON {
        let snapshot = try await source.snapshot(of: commit, at: origin)
        let reading = try await loading.load(
            LoadRequest(
                snapshot,
                at: origin.folder,
                id: id,
                chosen: origin.chosen,
                wantsConfig: true,
                isForSwarm: node.swarm != nil,
                adoptedName: adoptedName
            ),
            key: contentKey,
            within: settings.loading
        )
        return reading.config ?? [:]
    }
}

extension Optional {
    fileprivate func asyncMap<T>(_ transform: (Wrapped) async throws -> T) async rethrows -> T? {
        if let self { try await transform(self) } else { nil }
    }
}
