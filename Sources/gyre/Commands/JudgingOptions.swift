internal import Admission
internal import ArgumentParser
internal import Model
internal import OperatorFile
internal import Reconciliation

/// What offline commands judge by: a project of the operator's file, or a policy that the operator
/// has published.
struct JudgingOptions: ParsableArguments {
    @OptionGroup var file: FileOptions
    @Option(
        help: ArgumentHelp(
            "A policy that gyre policy publish wrote, in place of --config.",
            valueName: "file"
        )
    )
    var policy: String?
    @Option(help: "The project whose grants and profile hold; a published policy names its own.")
    var project: String?
    @Option(help: "The stack that the folder is. (default: the one of the project's name)")
    var stack: String?
    @Option(
        help: "The node that it is to run on. (default: whichever of the project's is strictest)"
    )
    var node: String?
    @Option(
        help: ArgumentHelp(
            "With a .gyre.yaml: the environment. (default: the one that the stack names)",
            valueName: "name"
        )
    )
    var environment: String?

    func judgement() throws -> FolderJudgement {
        var (project, stack) = (project, stack)
        let parts = (stack ?? "").split(separator: "/", maxSplits: 1).map(String.init)
        if parts.count == 2 {
            guard project == nil || project == parts[0] else {
                throw Failure(.usage, "--project and --stack name two projects")
            }
            (project, stack) = (parts[0], parts[1])
        }
        return try FolderJudgement(
            config: file.config,
            policy: policy,
            project: project,
            stack: stack,
            environment: environment,
            node: node
        )
    }
}

/// A policy, the stack that it is asked about, and what loading may take.
struct FolderJudgement {
    let policy: Policy
    let stack: StackID
    /// Whether it was named, and isn't just the one of the project's name.
    var isStackNamed = true
    /// What `.gyre.yaml` is read for; nil for what the stack names itself.
    var environment: String?
    let loading: LoadingLimits
    /// Which published policy it is; nil where it is the operator's own file.
    let name: PolicyName?
    let hasQuotas: Bool
    /// Whether a running controller asks an Open Policy Agent besides.
    let asksAgent: Bool
    /// Whether a Swarm is to run the stack.
    let isForSwarm: Bool
    let docs: DocumentLinks

    init(
        _ tenant: TenantPolicy,
        of stack: StackID,
        loading: LoadingLimits,
        asksAgent: Bool,
        isForSwarm: Bool,
        docs: String?,
        by name: PolicyName? = nil
    ) {
        policy = Policy(tenant, at: Reconciliation.Clock.system.now())
        self.stack = stack
        self.loading = loading
        self.name = name
        hasQuotas = !tenant.quotas.isEmpty
        self.asksAgent = asksAgent
        self.isForSwarm = isForSwarm
        self.docs = DocumentLinks(folder: docs)
    }
}

extension FolderJudgement {
    /// By a published policy where there is one, else by a project of the operator's file.
    init(
        config: String?,
        policy: String?,
        project: String?,
        stack: String?,
        environment: String?,
        node: String? = nil
    ) throws {
        guard let policy else {
            guard let project else {
                throw Failure(
                    .usage,
                    "whose policy holds?",
                    remedy: "name --project of the operator's file, or a published --policy FILE"
                )
            }
            let file = try ConfigurationFile(config)
            self.init(
                try file.policy(of: project, on: node),
                of: try StackID(project: project, stack: stack ?? project),
                loading: file.settings.defaults.loading,
                asksAgent: file.settings.agent(of: project) != nil,
                isForSwarm: file.settings.swarm != nil,
                docs: file.settings.docs
            )
            self.environment = environment
            isStackNamed = stack != nil
            return
        }
        guard config == nil else {
            throw Failure(.usage, "--policy and --config exclude each other")
        }
        guard node == nil else {
            throw Failure(
                .usage,
                "--node goes with --config: a published policy is for its nodes already",
                remedy: "ask the operator for what gyre policy publish --node writes"
            )
        }
        let published = try PublishedPolicy(reading: policy)
        guard project == nil || project == published.project else {
            throw Failure(
                .usage,
                "\(policy) is the policy of the project \(published.project)",
                remedy: "leave out --project"
            )
        }
        self.init(
            published.tenant,
            of: try StackID(project: published.project, stack: stack ?? published.project),
            loading: published.loading,
            asksAgent: published.asksAgent,
            isForSwarm: published.isForSwarm,
            docs: published.docs,
            by: PolicyName(project: published.project, digest: published.digest)
        )
        self.environment = environment
        isStackNamed = stack != nil
    }
}

/// Which published policy an answer was made by.
struct PolicyName: Encodable, Hashable {
    var project: String
    var digest: String
}

extension PublishedPolicy {
    /// Reads the file at `path`.
    init(reading path: String) throws {
        let bytes: [UInt8]
        do {
            bytes = try FileBytes.read(path, limit: 4 << 20, followingLink: true)
        } catch {
            let remedy = "ask the operator for what gyre policy publish writes"
            throw Failure(.usage, "\(error)", remedy: remedy)
        }
        let sources = SourceFiles { $0 == path ? bytes : nil }
        do {
            self = try PublishedPolicy(parsing: bytes, file: path)
        } catch {
            throw Failure(.usage, error, in: sources)
        }
        guard rules == Rule.version else {
            throw Failure(
                .usage,
                "\(path) was published for version \(rules) of the rules, and this Gyre has "
                    + "version \(Rule.version)",
                remedy: "use the Gyre that the operator has, or ask for the policy anew"
            )
        }
    }
}
