internal import Admission
internal import ComposeFile
package import OperatorFile
package import Logging
package import Model
internal import Synchronization

/// Keeps every stack of a configuration where its commits say, until it is told to stop.
///
/// One loop takes what is due from an agenda and carries it out beside the others; a stack is
/// reconciled by one pass at a time, a repository asked once at a time. Events of the engine
/// and new commits only put things on the agenda.
package actor Controller {
    let parts: ControllerParts
    var settings: Settings
    var agenda = Agenda()
    /// What is being carried out now.
    private var underWay: [Agenda.Item: Asked] = [:]
    var repositories: [Upstream: RepositoryState] = [:]
    /// When repositories are asked.
    var polls = PollSchedule()
    var stacks: [StackID: StackState] = [:]
    /// What became of stacks that no repository holds any more.
    var missing: [StackID: MissingStack] = [:]
    /// What is known of each node.
    var nodes: [String: NodeState] = [:]
    /// An empty journal is believed only when the engine holds nothing of ours.
    var trust: JournalTrust
    /// What runs on of projects that the configuration has no more.
    var orphans: [OrphanedStack] = []
    /// The volumes that are being read, by the tokens of what they are read through.
    var exports: [String: VolumeReader.Mark] = [:]
    /// The configuration that was asked for and not taken up.
    var refused: RefusedConfiguration?
    /// Digests of the policies of projects that the audit log was told of.
    var toldPolicies: [String: String] = [:]
    /// Why the journal that was here is not used.
    let lost: String?
    /// Whether its loop sees to it that what fails is tried again.
    private(set) var isAttended = false
    /// Whether its loop has come to an end.
    private(set) var hasStopped = false
    private let bell: AsyncStream<Void>
    private let bellPull: AsyncStream<Void>.Continuation
    /// The time of the earliest alarm that is set.
    private var alarm: Instant?

    /// `lost` says why a journal was set aside, if one was; `parts` has the empty one that
    /// took its place then.
    package init(_ settings: Settings, _ parts: ControllerParts, lost: String? = nil) {
        self.settings = settings
        self.parts = parts
        self.lost = lost
        let isNew = parts.journal.state() == JournalState()
        trust = isNew ? .unknown("the engine was not looked at yet") : .sound
        (bell, bellPull) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Runs until the surrounding task is cancelled.
    package func run() async {
        isAttended = true
        load(settings)
        for node in parts.nodes.keys {
            schedule(.engine(node))
            schedule(.images(node), in: imagePause)
        }
        await withDiscardingTaskGroup { group in
            for node in parts.nodes.values {
                group.addTask { await self.watchEngine(of: node) }
                group.addTask { await node.pulls.serve() }
                group.addTask { await node.questions.serve { await self.answered($0) } }
            }
            for await _ in bell {
                for item in takeDue() {
                    group.addTask { await self.carryOut(item) }
                }
                if let time = nextAlarm() {
                    group.addTask { await self.ring(at: time) }
                }
            }
            hasStopped = true
        }
    }

    /// Puts something on the agenda, to be done at once or after `span`.
    func schedule(_ item: Agenda.Item, in span: Nanoseconds = .init(0)) {
        agenda.add(item, at: parts.clock.steady().adding(span))
        wake()
    }

    /// Lets the loop look at what is due.
    func wake() { bellPull.yield() }

    /// What is due; what is being carried out already is done again right after.
    private func takeDue() -> [Agenda.Item] {
        let now = parts.clock.steady()
        let due = agenda.due(at: now).filter { item in
            let isFree = underWay[item] == nil
            underWay[item] = isFree ? .once : .again
            return isFree
        }
        return due + polls.begin(at: now).map(Agenda.Item.poll)
    }

    /// The time to wake up at, unless an alarm is set that rings no later.
    private func nextAlarm() -> Instant? {
        let times = [agenda.next, polls.next].compactMap { $0 }
        guard let next = times.min(), alarm.map({ next < $0 }) ?? true else { return nil }
        alarm = next
        return next
    }

    private func ring(at time: Instant) async {
        let span = max(.milliseconds(1), time.since(parts.clock.steady()))
        try? await parts.clock.sleep(span)
        if alarm == time { alarm = nil }
        bellPull.yield()
    }

    private func carryOut(_ item: Agenda.Item) async {
        switch item {
        case .poll(let upstreams): await poll(upstreams)
        case .reconcile(let stack): await pass(over: stack)
        case .engine(let node): await keepAskingEngine(of: node)
        case .images(let node):
            await collectImages(on: node)
            schedule(.images(node), in: imagePause)
        case .lookForOrphans:
            await lookForOrphans()
            if !orphans.isEmpty { schedule(.lookForOrphans, in: settings.polling) }
        case .exports:
            await clearExports()
            if !exports.isEmpty { schedule(.exports, in: .seconds(10)) }
        }
        if underWay.removeValue(forKey: item) == .again { schedule(item) }
    }

    /// Does something about a stack while no pass over it is made.
    ///
    /// Waits a while for one that is, as many looks as it has `patience`, and throws then: it may
    /// take as long as a version needs to show itself stable.
    func apart<Result: Sendable>(
        from id: StackID,
        patience: Int = 100,
        _ body: () async throws -> Result
    ) async throws -> Result {
        let item = Agenda.Item.reconcile(id)
        for _ in 0..<patience where underWay[item] != nil {
            try await parts.clock.sleep(.milliseconds(100))
        }
        guard underWay[item] == nil else {
            throw NotPossible("something is being done to \(id); try again when that has ended")
        }
        underWay[item] = .once
        defer { if underWay.removeValue(forKey: item) == .again { schedule(item) } }
        return try await body()
    }

    /// How often something that is under way was asked for.
    private enum Asked {
        case once
        /// Meanwhile, so that it is done once more.
        case again
    }
}

/// What a controller works with.
package struct ControllerParts: Sendable {
    package var source: any CommitSource
    package var loading: any StackLoading
    /// By name, at least one.
    package let nodes: [String: ClusterNode]
    package var journal: any JournalKeeping
    package var audit: any AuditKeeping
    package var history: any HistoryKeeping
    package var clock: Clock
    /// nil where no agent can be asked, which denies where one has to be.
    package var agents: (any AgentAsking)?
    /// What digests of secrets are made with.
    package var contentKey: ContentKey
    package var logger: Logger
    let ledger = SharedLedger()

    package init(
        source: any CommitSource,
        loading: any StackLoading,
        nodes: [ClusterNode],
        journal: any JournalKeeping,
        audit: any AuditKeeping,
        history: any HistoryKeeping,
        clock: Clock,
        agents: (any AgentAsking)? = nil,
        contentKey: ContentKey = ContentKey(),
        logger: Logger
    ) {
        self.source = source
        self.loading = loading
        self.nodes = nodes.reduce(into: [:]) { all, node in
            all[node.name] = node.lending(journal)
            all[node.name]?.isAlone = nodes.count == 1
            node.check.go { journal.state().engines[node.engineName] }
        }
        self.journal = journal
        self.audit = audit
        self.history = history
        self.clock = clock
        self.agents = agents
        self.contentKey = contentKey
        self.logger = logger
    }

    /// A controller of one engine.
    package init(
        source: any CommitSource,
        loading: any StackLoading,
        engine: any ContainerEngine,
        journal: any JournalKeeping,
        audit: any AuditKeeping,
        history: any HistoryKeeping,
        clock: Clock,
        logger: Logger,
        controller: String
    ) {
        self.init(
            source: source,
            loading: loading,
            nodes: [ClusterNode(NodeName.main, engine, controller: controller, clock: clock)],
            journal: journal,
            audit: audit,
            history: history,
            clock: clock,
            logger: logger
        )
    }

    func now() -> Instant { clock.now() }
}

/// What is known of a repository and branch.
struct RepositoryState: Sendable {
    var head: Commit?
    var problem: String?
    /// Whether it answered, and the problem is what it lacks.
    var isReached = false
    /// When it last answered, and well.
    var checked: Instant?
    /// The folders of its head that hold a stack, for each place where stacks are looked for.
    var found: [Origin: [StackID: [StackFolder]]] = [:]
    /// What is wrong with the `.gyre.yaml` of a place; what was found before still stands there.
    var broken: [Origin: [Diagnostic]] = [:]
    /// Those of these places that are no folder of its head, and not just missing.
    var obstructed: Set<Origin> = []
    /// What the operator's file said of it when they were looked for.
    var entries: [RepositoryEntry] = []
    /// Whether it is known what was fetched of it before.
    var isRecalled = false
    /// Polls that came to an end, well or not.
    var answers = 0
}

/// What the controller keeps of a stack.
struct StackState: Sendable {
    var origin: Origin
    var tenant: TenantPolicy
    var isGone = false
    /// Nobody knows where it is: what the journal knows of it is looked after all the same.
    var isAssumed = false
    var conflict: String?
    /// What `.gyre.yaml` has against it.
    var refusal: [Diagnostic] = []
    /// Stacks of its project that come before it.
    var dependencies: [WrittenText] = []
    /// The commit that it was found in, there.
    var seen: Commit?
    let memory = StackMemory()
    var status: StackStatus
    /// Passes made at once one after the other, to end an endless back and forth.
    var hurry = 0
    /// Passes that have begun, and those of them after which nothing is left to do at once.
    var begun = 0
    var settled = 0
}
