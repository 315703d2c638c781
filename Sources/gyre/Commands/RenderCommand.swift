internal import Admission
internal import ArgumentParser
internal import ComposeFile
internal import FoundationEssentials
internal import Model
internal import OperatorFile
internal import Planning
internal import Reconciliation
internal import Workers

/// `gyre render`: what an engine would be sent for a folder, without an engine.
struct RenderCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "render",
        abstract: "Print what an engine would be sent for a folder, without an engine.",
        discussion: """
            Prints the networks, volumes, containers and connects that Docker Compose would send, \
            and with --config and --project what Gyre sends when that project's policy holds, to \
            a Swarm where gyre.yaml has one. It \
            reads variables from the environment and .env, as Docker Compose does; with --config \
            from .env alone, as the controller does. Quotas of the project are judged for this \
            folder alone, and a port that Gyre would choose is left out.

            What only an engine knows stands as a token: ${ID:name}, ${IMAGE_ID}. The folder is \
            ${CASE}, and ${HASH} a hash that depends on where it is.

            Examples:
              gyre render deploy/web
              gyre render deploy/web --api 1.41 --json
              gyre render deploy/web --config gyre.yaml --project shop
              gyre render deploy/web --swarm
            """
    )

    @OptionGroup var file: FileOptions
    @OptionGroup var options: ComposeOptions
    @Option(
        help: ArgumentHelp("The version of the Engine API, 1.41 to 1.52.", valueName: "version")
    )
    var api = "1.52"
    @Flag(help: "Print what docker stack deploy would send to a Swarm.")
    var swarm = false
    @Option(help: ArgumentHelp("The project whose policy holds.", valueName: "name"))
    var project: String?
    @Option(
        help: ArgumentHelp(
            "With --project: the stack that the folder is. (default: the one of its name)",
            valueName: "name"
        )
    )
    var stack: String?
    @Option(
        help: ArgumentHelp(
            "With --project and a .gyre.yaml: the environment. (default: the stack's own)",
            valueName: "name"
        )
    )
    var environment: String?
    @Argument(help: ArgumentHelp("The folder that holds the compose file.", valueName: "folder"))
    var folder = "."

    func run() async throws {
        guard let version = APIVersion(api),
            (APIVersion.oldest...APIVersion.newest).contains(version)
        else {
            throw Failure(
                .usage,
                "--api is a version from \(APIVersion.oldest) to \(APIVersion.newest)"
            )
        }
        guard case .directory = try FileBytes.kind(of: folder, followingLink: true) else {
            let remedy = "name the folder that holds the compose file"
            throw Failure(.usage, "\(folder) is no folder", remedy: remedy)
        }
        let isPlain = file.config == nil && project == nil
        guard !isPlain || (stack == nil && environment == nil) else {
            throw Failure(.usage, "--stack and --environment go with --project")
        }
        if swarm {
            guard isPlain else {
                throw Failure(
                    .usage,
                    "--swarm is what docker stack deploy would send",
                    remedy: "leave it out: with --config it is the gyre.yaml that says what runs it"
                )
            }
            return try show(try asSwarm(), version)
        }
        try show(isPlain ? asCompose(version).json : try await asGyre(), version)
    }

    private func show(_ calls: JSON, _ version: APIVersion) throws {
        let root = RenderCommand.absolute(folder)
        try file.out.output.show(RenderAnswer(calls, api: version, folder: root))
        guard calls["exit"] == 0 else { throw Quit(code: .failed) }
    }

    private func asSwarm() throws -> JSON {
        let request = request
        let tree = DiskTree(directory: request.directory, input: nil)
        do {
            return try SwarmCalls(request, in: tree).json
        } catch let rejection as Rejection {
            throw Failure(.failed, rejection, in: SourceFiles { try? tree.read($0) })
        }
    }

    private func asCompose(_ version: APIVersion) throws -> EngineCalls {
        let request = request
        let tree = DiskTree(directory: request.directory, input: nil)
        do {
            let project = try ComposeProject(request, in: tree)
            let output = file.out.output
            project.warnings.forEach { output.note("\($0)") }
            return try EngineCalls(of: project, in: tree, request, api: version)
        } catch let rejection as Rejection {
            throw Failure(.failed, rejection, in: SourceFiles { try? tree.read($0) })
        }
    }

    /// What a person asks on their own machine, with their environment.
    private var request: ComposeRequest {
        let directory = RenderCommand.absolute(folder)
        var request = ComposeRequest(directory: directory)
        request.files = options.file
        request.projectName = options.projectName
        request.projectDirectory = options.projectDirectory
        request.profiles = options.profile
        request.environmentFiles = options.envFile
        request.keepsUnused = options.allResources
        request.environment = ProcessInfo.processInfo.environment
        request.environment["PWD"] = directory
        request.searchesParents = true
        return request
    }

    /// The path from the root, cleaned by its text alone.
    private static func absolute(_ folder: String) -> String {
        let path = URL(filePath: folder).standardizedFileURL.path()
        return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    private func asGyre() async throws -> JSON {
        let configuration = try ConfigurationFile(file.config)
        guard options.file.isEmpty, options.projectName == nil else {
            throw Failure(
                .usage,
                "with --config a folder is rendered as the controller reads it",
                remedy: "leave out --file and --project-name"
            )
        }
        guard let project else {
            throw Failure(.usage, "--config needs --project", remedy: "name one of its projects")
        }
        let tenant = try configuration.policy(of: project)
        let snapshot = try FolderTree.snapshot(of: folder)
        do {
            let id = try StackID(project: project, stack: stack ?? project)
            let limits = configuration.settings.defaults.loading
            let swarm = configuration.settings.swarm
            let loader = WorkerLoader()
            let place = try await FolderStacks(of: snapshot, loading: loader, within: limits)
                .stack(id.stack, in: environment)
            let request = LoadRequest(
                snapshot,
                at: place.folder,
                id: id,
                chosen: place.chosen,
                isForSwarm: swarm != nil,
                adoptedName: tenant.adopted[id.stack]
            )
            let reading = try await loader.load(
                request,
                key: ContentKey(),
                within: limits
            )
            let policy = Policy(tenant, at: Reconciliation.Clock.system.now())
            let desired = Desired(admitted: try policy.admit(reading), commit: "", pins: [:])
            if !tenant.quotas.isEmpty { file.out.output.note(PolicyAnswer.quotaRemark) }
            if configuration.settings.agent(of: project) != nil {
                file.out.output.note(PolicyAnswer.agentRemark)
            }
            let controller = configuration.settings.controller
            if let rules = swarm?.rules {
                return try SwarmCalls(bringingUp: desired, controller: controller, rules).json
            }
            return try EngineCalls(bringingUp: desired, controller: controller).json
        } catch let rejection as Rejection {
            let docs = DocumentLinks(folder: configuration.settings.docs)
            throw Failure(.denied, rejection, in: FolderTree.sources(snapshot), by: docs)
        }
    }
}

/// The calls of a folder, with its own path as a token.
struct RenderAnswer: Answer {
    let value: JSON

    init(_ calls: JSON, api: APIVersion, folder: String) {
        var members = calls.writing(EngineToken.folder, for: folder).objectValue ?? [:]
        members["api"] = .string("\(api)")
        value = .object(members)
    }

    func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }

    func text(_ style: Style) -> String {
        var lines: [String] = []
        func add(_ part: String, _ noun: String, _ name: (JSON) -> String?) {
            for element in value[part]?.arrayValue ?? [] {
                lines.append("\(style(.bold, noun)) \(name(element) ?? "")")
                lines.append(PrettyJSON.text(element["body"] ?? element["config"] ?? element))
            }
        }
        for part in ["secrets", "configs", "services"] {
            add(part, String(part.dropLast())) { $0["Name"]?.stringValue }
        }
        add("networks", "network") { $0["Name"]?.stringValue }
        add("volumes", "volume") { $0["Name"]?.stringValue }
        add("containers", "container") { $0["name"]?.stringValue }
        add("connects", "connect") { connect in
            let container = connect["container"]?.stringValue ?? ""
            return "\(container) to \(connect["network"]?.stringValue ?? "")"
        }
        if let refusal = value["stderr"]?.stringValue {
            lines.append("\(style(.red, "refused:")) \(refusal)")
        }
        return lines.asLines
    }
}
