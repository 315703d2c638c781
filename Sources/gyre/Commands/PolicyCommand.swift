internal import Admission
internal import ArgumentParser
internal import ComposeFile
internal import OperatorFile
internal import Model
internal import Reconciliation
internal import Workers

/// `gyre policy`: what policy says.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Ask what policy says of files, and of what runs.",
        subcommands: [
            PolicyCheckCommand.self, PolicyReportCommand.self, PolicyEnforceCommand.self,
            PolicyPublishCommand.self, PolicyExceptionsCommand.self,
        ]
    )
}

/// `gyre policy check`: the same verdict as in the loop, for a tenant's own CI.
struct PolicyCheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Judge a folder's compose file by the policy of a project, offline.",
        discussion: """
            A folder with a .gyre.yaml is judged as that says, for the stack and environment that \
            are named; one below it in a git repository is the stack that it has there. The \
            verdict is allow, mutate (allowed, and policy fills something in) or deny. Files that \
            can't be loaded are denied. Exits with 3 when denied.

            Quotas of the project bound all its stacks together. Here one tree is judged against \
            them alone, and the text says so; what the other stacks hold is what gyre plan and \
            gyre usage know. An Open Policy Agent of the site is not asked, and the text says \
            so; gyre plan of a running controller asks it.

            Examples:
              gyre policy check --policy shop.json deploy
              gyre policy check --config gyre.yaml --project shop deploy
              gyre policy check --project shop . --json | jq -r .verdict
              gyre policy check --project shop deploy --sarif | tee gyre.sarif
              gyre policy check --policy shop.json . --stack web --environment prod
            """
    )

    @OptionGroup var options: JudgingOptions
    @Flag(help: "Print a SARIF log, which code hosts show beside the lines of a change.")
    var sarif = false
    @Argument(help: ArgumentHelp("The folder that holds the compose file.", valueName: "tree"))
    var tree: String

    func run() async throws {
        let answer = try await PolicyAnswer(of: tree, try options.judgement())
        if sarif {
            let text = PrettyJSON.text(SARIF(answer, in: tree).json)
            try Output.answer(Style.escaped(json: text) + "\n")
        } else {
            try options.file.out.output.show(answer)
        }
        if answer.verdict == .deny { throw Quit(code: .denied) }
    }
}

/// What policy says of a folder.
struct PolicyAnswer: Answer {
    enum Verdict: String, Encodable {
        case allow, mutate, deny
    }

    struct Change: Encodable {
        var path: String
        var from: String?
        var to: String
        var rule: String
        /// Of the field, or of what is around it.
        var location: SourceLocation?
        /// What is done, as a sentence without a full stop.
        var text: String
        /// Whether the value is a number: of bytes, processes or processors.
        private var isCount: Bool

        init(_ mutation: Mutation, in stack: Stack) {
            path = mutation.field.description
            from = mutation.from
            to = mutation.to
            rule = mutation.rule
            location = stack.places.location(of: mutation.field)
            let from = mutation.from.map(mutation.spoken) ?? "unset"
            isCount = ["memory", "pids", "cpus"].contains { mutation.field.last == .key($0) }
            text = "fills in \(mutation.field): \(from) -> \(mutation.spoken(mutation.to))"
        }

        private enum CodingKeys: String, CodingKey {
            case path, from, to, rule
        }

        /// With every member; numbers as numbers.
        func encode(to encoder: any Encoder) throws {
            var members = encoder.container(keyedBy: CodingKeys.self)
            try members.encode(path, forKey: .path)
            try members.encode(from, forKey: .from)
            if isCount, let number = Int64(to) {
                try members.encode(number, forKey: .to)
            } else if isCount, let number = Double(to) {
                try members.encode(number, forKey: .to)
            } else {
                try members.encode(to, forKey: .to)
            }
            try members.encode(rule, forKey: .rule)
        }
    }

    var verdict: Verdict
    var findings: [Finding]
    var mutations: [Change]
    /// Whether the project has quotas, of which one tree shows only a part.
    var judgesQuotas = false
    /// Whether a controller would ask an Open Policy Agent too, which this doesn't.
    var awaitsAgent = false
    /// Which published policy said so.
    var policy: PolicyName?
    /// Where rules are explained.
    var docs = DocumentLinks()
    /// What policy let pass, for who has more to tell of it.
    private(set) var admitted: AdmittedStack?
    private var diagnostics: [Diagnostic]
    private var sources: SourceFiles

    /// What one tree doesn't show.
    static let quotaRemark =
        "quotas were judged for this tree alone: what else the project runs is not known here"

    /// What nobody can ask without a network.
    static let agentRemark =
        "the site's Open Policy Agent judges it too, when it is planned or deployed"

    private enum CodingKeys: String, CodingKey {
        case verdict, findings, mutations, policy, awaitsAgent, docs
    }

    func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encode(verdict, forKey: .verdict)
        try members.encode(findings, forKey: .findings)
        try members.encode(mutations, forKey: .mutations)
        try members.encodeIfPresent(policy, forKey: .policy)
        try members.encode(awaitsAgent, forKey: .awaitsAgent)
        try members.encode(docs.places(of: findings.map(\.rule)), forKey: .docs)
    }

    /// Of a folder; one in a repository whose `.gyre.yaml` lies above it is the stack that this
    /// says it is.
    init(
        of tree: String,
        _ judgement: FolderJudgement,
        loading: some StackLoading = WorkerLoader()
    ) async throws {
        let root = EnclosingFolder(of: tree)
        try await self.init(
            of: root?.path ?? tree,
            judgement.stack,
            judgement.environment,
            at: root?.inner,
            isNamed: judgement.isStackNamed,
            under: judgement.policy,
            loading: loading,
            within: judgement.loading,
            isForSwarm: judgement.isForSwarm
        )
        if let root { move(into: root) }
        note(judgement)
    }

    /// Names files as they are seen from the folder within.
    private mutating func move(into root: EnclosingFolder) {
        let sources = sources
        self.sources = SourceFiles { sources.read(root.outer($0)) }
        diagnostics = diagnostics.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.location = diagnostic.location.map(root.seen)
            return diagnostic
        }
        findings = diagnostics.map(Finding.init)
        for index in mutations.indices {
            mutations[index].location = mutations[index].location.map(root.seen)
        }
    }

    /// Of the files of a commit.
    init(of snapshot: Snapshot, _ judgement: FolderJudgement) async throws {
        try await self.init(
            of: snapshot,
            judgement.stack,
            judgement.environment,
            under: judgement.policy,
            loading: WorkerLoader(),
            within: judgement.loading,
            isForSwarm: judgement.isForSwarm
        )
        note(judgement)
    }

    private mutating func note(_ judgement: FolderJudgement) {
        policy = judgement.name
        docs = judgement.docs
        judgesQuotas = judgement.hasQuotas
        awaitsAgent = judgement.asksAgent && verdict != .deny
    }

    init(
        of tree: String,
        _ id: StackID,
        _ environment: String? = nil,
        at inner: String? = nil,
        isNamed: Bool = true,
        under policy: Policy,
        loading: some StackLoading,
        within limits: LoadingLimits = LoadingLimits(),
        isForSwarm: Bool = false
    ) async throws {
        let snapshot: Snapshot
        do {
            snapshot = try FolderTree.snapshot(of: tree)
        } catch let failure as Failure where failure.exit != .usage {
            // What can't be read can't be allowed.
            let finding = Diagnostic(code: "unreadable", failure.message, fix: failure.remedy)
            let findings = failure.diagnostics.isEmpty ? [finding] : failure.diagnostics
            self.init(.deny, findings, .none)
            return
        }
        try await self.init(
            of: snapshot,
            id,
            environment,
            at: inner,
            isNamed: isNamed,
            under: policy,
            loading: loading,
            within: limits,
            isForSwarm: isForSwarm
        )
    }

    /// `inner` is the folder that is asked about, where that isn't the one of `.gyre.yaml`.
    private init(
        of snapshot: Snapshot,
        _ id: StackID,
        _ environment: String?,
        at inner: String? = nil,
        isNamed: Bool = true,
        under policy: Policy,
        loading: some StackLoading,
        within limits: LoadingLimits,
        isForSwarm: Bool
    ) async throws {
        let sources = FolderTree.sources(snapshot)
        var entry = [TenantFile.name] + StackFolder.composeFiles
        do {
            let stacks = try await FolderStacks(of: snapshot, loading: loading, within: limits)
            var id = id
            if let inner, !isNamed {
                let name = try stacks.name(of: inner, in: environment)
                id = try StackID(project: id.project, stack: name)
            }
            let place = try stacks.stack(id.stack, in: environment, at: inner)
            entry = StackFolder.composeFiles.map {
                place.folder.isEmpty ? $0 : "\(place.folder)/\($0)"
            }
            let request = LoadRequest(
                snapshot,
                at: place.folder,
                id: id,
                chosen: place.chosen,
                isForSwarm: isForSwarm,
                adoptedName: policy.tenant.adopted[id.stack]
            )
            let reading = try await loading.load(request, key: ContentKey(), within: limits)
            let admitted = try policy.admit(reading)
            let own = admitted.mutations.map { Change($0, in: admitted.stack) }
            let dormant = reading.dormant.map { dormant in
                policy.fillings(of: reading).map { Change($0, in: dormant.stack) }
            }
            let changes = own + (dormant ?? [])
            self.init(changes.isEmpty ? .allow : .mutate, admitted.warnings, sources)
            mutations = changes
            self.admitted = admitted
        } catch let rejection as Rejection {
            self.init(.deny, rejection.diagnostics, sources)
        } catch let failure as GivenUp {
            var finding = failure.finding
            // Nobody knows where; the file that all begins with is a place to start.
            finding.location = entry.first(where: snapshot.hasFile).map {
                SourceLocation(file: $0, line: 1, column: 1)
            }
            self.init(.deny, [finding], sources)
        }
    }

    private init(_ verdict: Verdict, _ diagnostics: [Diagnostic], _ sources: SourceFiles) {
        self.verdict = verdict
        // What is of no file is of the one that is missing, or that all begins with.
        let start = SourceLocation(file: StackFolder.composeFiles[0], line: 1, column: 1)
        let placed = diagnostics.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.location = diagnostic.location ?? start
            return diagnostic
        }
        findings = placed.map(Finding.init)
        mutations = []
        self.diagnostics = placed
        self.sources = sources
    }

    /// By which policy, where that was published.
    private var judge: String {
        policy.map { ", by the policy of \($0.project) \($0.digest.prefix(12))" } ?? ""
    }

    func text(_ style: Style) -> String {
        let face: Style.Face =
            switch verdict {
            case .allow: .green
            case .mutate: .yellow
            case .deny: .red
            }
        let pointer = docs.pointer(of: findings.map(\.rule))
        let remark =
            judgesQuotas && verdict != .deny
            ? PolicyAnswer.quotaRemark : nil
        let agent = awaitsAgent ? PolicyAnswer.agentRemark : nil
        let filled = mutations.map { "\($0.text) [\($0.rule)]" }
        let excerpts = Excerpt.all(diagnostics, in: sources)
        return
            (excerpts.map { $0.text(style) } + filled + [pointer, remark, agent].compactMap { $0 }
            + ["verdict: \(style(face, verdict.rawValue))\(judge)"]).asLines
    }
}
