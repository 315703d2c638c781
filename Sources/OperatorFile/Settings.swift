package import Model

/// What the operator's `gyre.yaml` says, complete: every value that the file leaves out is here
/// with its default, every relative path is absolute.
package struct Settings: Hashable, Codable, Sendable {
    /// Written into the labels of everything this controller makes.
    package var controller = "gyre"
    /// Absolute; the journal, the history and the mirrors live below it.
    package var stateDirectory = "/var/lib/gyre"
    package var engine = EngineAddress.unix(path: "/var/run/docker.sock")
    package var engineAccess = EngineAccess()
    /// As the file has them under `nodes`, by name; see ``cluster``.
    package var nodes: [String: NodeEntry] = [:]
    /// In the place of the two above; nil where stacks run on engines.
    package var swarm: SwarmEntry?
    /// Where networks of stacks get their subnets from; nil where engines choose.
    package var subnets: SubnetPool?
    /// Absolute path of the socket that the command line speaks to.
    package var socket = "/var/lib/gyre/gyre.sock"
    /// How often a repository is asked for its tip, before jitter.
    package var polling = Nanoseconds.seconds(60)
    package var defaults = Defaults()
    /// Where a proxy asks for its routes; nil where none does.
    package var ingress: Ingress?
    /// How repositories on servers are reached.
    package var git = Git()
    /// Who judges stacks besides Gyre's own rules; nil for nobody.
    package var agent: PolicyAgent?
    /// URL of the folder in which teams find Gyre's pages.
    package var docs: String?
    /// Registries as every project may use them.
    package var registries: [RegistryAccess] = []
    /// By name.
    package var projects: [String: Project] = [:]
    /// What the file may say but probably shouldn't, sorted by place.
    package var warnings: [Diagnostic] = []

    /// The part of a polling interval by which each wait is spread, so that many repositories
    /// aren't asked in the same instant.
    package static let pollingJitter = 0.1

    /// Nothing but defaults, and no project.
    package init() {}

    /// One tenant: where its stacks are declared, and what it may use.
    package struct Project: Hashable, Codable, Sendable {
        package var repositories: [Repository]
        /// Registries as this project alone may use them.
        package var registries: [RegistryAccess]
        package var policy: TenantPolicy
        /// The agent's rule for this project; `none` where it isn't asked, nil for the usual one.
        package var agentRule: String?
        /// Networks and volumes, by name on the engine, to the projects that may use them.
        package var offers: [String: Set<String>] = [:]
        /// Names of the nodes that its stacks may be given; nil for all.
        package var nodes: Set<String>?
        /// Stacks that move from a lost node though they write what outlives them there.
        package var failover: Set<String> = []

        package init(
            repositories: [Repository],
            registries: [RegistryAccess] = [],
            policy: TenantPolicy = TenantPolicy()
        ) {
            self.repositories = repositories
            self.registries = registries
            self.policy = policy
        }

        /// By stack: what Docker calls what it is taken over from.
        package var adoptions: [String: String] { policy.adopted }
    }

    /// A folder of a repository, or several, that declare stacks.
    package struct Repository: Hashable, Codable, Sendable {
        package var url: RepositoryURL
        package var reference: GitReference
        /// Without leading or trailing slash; empty for the root.
        package var folder: String
        /// Which folders hold a stack each, in the place of `folder`.
        package var folders: FolderPattern?
        package var access: RepositoryAccess
        /// nil where nobody has to sign.
        package var signers: Signers?
        /// What the stack is called when `folder` itself holds a compose file; nil for the name of
        /// the project.
        package var stack: String?
        /// Which environments `.gyre.yaml` may ask for, the usual one first; nil for any.
        package var environments: [String]?
        package var polling: Nanoseconds

        package init(
            url: RepositoryURL,
            reference: GitReference = .branch("main"),
            folder: String = "",
            folders: FolderPattern? = nil,
            access: RepositoryAccess = RepositoryAccess(),
            signers: Signers? = nil,
            stack: String? = nil,
            environments: [String]? = nil,
            polling: Nanoseconds = .seconds(60)
        ) {
            self.url = url
            self.reference = reference
            self.folder = folder
            self.folders = folders
            self.access = access
            self.signers = signers
            self.stack = stack
            self.environments = environments
            self.polling = polling
        }
    }

    /// Where a proxy asks for its routes, and how long it may take to go by them.
    package struct Ingress: Hashable, Codable, Sendable {
        /// What the listener is bound to.
        package var address = "127.0.0.1"
        package var port: Int
        /// From when a container is no target any more until it is stopped.
        package var drain = Nanoseconds.seconds(10)

        package init(port: Int) { self.port = port }
    }

    /// How patient and how busy the controller is.
    package struct Defaults: Hashable, Codable, Sendable {
        /// How long a service without a health check must run to count as stable.
        package var stability = Nanoseconds.seconds(10)
        /// How long a service must stay healthy after its first good health check.
        package var afterHealthy = Nanoseconds.seconds(5)
        /// The first wait after a failure; each further one doubles it.
        package var backoffFirst = Nanoseconds.seconds(1)
        /// The longest wait after a failure.
        package var backoffLongest = Nanoseconds.seconds(300)
        /// Steps of one plan that run side by side.
        package var parallelism = 16
        /// Images of the node that are pulled at once, for all stacks together.
        package var pulls = 3
        /// How long an image that Gyre pulled stays on a node where nothing is made of it; nil: for
        /// ever.
        package var unusedImages: Nanoseconds? = .seconds(14 * 86_400)
        package var timeouts = Timeouts()
        /// What loading one commit may take.
        package var loading = LoadingLimits()

        package init() {}
    }

    /// When a call that doesn't answer has failed.
    package struct Timeouts: Hashable, Codable, Sendable {
        /// One call to the engine that isn't a pull.
        package var engine = Nanoseconds.seconds(30)
        package var pull = Nanoseconds.seconds(1800)
        /// Until a repository's server answers.
        package var connect = Nanoseconds.seconds(10)
        /// A node of which nothing was heard, until it is lost.
        package var node = Nanoseconds.seconds(300)
        /// A transfer from a repository that brings no byte.
        package var progress = Nanoseconds.seconds(30)

        package init() {}
    }
}
