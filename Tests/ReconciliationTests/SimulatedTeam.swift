import Logging
import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport

/// A team with one stack, `shop`, on a simulated node, and what a controller keeps of it.
final class SimulatedTeam: Sendable {
    let engine = SimulatedEngine()
    let repository = FakeRepository()
    let journal = FakeJournal()
    let audit = FakeAudit()
    let history = FakeHistory()
    let shop: StackID

    init(_ compose: String, local: [String] = [], images: [String] = []) throws {
        shop = try StackID(parsing: "shop")
        for image in local { engine.add(image, isLocal: true) }
        for image in images { engine.add(image) }
        repository.push(compose)
    }

    func parts(
        journal: (any JournalKeeping)? = nil,
        loading: any StackLoading = LoadingHere()
    ) -> ControllerParts {
        ControllerParts(
            source: repository,
            loading: loading,
            engine: engine,
            journal: journal ?? self.journal,
            audit: audit,
            history: history,
            clock: engine.clock,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            controller: "test"
        )
    }

    /// A controller without its loop that has asked the repository.
    func controller(
        journal: (any JournalKeeping)? = nil,
        loading: any StackLoading = LoadingHere()
    ) async throws -> Controller {
        let parts = parts(journal: journal, loading: loading)
        let controller = Controller(try Self.settings(), parts)
        await controller.survey()
        return controller
    }

    static func settings(
        _ text: String = "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop}]}}"
    ) throws -> Settings {
        try Settings(parsing: Array(text.utf8), directory: "/")
    }

    /// The status after as many passes as it takes.
    @discardableResult
    func settle(_ controller: Controller) async throws -> StackStatus {
        try await controller.settled(shop)
    }

    func status(_ controller: Controller) async throws -> StackStatus {
        let found = await controller.status().stacks.first { $0.stack == shop }
        guard let found else { throw UnknownStack(shop, known: []) }
        return found
    }
}

/// A repository whose commits are mostly one compose file.
final class FakeRepository: CommitSource {
    struct State {
        var commits: [Commit] = []
        var files: [String: [String: Snapshot.Entry]] = [:]
        /// Which repositories have told of a commit, and so have its files.
        var places: [String: Set<RepositoryURL>] = [:]
        var good: Commit?
        /// The same by stack, where several are kept.
        var goods: [StackID: Commit] = [:]
        /// The repository whose mirror has that.
        var goodAt: RepositoryURL?
        /// What was fetched before this controller came.
        var fetched: Commit?
        /// Whether it says nothing for as long as anybody asks.
        var hangs = false
        /// One that says nothing while others answer.
        var mute: RepositoryURL?
        /// Why it does not answer.
        var failure: (any Error & Sendable)?
    }

    let state = Mutex(State())

    var good: Commit? { state.withLock { $0.good } }

    @discardableResult
    func push(_ compose: String, naming trailers: [String] = []) -> Commit {
        let entries: [String: Snapshot.Entry] = ["compose.yaml": .file(Array(compose.utf8))]
        return push(compose.isEmpty ? [:] : entries, naming: trailers)
    }

    /// Pushes a commit of exactly these entries; what goes by it is named by `trailers`.
    @discardableResult
    func push(_ entries: [String: Snapshot.Entry], naming trailers: [String] = []) -> Commit {
        state.withLock { state in
            let number = String(state.commits.count + 1, radix: 16)
            let id = String(repeating: number, count: 40)
            let words = trailers.map { "Gyre-Remove: \($0)" }.joined(separator: "\n")
            let commit = Commit(
                id: String(id.prefix(40)),
                author: "",
                seconds: 0,
                message: words.isEmpty ? number : "\(number)\n\n\(words)"
            )
            state.commits.append(commit)
            state.files[commit.id] = entries
            return commit
        }
    }

    /// Puts the branch at a commit that it had before.
    func reset(to commit: Commit) { state.withLock { $0.commits.append(commit) } }

    func heads(of origins: [Origin]) async throws -> [Result<Commit, any Error>] {
        let asked = Set(origins.map(\.repository))
        while state.withLock({ $0.hangs || $0.mute.map(asked.contains) ?? false }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        return try state.withLock { state in
            if let failure = state.failure { throw failure }
            let commit = state.commits[state.commits.count - 1]
            state.places[commit.id, default: []].formUnion(origins.map(\.repository))
            return origins.map { _ in .success(commit) }
        }
    }

    func lastFetched(of origin: Origin) async throws -> Commit? { state.withLock(\.fetched) }

    func commit(startingWith start: String, at origin: Origin) async throws -> Commit {
        throw UnknownCommit()
    }

    func restore(
        _ restoration: Restoration,
        at origin: Origin,
        isPushed: Bool
    ) async throws -> Restored { throw UnknownCommit() }

    /// It knows of no history.
    struct UnknownCommit: Error {}

    func snapshot(of commit: Commit, at origin: Origin) async throws -> Snapshot {
        try state.withLock { state in
            if let places = state.places[commit.id], !places.contains(origin.repository) {
                throw UnknownCommit()
            }
            return Snapshot(commit: commit, entries: state.files[commit.id] ?? [:])
        }
    }

    func good(_ stack: StackID, at origin: Origin) async throws -> Commit? {
        state.withLock { state in
            guard state.goodAt == origin.repository, state.good != nil else { return nil }
            return state.goods[stack]
        }
    }

    func markGood(_ commit: Commit, _ stack: StackID, at origin: Origin) async throws {
        state.withLock { state in
            state.good = commit
            state.goods[stack] = commit
            state.goodAt = origin.repository
        }
    }
}

/// Runs in memory, oldest first.
final class FakeHistory: HistoryKeeping {
    private let kept = Mutex<[RunRecord]>([])

    var runs: [RunRecord] { kept.withLock { $0 } }
    func append(_ run: RunRecord) async { kept.withLock { $0.append(run) } }
}

extension SimulatedNode {
    /// Whether any container runs.
    var isServing: Bool { containers.values.contains { $0.isRunning } }
}
