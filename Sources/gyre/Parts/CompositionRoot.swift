internal import OperatorFile
internal import ControlAPI
internal import DockerEngine
internal import GitSource
internal import Logging
internal import Model
internal import Reconciliation
internal import Store
internal import Transport
internal import Workers

/// Where the parts of a controller are made and put together.
struct CompositionRoot: Sendable {
    let settings: Settings
    let logger: Logger
    /// By the names of their nodes, or of the Swarm's managers.
    let engines: [String: DockerEngine]
    /// Our part in who leads; nil where nobody else could.
    let lead: Leadership?
    /// The Swarm that managers are to be of.
    private let swarm: KnownSwarm

    /// `lead` is one that was taken before.
    init(_ settings: Settings, _ logger: Logger, lead: Leadership? = nil) throws {
        self.settings = settings
        self.logger = logger
        let timeouts = settings.defaults.timeouts
        let lead = try lead ?? Leadership(settings, logger)
        let deadlines = EngineDeadlines(
            call: timeouts.engine.duration,
            pull: timeouts.pull.duration,
            connect: timeouts.connect.duration,
            // What the next leader waits for.
            change: lead == nil ? nil : Lease.Times().call.duration
        )
        engines = try settings.doors.mapValues { node in
            try DockerEngine(node.engine, node.access, deadlines: deadlines) {
                try lead?.require()
            }
        }
        self.lead = lead
        swarm = lead?.records.swarm ?? KnownSwarm()
    }

    /// How long somebody who only looks waits for another process that speaks with a repository: it
    /// may hang on a silent server, and mostly has done in a moment.
    private static let glance = Duration.seconds(1)

    private func source(isLooking: Bool) -> Mirrors {
        Mirrors(
            mirrors: GitMirrors(
                directory: settings.stateDirectory + "/mirrors",
                // More than go on at once of what is due, so that people needn't wait for it.
                pool: BlockingPool(name: "git", threads: 112),
                rules: GitRules(settings),
                patience: isLooking ? CompositionRoot.glance : nil
            )
        )
    }

    /// A controller over a journal and a history.
    private func controller(
        _ journal: any JournalKeeping,
        _ audit: any AuditKeeping,
        _ history: any HistoryKeeping,
        _ key: ContentKey,
        lost: String?,
        isLooking: Bool
    ) -> Controller {
        swarm.go(by: journal)
        let parts = ControllerParts(
            source: source(isLooking: isLooking),
            loading: WorkerLoader(),
            nodes: nodes,
            journal: journal,
            audit: audit,
            history: history,
            clock: .system,
            agents: Agents(),
            contentKey: key,
            logger: logger
        )
        return Controller(settings, parts, lost: lost)
    }

    private var nodes: [ClusterNode] {
        if let rules = settings.swarm?.rules {
            let doors = engines.mapValues { Engine(engine: $0, logger: logger) }
            let named = doors.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            let managers = ManagerList(named, of: swarm) { try await $0.engine.swarmID() }
            let node = ClusterNode(
                NodeName.main,
                SwarmManagers(managers, logger: logger),
                controller: settings.controller,
                clock: .system,
                swarm: rules,
                managers: doors
            )
            return [node]
        }
        return engines.map { name, engine in
            ClusterNode(
                name,
                Engine(engine: engine, logger: logger),
                labels: settings.cluster[name]?.labels ?? [:],
                controller: settings.controller,
                clock: .system
            )
        }
    }

    /// A controller that may change what runs: it holds the locks for as long as it lives.
    func open() async throws -> Opened {
        // While the disk is at it, engines and certificates can be.
        async let identities = EngineLock.identities(of: engines)
        async let _ = GitMirrors.start()
        let folder = try StateFolder(settings, logger)
        let swarm = KnownSwarm.id(in: folder.journal.state())
        let lock = try await EngineLock(settings, engines, await identities, in: swarm)
        await folder.noteNewJournal()
        let runs = Runs(history: folder.history, logger: logger)
        let known = try await knowledge(folder)
        return Opened(
            controller: controller(
                known.journal,
                folder.audit,
                runs,
                known.key,
                lost: known.lost,
                isLooking: false
            ),
            folder: folder,
            lock: lock,
            lead: lead
        )
    }

    /// A controller that only looks, beside whatever holds the locks.
    func look() async throws -> Controller {
        try StateFolder.make(settings.stateDirectory)
        var lost: String?
        var isShared = false
        var state = JournalState()
        switch try Journal.reading(at: settings.stateDirectory) {
        case .sound(let journal): state = journal.state()
        case .missing: break
        case .broken(let reason): lost = "the journal is broken (\(reason))"
        }
        var key = try ContentKeyFile.read(in: settings.stateDirectory) ?? ContentKey()
        // Where no manager answers, nothing is seen that could be judged by it.
        if let shared = try? await lead?.known() {
            key = shared.key ?? key
            switch shared.state {
            case .none: break
            case .sound(let found): (state, lost) = (found, nil)
            case .broken(let reason), .newer(let reason):
                (state, lost, isShared) = (JournalState(), reason, true)
            }
        }
        return controller(
            BorrowedJournal(state, isOthersToo: isShared),
            NoEvidence(),
            NoRuns(),
            key,
            lost: lost,
            isLooking: true
        )
    }

    /// A controller and what it holds.
    struct Opened: Sendable {
        let controller: Controller
        let folder: StateFolder
        let lock: EngineLock
        let lead: Leadership?
    }
}
