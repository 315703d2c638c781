internal import ComposeFile
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
        return await reconciler(for: id, state).compare(head(of: state))
    }
}

extension Reconciler {
    func compare(_ head: Head) async -> Comparison {
        let preview = await look(head).preview
        let good = try? await source.good(id, at: origin)
        var comparison = Comparison(
            stack: id,
            good: good,
            head: head.commit,
            changes: nil,
            preview: preview
        )
        guard let commit = head.commit else { return comparison }
        do {
            let old = try await good.asyncMap(model) ?? [:]
            comparison.changes = ModelChange.between(old, try await model(of: commit))
        } catch {
            // The preview's problems say why.
        }
        return comparison
    }

    /// What a commit's files mean, as Compose prints it.
    private func model(of commit: Commit) async throws -> JSON {
        let snapshot = try await source.snapshot(of: commit, at: origin)
        return try ComposeProject(reading: snapshot, at: origin.folder, id: id).config
    }
}

extension Optional {
    fileprivate func asyncMap<T>(_ transform: (Wrapped) async throws -> T) async rethrows -> T? {
        if let self { try await transform(self) } else { nil }
    }
}
