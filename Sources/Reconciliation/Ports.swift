package import Admission
package import Model

/// Where a stack's files come from.
package struct Origin: Hashable, Sendable {
    package var repository: RepositoryURL
    package var reference: GitReference
    /// Folder of the stack in the repository; empty for its root.
    package var folder: String
    /// Where stacks are looked for instead, before it is known which there are.
    package var folders: FolderPattern?
    /// By what the repository is entered.
    package var access: RepositoryAccess
    /// Whose signature its commits need; nil for nobody's.
    package var signers: Signers?
    /// What of the stack's folder is read.
    package var chosen: ChosenFiles

    package init(
        repository: RepositoryURL,
        reference: GitReference,
        folder: String,
        chosen: ChosenFiles = ChosenFiles(),
        folders: FolderPattern? = nil,
        access: RepositoryAccess = RepositoryAccess(),
        signers: Signers? = nil
    ) {
        self.repository = repository
        self.reference = reference
        self.folder = folder
        self.chosen = chosen
        self.folders = folders
        self.access = access
        self.signers = signers
    }
}

/// Repositories as reconciling needs them.
///
/// A failure is thrown, never an empty answer.
package protocol CommitSource: Sendable {
    /// Asks a repository once for the tips of all `origins`, which are in it, and fetches those
    /// that moved; gives them in that order, each with its own failure.
    ///
    /// A tip that isn't signed as its origin wants is a failure too: it changes nothing.
    func heads(of origins: [Origin]) async throws -> [Result<Commit, any Error>]
    /// The commit whose id begins with `start`, in the history of what is followed.
    func commit(startingWith start: String, at origin: Origin) async throws -> Commit
    /// Writes a commit on top of a branch, and pushes it if `isPushed`.
    func restore(
        _ restoration: Restoration,
        at origin: Origin,
        isPushed: Bool
    ) async throws -> Restored
    /// Who signed what `origin` leads to, where it wants that; nil where nobody has to.
    func signer(of commit: Commit, at origin: Origin) async throws -> String?
    /// The tip as it was last fetched; one that isn't signed as `origin` wants is a failure.
    func lastFetched(of origin: Origin) async throws -> Commit?
    /// The files of a commit, the stack's folder first.
    func snapshot(of commit: Commit, at origin: Origin) async throws -> Snapshot
    /// The last good commit of a stack, kept under a ref of its own.
    func good(_ stack: StackID, at origin: Origin) async throws -> Commit?
    /// Remembers the last good commit of a stack.
    func markGood(_ commit: Commit, _ stack: StackID, at origin: Origin) async throws
}

extension CommitSource {
    /// Of one whose commits nobody signs.
    package func signer(of commit: Commit, at origin: Origin) async throws -> String? { nil }
}

/// One Docker engine as reconciling needs it.
///
/// What changes anything takes a checked request.
package protocol ContainerEngine: Sendable {
    /// Returns when the engine answers, and throws soon when it does not.
    func ping() async throws
    /// Everything that bears the controller's label; the volumes are listed only when one of
    /// `volumes` is mounted by none of the containers.
    func observe(controller: String, volumes: Set<String>) async throws -> Observation
    /// Everything of the compose project `name`, or of a Swarm's `docker stack`, whoever's it is.
    func observe(predecessor name: String) async throws -> Observation
    /// Objects of these kinds whose names begin with `prefix`, whoever's they are.
    func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject]
    /// What containers listen on now, whoever made them.
    func boundPorts() async throws -> [BoundPort]
    /// All networks that there are, whoever made them.
    func networks() async throws -> [ObservedNetwork]
    /// One container with its details; nil when it is gone.
    func inspect(_ id: String) async throws -> ObservedContainer?
    /// What the node has for `reference`; nil when it is not there.
    func image(_ reference: String) async throws -> ImagePin?
    /// The same, but only if it is made for a node like this one.
    func fittingImage(_ reference: String) async throws -> ImagePin?
    /// The manager of a Swarm that is asked now, by the operator's name for it; nil for an engine.
    var manager: String? { get }
    /// All images that the node has; intermediate ones of builds left out.
    func images() async throws -> [NodeImage]
    /// Ids of the images that containers of the node are made of, running or not, whoever's.
    func usedImages() async throws -> Set<String>
    /// The digest that the registry has for `reference` now, `name@sha256:…`; an answer means
    /// that whoever has `access` may use the image.
    func digest(of reference: String, _ access: RegistryAccess?) async throws -> String
    /// What the engine's own clock shows now, at the least and at the most; nil while none of its
    /// answers has told.
    func time() -> ClosedRange<Instant>?
    /// What the node is, as far as services may ask for it.
    func node() async throws -> NodeFacts
    /// The image that carriers are made of; nil while the node has none that is empty.
    func emptyImage() async throws -> ImagePin?
    /// Where the node keeps the file of a content; nil where the engine mounts a file of a volume
    /// by itself.
    func place(of volume: ContentVolume) async throws -> String?
    /// What there is at `path` of a container, which need not run; nil where there is nothing.
    ///
    /// A link at its end is not followed; links before it are, within the container.
    func kind(of path: String, in container: String) async throws -> PathKind?
    /// What is at `path` of a container, which need not run, as a tar archive that comes as fast
    /// as it is read; letting go of it ends that.
    func archive(of path: String, in container: String) async throws -> Pieces
    /// Performs a call; gives the id of what it created.
    func send(_ request: CheckedRequest) async throws -> String?
    /// The same of a call that writes a service of a Swarm, whose nodes pull with `access`.
    func write(_ request: CheckedRequest, _ access: RegistryAccess?) async throws -> String?
    /// Pulls an image that the node can run, reporting in words how far it is.
    func pull(
        _ request: CheckedRequest,
        _ access: RegistryAccess?,
        progress: @escaping @Sendable (String) -> Void
    ) async throws
    /// The last lines that a container wrote, bounded.
    func logs(_ id: String, lines: Int) async throws -> String
    /// A service of a Swarm with its tasks; nil when it is gone.
    func service(_ id: String) async throws -> ObservedService?
    /// The tasks of a stack that Docker calls `name`, also of services that were removed and whose
    /// tasks are still ending.
    func tasks(ofStack name: String) async throws -> [ObservedTask]
    /// The host names of a Swarm's nodes, by their ids.
    func hosts() async throws -> [String: String]
    /// What happens to our objects, until the engine goes away, which throws.
    func events(controller: String) -> AsyncThrowingStream<EngineEvent, any Error>
}

extension ContainerEngine {
    /// One that is no Swarm has none.
    package func service(_ id: String) async throws -> ObservedService? { nil }
    /// One that is no Swarm has no tasks.
    package func tasks(ofStack name: String) async throws -> [ObservedTask] { [] }
    /// One that is no Swarm has no managers.
    package var manager: String? { nil }
    /// One that is no Swarm has no nodes.
    package func hosts() async throws -> [String: String] { [:] }
    /// One that is no Swarm has no nodes to tell.
    package func write(_ request: CheckedRequest, _ access: RegistryAccess?) async throws -> String?
    { try await send(request) }
}

/// What turns the files of a commit into a stack.
///
/// Throws a `Rejection` of files that can't be used, `GivenUp` where the files are to blame that
/// loading them came to no end, and anything else where they are not.
package protocol StackLoading: Sendable {
    /// Tells it from a loader that may read the same files otherwise.
    var version: String { get }
    /// What the files mean; digests of secrets are made with `key`.
    func load(
        _ request: LoadRequest,
        key: ContentKey,
        within limits: LoadingLimits
    ) async throws -> StackReading
    /// What the bytes of a project's `.gyre.yaml` at `path` say.
    func tenantFile(
        _ bytes: [UInt8],
        at path: String,
        of project: String,
        within limits: LoadingLimits
    ) async throws -> TenantFile
}

/// An Open Policy Agent as reconciling needs it.
package protocol AgentAsking: Sendable {
    /// Asks for the value of the agent's rule, with `question` as its input; gives the answer's
    /// bytes.
    ///
    /// Throws whatever keeps an answer from being had within the agent's deadline.
    func ask(_ agent: PolicyAgent, _ question: [UInt8]) async throws -> [UInt8]
}

/// The journal as reconciling needs it.
package protocol JournalKeeping: Sendable {
    /// What the durable entries add up to.
    func state() -> JournalState
    /// Returns when all of `entries` are durable, in one piece.
    func append(_ entries: [JournalEntry], at time: Instant) async throws
    /// Why nothing that is written would last, as when somebody removed the file; nil while it
    /// does.
    func loss() -> String?
    /// Begins an empty journal in the place of one that is lost.
    func beginAnew() throws
    /// Whether other machines wrote it, too, so that this one's audit log doesn't tell all that was
    /// in it.
    var isOthersToo: Bool { get }
}

extension JournalKeeping {
    /// One that nobody can take away.
    package func loss() -> String? { nil }
    /// One that is never lost need not begin anew.
    package func beginAnew() throws {}
    /// One that a single machine has.
    package var isOthersToo: Bool { false }
}

/// The audit log as reconciling needs it.
package protocol AuditKeeping: Sendable {
    /// What the durable entries add up to.
    func state() -> AuditState
    /// Returns when all of `entries`, and all that was noted before, are durable.
    func append(_ entries: [AuditEntry], at time: Instant) async throws
    /// Keeps what has become true already: on the disk where that is possible, else with the next
    /// entries that can be written.
    func note(_ entries: [AuditEntry], at time: Instant) async
}

/// The history as reconciling needs it; its loss stops nothing.
package protocol HistoryKeeping: Sendable {
    /// Keeps the record of a run.
    func append(_ run: RunRecord) async
}

/// An error of an adapter that knows whether trying again can help.
package protocol ClassifiedError: Error {
    var kind: StepFailure.Kind { get }
    /// What went wrong, for those who know what was being done.
    var reason: String { get }
    /// What a person can do about it; nil where nothing particular is known.
    var remedy: String? { get }
    /// Whether somebody answered; silence says nothing of what was asked for.
    var isAnswer: Bool { get }
    /// What is missing, where that is what it comes down to.
    var want: Want? { get }
    /// Whether a commit was not taken because nobody who counts has signed it.
    var isRefusal: Bool { get }
    /// Whether what was asked for is wrong in itself, whenever it is asked.
    var blamesRequest: Bool { get }
}

/// What a version may lack without being at fault.
package enum Want: Hashable, Sendable {
    /// Room on the node's disk.
    case room
    /// An image: the registry says that there is none.
    case image
    /// A plugin of the node, of which a volume or a network is to be.
    case driver
    /// A port that something else listens on.
    case port
    /// Something that is named and isn't there, or not any more.
    case object
}

extension ClassifiedError {
    package var reason: String { String(describing: self) }
    package var remedy: String? { nil }
    package var isAnswer: Bool { true }
    package var want: Want? { nil }
    package var isRefusal: Bool { false }
    package var blamesRequest: Bool { false }
}

extension StepFailure {
    /// What a step's error comes to; one that nobody classified may pass.
    init(_ error: any Error) {
        if let failure = error as? StepFailure {
            self = failure
        } else {
            let known = error as? any ClassifiedError
            self.init(
                known?.kind ?? .transient,
                known?.reason ?? String(describing: error),
                remedy: known?.remedy
            )
        }
    }
}

/// Time as reconciling sees it.
package struct Clock: Sendable {
    package var now: @Sendable () -> Instant
    /// Goes on whatever is done to the system's clock; only its differences mean something.
    package var uptime: @Sendable () -> Nanoseconds
    package var sleep: @Sendable (Nanoseconds) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Instant,
        uptime: (@Sendable () -> Nanoseconds)? = nil,
        sleep: @escaping @Sendable (Nanoseconds) async throws -> Void
    ) {
        self.now = now
        self.uptime = uptime ?? { now().since(Instant(milliseconds: 0)) }
        self.sleep = sleep
    }

    /// A time of the clock that nobody sets, for what is due and what has a deadline; it is
    /// compared with nothing but others of its kind.
    package func steady() -> Instant { Instant(milliseconds: uptime().count / 1_000_000) }

    /// What the system's clock shows, or will show, at a time of the other.
    func shown(_ steady: Instant) -> Instant { now().adding(steady.since(self.steady())) }
}
