internal import GitSource
internal import Model
internal import Reconciliation

/// Repositories, as reconciling needs them.
struct Mirrors: CommitSource {
    let mirrors: GitMirrors

    func heads(of origins: [Origin]) async throws -> [Result<Commit, any Error>] {
        guard let place = origins.first else { return [] }
        let heads = try await mirrors.heads(
            of: origins.map(\.reference),
            at: place.repository,
            by: place.access
        )
        return heads.map { head in head.mapError { $0 as any Error } }
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
