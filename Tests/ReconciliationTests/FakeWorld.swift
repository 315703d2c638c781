import Admission
import Logging
import Model
import OperatorFile
import Reconciliation
import Synchronization
import Testing

/// A repository with one compose file, an engine with nothing on it, and a journal in memory.
final class FakeWorld: Sendable {
    struct State {
        var commit = FakeWorld.commit("1")
        var compose = "services:\n  web:\n    image: httpd\n    deploy: {replicas: 0}\n"
        /// What the engine throws instead of answering.
        var failure: (any Error & Sendable)?
        var sent: [EngineRequest.Action] = []
        var good: Commit?
        var observations = 0
        /// Where the compose file is.
        var folders = [""]
        /// How often the repository was asked for its tip.
        var polls = 0
        /// What was to be restored, and whether it was to be pushed.
        var restorations: [(Restoration, isPushed: Bool)] = []
        /// What registries were asked for, and by whose leave.
        var asked: [String] = []
        /// What registries answer instead of a digest.
        var refusal: ImageTrouble?
        /// Whether the node has the images that it is asked for.
        var hasImages = true
        var pulled: [String] = []
        /// Whether pulls stand still at 43 %.
        var holdsPulls = false
    }

    let state = Mutex(State())
    let journal = FakeJournal()
    let audit = FakeAudit()

    static func commit(_ id: String) -> Commit {
        Commit(id: String(repeating: id, count: 40), author: "", seconds: 0, message: id)
    }

    func parts() -> ControllerParts {
        ControllerParts(
            source: self,
            loading: LoadingHere(),
            engine: self,
            journal: journal,
            audit: audit,
            history: self,
            clock: Clock(
                now: { Instant(milliseconds: 1_800_000_000_000) },
                sleep: { _ in try await Task.sleep(for: .milliseconds(1)) }
            ),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
            controller: "test"
        )
    }

    static func settings() throws -> Settings {
        let text = "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop}]}}"
        return try Settings(parsing: Array(text.utf8), directory: "/")
    }
}

extension FakeWorld: CommitSource {
    func heads(of origins: [Origin]) async throws -> [Result<Commit, any Error>] {
        state.withLock { state in
            state.polls += 1
            return origins.map { _ in .success(state.commit) }
        }
    }
    func commit(startingWith start: String, at origin: Origin) async throws -> Commit {
        FakeWorld.commit(String(start.prefix(1)))
    }
    func restore(
        _ restoration: Restoration,
        at origin: Origin,
        isPushed: Bool
    ) async throws -> Restored {
        state.withLock { state in
            state.restorations.append((restoration, isPushed))
            var restored = Restored(tip: state.commit, changes: [FileChange("a", .changed)])
            if isPushed {
                state.commit = FakeWorld.commit("9")
                restored.commit = state.commit
            }
            return restored
        }
    }
    func lastFetched(of origin: Origin) async throws -> Commit? { state.withLock { $0.commit } }
    func snapshot(of commit: Commit, at origin: Origin) async throws -> Snapshot {
        let (compose, folders) = state.withLock { ($0.compose, $0.folders) }
        let paths = folders.map { $0.isEmpty ? "compose.yaml" : "\($0)/compose.yaml" }
        let file = Snapshot.Entry.file(Array(compose.utf8))
        return Snapshot(
            commit: commit,
            entries: Dictionary(uniqueKeysWithValues: paths.map { ($0, file) })
        )
    }
    func good(_ stack: StackID, at origin: Origin) async throws -> Commit? {
        state.withLock { $0.good }
    }
    func markGood(_ commit: Commit, _ stack: StackID, at origin: Origin) async throws {
        state.withLock { $0.good = commit }
    }
}

extension FakeWorld: ContainerEngine {
    func observe(controller: String, volumes: Set<String>) async throws -> Observation {
        try state.withLock { state in
            state.observations += 1
            if let failure = state.failure { throw failure }
        }
        return Observation(time: Instant(milliseconds: 1_800_000_000_000))
    }
    func observe(predecessor name: String) async throws -> Observation {
        Observation(time: Instant(milliseconds: 0))
    }
    func ping() async throws {}
    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] { [] }
    func boundPorts() async throws -> [BoundPort] { [] }
    func networks() async throws -> [ObservedNetwork] { [] }
    func inspect(_ id: String) async throws -> ObservedContainer? { nil }
    func image(_ reference: String) async throws -> ImagePin? {
        guard state.withLock({ $0.hasImages }) else { return nil }
        return ImagePin(reference: reference, imageID: "sha256:1", digest: nil)
    }
    func fittingImage(_ reference: String) async throws -> ImagePin? {
        try await image(reference)
    }
    func images() async throws -> [NodeImage] { [] }
    func usedImages() async throws -> Set<String> { [] }
    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String {
        try state.withLock { state in
            state.asked.append("\(reference) by \(access?.place ?? "nobody")")
            if let refusal = state.refusal { throw refusal }
        }
        let name = reference.prefix { $0 != "@" }.split(separator: "/")
        let bare = name.last.map { $0.prefix { $0 != ":" } } ?? ""
        let digest = "sha256:" + String(repeating: "d", count: 64)
        return (name.dropLast() + [bare]).joined(separator: "/") + "@\(digest)"
    }
    func time() -> ClosedRange<Instant>? { nil }
    func node() async throws -> NodeFacts { NodeFacts() }
    func emptyImage() async throws -> ImagePin? {
        ImagePin(reference: EmptyImage.reference, imageID: "sha256:0", digest: nil)
    }
    func kind(of path: String, in container: String) async throws -> PathKind? { .folder }
    func archive(of path: String, in container: String) async throws -> Pieces { Pieces { nil } }
    func place(of volume: ContentVolume) async throws -> String? { nil }
    func send(_ request: CheckedRequest) async throws -> String? {
        state.withLock { $0.sent.append(request.request.action) }
        return String(repeating: "a", count: 64)
    }
    func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws {
        let image = request.request.query.map(\.value).joined(separator: ":")
        progress("43 %")
        while state.withLock({ $0.holdsPulls }) { try await Task.sleep(for: .milliseconds(2)) }
        state.withLock { state in
            state.pulled.append("\(image) by \(access?.place ?? "nobody")")
            state.hasImages = true
        }
    }
    func logs(_ id: String, lines: Int) async throws -> String { "" }
    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error> {
        AsyncThrowingStream { _ in }
    }
}

extension FakeWorld: HistoryKeeping {
    func append(_ run: RunRecord) async {}
}

/// A journal that forgets when the process ends.
final class FakeJournal: JournalKeeping {
    private let kept = Mutex(JournalState())
    private let doom: Doom?

    init(doom: Doom? = nil) { self.doom = doom }

    func state() -> JournalState { kept.withLock { $0 } }
    func append(_ entries: [JournalEntry], at time: Instant) async throws {
        let fate = doom?.strike() ?? .spared
        if fate == .before { throw Killed() }
        kept.withLock { state in for entry in entries { state.apply(entry) } }
        if fate == .after { throw Killed() }
    }
}

/// Looks again and again until something is so.
func eventually(_ isSo: () async throws -> Bool) async throws {
    for _ in 0..<2000 {
        if try await isSo() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it never came true")
}
