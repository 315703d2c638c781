package import Admission
package import Model
package import Planning

/// What brings one stack to where its commits say, one pass at a time.
package struct Reconciler: Sendable {
    package let id: StackID
    package let origin: Origin
    package let tenant: TenantPolicy
    package let settings: ReconcilerSettings
    /// What the stack's project may show to registries.
    package let registries: Registries
    /// The stack's node.
    package let node: ClusterNode
    /// What stacks hold of what they share.
    package let ledger: SharedLedger
    package let source: any CommitSource
    package let loading: any StackLoading
    package internal(set) var journal: any JournalKeeping
    package let audit: any AuditKeeping
    package let history: any HistoryKeeping
    package let clock: Clock
    /// Who is asked whether a stack may run, besides the rules; nil for nobody.
    package let agent: PolicyAgent?
    package let agents: (any AgentAsking)?
    /// What digests of secrets are made with.
    package let contentKey: ContentKey
    /// Nothing may be changed but by a sound journal.
    package let trust: JournalTrust
    /// Whether a controller goes on and tries again what fails.
    package let isAttended: Bool
    /// Told of every step as it happens.
    package let listener: @Sendable (RunEvent) -> Void
    /// That policy be enforced, where somebody only asks what that would do.
    package var supposed: PolicyDemand?
    /// The tenant as the operator's file has it, without what the journal knows besides.
    var written: TenantPolicy
    /// What is supposed to be taken over.
    var adoption: Adoption?
    /// What it has to do with other stacks of its project.
    var ties = StackTies()
    /// What the stack remembers between passes; nothing in it must survive a restart.
    package let memory: StackMemory

    package init(
        id: StackID,
        origin: Origin,
        tenant: TenantPolicy,
        settings: ReconcilerSettings,
        registries: Registries,
        node: ClusterNode,
        ledger: SharedLedger,
        source: any CommitSource,
        loading: any StackLoading,
        journal: any JournalKeeping,
        audit: any AuditKeeping,
        history: any HistoryKeeping,
        clock: Clock,
        agent: PolicyAgent? = nil,
        agents: (any AgentAsking)? = nil,
        contentKey: ContentKey = ContentKey(),
        trust: JournalTrust = .sound,
        isAttended: Bool = true,
        memory: StackMemory = StackMemory(),
        listener: @escaping @Sendable (RunEvent) -> Void = { _ in }
    ) {
        self.id = id
        self.origin = origin
        self.tenant = tenant
        written = tenant
        self.settings = settings
        self.registries = registries
        self.node = node
        self.ledger = ledger
        self.source = source
        self.loading = loading
        self.journal = journal
        self.audit = audit
        self.history = history
        self.clock = clock
        self.agent = agent
        self.agents = agents
        self.contentKey = contentKey
        self.trust = trust
        self.isAttended = isAttended
        self.memory = memory
        self.listener = listener
    }
}

extension Reconciler {
    var engine: any ContainerEngine { node.engine }
    var pulls: ImagePulls { node.pulls }
    var questions: RegistryQuestions { node.questions }

    /// What the tenant may do on the stack's node.
    var tenantHere: TenantPolicy { tenant.on([node.place]) }

    /// The tenant's policy as it is now, when some of its exceptions may have expired; what the
    /// project's stacks take together is for the ledger to judge, which knows what runs.
    package var policy: Policy {
        Policy(tenantHere.withoutQuotas, at: clock.now(), users: memory.users ?? .asShown)
    }

    /// Finds out what numbers of users mean on the node, where something that is granted rests on
    /// them; `anew` asks although it is known.
    func learnUsers(anew: Bool = false) async throws {
        guard tenant.grants.mounts.contains(where: \.isShared), anew || memory.mustLearnUsers else {
            return
        }
        memory.learned(try await engine.node().users)
    }
}

/// The operator's numbers that a pass needs.
package struct ReconcilerSettings: Hashable, Codable, Sendable {
    package var controller: String
    package var window: Judgement.Window
    package var backoff: Backoff.Settings
    /// Engine calls of one stack at a time.
    package var width: Int
    /// What loading one commit may take.
    package var loading: LoadingLimits
    /// How long a container is no target of the ingress before it is stopped; nil without one.
    package var drain: Nanoseconds?
    /// Where networks get their subnets from; nil where engines choose.
    package var subnets: SubnetPool?

    package init(
        controller: String,
        window: Judgement.Window = .init(),
        backoff: Backoff.Settings = .init(),
        width: Int = 16,
        loading: LoadingLimits = LoadingLimits()
    ) {
        self.controller = controller
        self.window = window
        self.backoff = backoff
        self.width = width
        self.loading = loading
    }
}

/// The commit that a repository is at, and what kept us from knowing it now.
package struct Head: Hashable, Sendable {
    /// nil: never known.
    package var commit: Commit?
    /// Why the repository could not be asked; what was fetched last still stands.
    package var problem: String?
    /// The stack's folder is not in the commit any more.
    package var isStackGone: Bool
    /// Why this stack's files can't be used although the commit is known.
    package var conflict: String?
    /// What `.gyre.yaml` has against it, whatever its own files are.
    package var refusal: [Diagnostic]

    package init(
        commit: Commit?,
        problem: String? = nil,
        isStackGone: Bool = false,
        conflict: String? = nil,
        refusal: [Diagnostic] = []
    ) {
        self.commit = commit
        self.problem = problem
        self.isStackGone = isStackGone
        self.conflict = conflict
        self.refusal = refusal
    }
}

/// Something that happened in a run, for progress, logs and pages.
package enum RunEvent: Sendable {
    case planned(StackID, Plan)
    case began(StackID, Step)
    case progress(StackID, Step, String)
    case finished(StackID, Step, StepResult, milliseconds: Int64)
}
