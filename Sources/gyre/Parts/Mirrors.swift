internal import GitSource
internal import Model
internal import Reconciliation

/// Repositories, as reconciling needs them.
struct Mirrors: CommitSource {
    let mirrors: GitMirrors

    func head(of origin: Origin) async throws -> Commit {
        try await mirrors.head(of: origin.reference, at: origin.repository, by: origin.access)
    }

    func lastFetched(of origin: Origin) async throws -> Commit? {
        try await mirrors.lastFetched(origin.reference, at: origin.repository, by: origin.access)
    }

    func commit(startingWith start: String, at origin: Origin) async throws -> Commit {
        try await mirrors.commit(
            startingWith: start,
            in: origin.reference,
            at: origin.repository,
            by: origin.access
        )
    }

    func restore(
        _ restoration: Restoration,
        at origin: Origin,
        isPushed: Bool
    ) async throws -> Restored {
        try await mirrors.restore(
            restoration,
            at: origin.repository,
            by: origin.access,
            isPushed: isPushed
        )
    }

    func snapshot(of commit: Commit, at origin: Origin) async throws -> Snapshot {
        try await mirrors.snapshot(
            of: commit,
            at: origin.repository,
            by: origin.access,
            folder: origin.folder
        )
    }

    func good(_ stack: StackID, at origin: Origin) async throws -> Commit? {
        try await mirrors.good(stack: stack, at: origin.repository, by: origin.access)
    }

    func markGood(_ commit: Commit, _ stack: StackID, at origin: Origin) async throws {
        try await mirrors.markGood(
            commit,
            stack: stack,
            at: origin.repository,
            by: origin.access
        )
    }
}
