internal import GitSource
internal import Model
internal import Reconciliation

/// Repositories, as reconciling needs them.
struct Mirrors: CommitSource {
    let mirrors: GitMirrors

    func head(of origin: Origin) async throws -> Commit {
        try await mirrors.head(of: .branch(origin.branch), at: origin.repository)
    }

    func lastFetched(of origin: Origin) async throws -> Commit? {
        try await mirrors.lastFetched(.branch(origin.branch), at: origin.repository)
    }

    func snapshot(of commit: Commit, at origin: Origin) async throws -> Snapshot {
        try await mirrors.snapshot(of: commit, at: origin.repository, folder: origin.folder)
    }

    func good(_ stack: StackID, at origin: Origin) async throws -> Commit? {
        try await mirrors.good(stack: stack, at: origin.repository)
    }

    func markGood(_ commit: Commit, _ stack: StackID, at origin: Origin) async throws {
        try await mirrors.markGood(commit, stack: stack, at: origin.repository)
    }
}
