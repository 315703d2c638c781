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
        var trusted: [Result<Commit, any Error>] = []
        for (head, origin) in zip(heads, origins) {
            do {
                trusted.append(.success(try await checked(head.get(), of: origin)))
            } catch {
                trusted.append(.failure(error))
            }
        }
        return trusted
    }

    func lastFetched(of origin: Origin) async throws -> Commit? {
        let last = try await mirrors.lastFetched(
            origin.reference,
            at: origin.repository,
            by: origin.access
        )
        guard let last else { return nil }
        return try await checked(last, of: origin)
    }

    func signer(of commit: Commit, at origin: Origin) async throws -> String? {
        guard let signers = origin.signers else { return nil }
        return try await mirrors.signer(
            of: commit,
            following: origin.reference,
            at: origin.repository,
            by: origin.access,
            among: signers
        )
    }

    /// `tip`, where it needs no signature or has one that counts.
    private func checked(_ tip: Commit, of origin: Origin) async throws -> Commit {
        _ = try await signer(of: tip, at: origin)
        return tip
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
        // Gyre's own signature must not make up for one that was missing.
        _ = try await signer(of: restoration.source, at: origin)
        return try await mirrors.restore(
            restoration,
            at: origin.repository,
            by: origin.access,
            among: origin.signers,
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
