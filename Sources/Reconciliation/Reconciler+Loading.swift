internal import Model

extension Reconciler {
    /// What the files of a target come to; remembered, since a commit never means anything else.
    ///
    /// A commit that brought its loader to no end is held, and not tried again with the same
    /// limits by the same loader until a person releases it.
    func load(_ target: Target) async throws -> StackReading {
        let (commit, files) = (target.commit, files(of: target))
        if let known = memory.reading(commit, files) { return try known.get() }
        let digest = attempt(at: target)
        if let hold = journal.state().holds[id]?[digest] { throw heldUnread(hold) }
        let snapshot = try await source.snapshot(of: commit, at: target.origin)
        do {
            let reading = try await loading.load(
                LoadRequest(
                    snapshot,
                    at: target.origin.folder,
                    id: id,
                    chosen: target.origin.chosen,
                    isForSwarm: node.swarm != nil,
                    trial: tenant,
                    adoptedName: adoptedName
                ),
                key: contentKey,
                within: settings.loading
            )
            memory.read(.success(reading), commit, files)
            return reading
        } catch let rejection as Rejection {
            memory.read(.failure(rejection), commit, files)
            throw rejection
        } catch let failure as GivenUp {
            var hold = Hold(
                version: Version(commit: commit.id, digest: digest),
                reason: failure.description,
                remedy: failure.fix
            )
            let known = journal.state().holds[id] ?? [:]
            hold.unread = (known.values.compactMap(\.unread).max() ?? 0) + 1
            let words = failure.description
            await audit.note([.held(id, hold.version, because: words)], at: clock.now())
            try await journal.append([.held(id, hold)], at: clock.now())
            throw heldUnread(hold)
        }
    }

    /// What of a commit is read, and under which name of the stack.
    func files(of target: Target) -> String {
        target.origin.files + (adoptedName.map { " as \($0)" } ?? "")
    }

    /// What a try to load a commit is known by; no digest of what it means, which nobody knows.
    private func attempt(at target: Target) -> String {
        let limits = settings.loading
        let parts = [
            "loading", loading.version, target.commit.id, files(of: target),
            "\(limits.memory.bytes)",
            "\(limits.time.count)",
        ]
        return SHA256Hex.of(Array(parts.joined(separator: "\n").utf8))
    }

    private func heldUnread(_ hold: Hold) -> HeldVersion {
        let finding = Diagnostic(code: GivenUp.code, hold.reason, fix: hold.remedy)
        var released = hold
        released.remedy = nil
        return HeldVersion(stack: id, hold: released, findings: [finding])
    }
}
