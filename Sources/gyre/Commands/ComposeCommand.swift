internal import ArgumentParser
internal import ComposeFile
internal import FoundationEssentials
internal import Model

/// `gyre compose`: what compose files mean.
struct ComposeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compose",
        abstract: "Show what compose files mean.",
        subcommands: [ComposeConfigCommand.self]
    )

    /// The arguments as this parser takes them: the options of `docker compose` itself after its
    /// command, and a flag with a truth as it or nothing.
    static func reordered(_ arguments: [String]) -> [String] {
        guard arguments.first == "compose" else { return arguments }
        let arguments = withoutTruths(arguments)
        guard let command = arguments.firstIndex(of: "config"), command > 1 else {
            return arguments
        }
        return ["compose", "config"] + arguments[1..<command] + arguments[(command + 1)...]
    }

    /// Of several uses of one flag the last counts.
    private static func withoutTruths(_ arguments: [String]) -> [String] {
        var result: [String] = []
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, flags.contains(parts[0]), let isOn = truths[parts[1]] else {
                result.append(argument)
                continue
            }
            result.removeAll { $0 == parts[0] }
            if isOn { result.append(parts[0]) }
        }
        return result
    }

    private static let flags = Set(
        ComposeConfigCommand.List.allCases.map { "--\($0.rawValue)" } + [
            "--all-resources", "--compatibility", "--verbose", "--dry-run", "--quiet", "-q",
            "--resolve-image-digests", "--lock-image-digests", "--no-consistency",
            "--no-env-resolution", "--no-interpolate", "--no-normalize", "--no-path-resolution",
        ]
    )

    /// Source: Go's `strconv.ParseBool`.
    private static let truths: [String: Bool] = [
        "1": true, "t": true, "T": true, "true": true, "TRUE": true, "True": true,
        "0": false, "f": false, "F": false, "false": false, "FALSE": false, "False": false,
    ]
}

/// The options of `docker compose` itself.
struct ComposeOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A compose file; later ones go over earlier ones. (default: Compose's own names)",
            valueName: "file"
        )
    )
    var file: [String] = []
    @Option(
        name: .shortAndLong,
        parsing: .unconditional,
        help: ArgumentHelp("The project's name. (default: the folder's)", valueName: "name")
    )
    var projectName: String?
    @Option(
        help: ArgumentHelp("Where paths start. (default: the first file's)", valueName: "folder")
    )
    var projectDirectory: String?
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A profile that is on; * is all of them.", valueName: "name")
    )
    var profile: [String] = []
    @Option(help: ArgumentHelp("A file of variables. (default: .env)", valueName: "file"))
    var envFile: [String] = []
    @Flag(help: "Keep networks, volumes and so on that no service uses.")
    var allResources = false
    // What scripts hand to docker compose and what changes nothing of a model.
    @Flag(help: .hidden) var compatibility = false
    @Flag(help: .hidden) var verbose = false
    @Option(help: .hidden) var ansi: String?
    @Option(help: .hidden) var progress: String?
    @Option(help: .hidden) var parallel: Int?
}

/// `gyre compose config`: the model of a folder's compose files, as Docker Compose prints it.
struct ComposeConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print the model of compose files, as docker compose config does.",
        discussion: """
            Takes the arguments of Docker Compose 5, reads variables from the environment and \
            .env as it does, and ends with 1 where it refuses a file. (The controller never \
            looks at its environment.)

            Examples:
              gyre compose config
              gyre compose config -f compose.yaml -f compose.prod.yaml
              gyre compose config --format json
              gyre compose config --services
              gyre compose config --hash web
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json, yaml

        /// The empty text is none of `allValueStrings` and yet YAML, as to Docker Compose.
        init?(argument: String) { self.init(rawValue: argument.isEmpty ? "yaml" : argument) }
    }

    /// A list that is printed instead of the model; of several, the first of these.
    enum List: String, EnumerableFlag {
        case services, volumes, networks, models, profiles, images, variables, environment

        static func help(for value: List) -> ArgumentHelp? {
            "Print the \(value.rawValue), one a line."
        }
    }

    @OptionGroup var out: OutputOptions
    @OptionGroup var options: ComposeOptions
    @Option(help: "How to print it: yaml, as docker compose config does, or json.")
    var format = Format.yaml
    @Flag var lists: [List] = []
    @Option(
        help: ArgumentHelp("Print the config-hash of services, or of all: *", valueName: "names")
    )
    var hash: String?
    @Flag(help: "Name images by what their tags mean now, as the engine finds out.")
    var resolveImageDigests = false
    @Flag(help: "Print a file that goes over the others and names images so.")
    var lockImageDigests = false
    @Flag(help: .hidden)
    var dryRun = false
    @Flag(name: .shortAndLong, help: "Print no model, only say what is wrong.")
    var quiet = false
    @Option(name: .shortAndLong, help: ArgumentHelp("Write to a file.", valueName: "file"))
    var output: String?
    @Flag(help: "Don't check the model as a whole.")
    var noConsistency = false
    @Flag(help: "Don't read the files of env_file.")
    var noEnvResolution = false
    @Flag(help: "Don't replace variables.")
    var noInterpolate = false
    @Flag(help: "Don't fill in what follows from the rest.")
    var noNormalize = false
    @Flag(help: "Leave paths as they are written.")
    var noPathResolution = false
    @Argument(help: ArgumentHelp("Services to print, with what they need.", valueName: "service"))
    var services: [String] = []

    func run() async throws {
        let directory = FileManager.default.currentDirectoryPath
        let listed = ProcessInfo.processInfo.environment["COMPOSE_FILE"]
        let readsInput = options.file.contains("-") || (options.file.isEmpty && listed == "-")
        let tree = DiskTree(
            directory: directory,
            input: readsInput ? ComposeConfigCommand.standardInput() : nil
        )
        do {
            let project = try ComposeProject(request(in: directory), in: tree)
            let notes = out.output
            project.warnings.map { placed($0, directory) }.forEach { notes.note("\($0)") }
            if let text = try list(of: project) { return try Output.answer(text) }
            let text = try await text(of: project)
            if !quiet { try write(text) }
        } catch let rejection as Rejection {
            throw Failure(
                .failed,
                Rejection(rejection.diagnostics.map { placed($0, directory) }),
                in: SourceFiles { name in
                    try? tree.read(name.hasPrefix("/") ? name : "\(directory)/\(name)")
                }
            )
        }
    }

    private func request(in directory: String) -> ComposeRequest {
        var request = ComposeRequest(directory: directory)
        request.files = options.file
        request.projectName = options.projectName
        request.projectDirectory = options.projectDirectory
        request.profiles = options.profile
        request.environmentFiles = options.envFile
        request.keepsUnused = options.allResources
        request.environment = ProcessInfo.processInfo.environment
        request.environment["PWD"] = request.environment["PWD"] ?? directory
        request.searchesParents = true
        request.services = isBeforeHash ? [] : services
        request.checksConsistency = !noConsistency
        request.readsEnvironmentFiles = !noEnvResolution && !isBeforeHash
        request.interpolates = !noInterpolate && !listsVariables
        request.choosesAnyway =
            !listsVariables && list != .services && (list != nil || hash != nil)
        request.checksContainerNames = list == nil && hash == nil
        request.followsDependencies = list == .services
        request.checksShape = !listsVariables
        request.normalizes = !noNormalize
        request.resolvesPaths = !noPathResolution
        return request
    }

    private var isJSON: Bool { format == .json || out.json }

    /// The list that goes before the others.
    private var list: List? { List.allCases.first(where: lists.contains) }

    /// Whether the list is one that goes before a hash and asks for no service in particular.
    private var isBeforeHash: Bool { [.services, .volumes, .networks, .models].contains(list) }

    private var listsVariables: Bool { list == .variables && hash == nil }

    /// The list that is asked for; nil when it is the model.
    private func list(of project: ComposeProject) throws -> String? {
        if let hash, !isBeforeHash { return try hashes(of: project, hash) }
        switch list {
        case .services: return lines(project.serviceNames)
        case .images: return lines(project.imageNames)
        case .profiles: return lines(project.profiles)
        case .volumes: return lines(project.volumeNames)
        case .networks: return lines(project.networkNames)
        case .models: return lines(project.modelNames)
        case .variables:
            let variables = project.variables
            return isJSON ? VariableTable.json(variables) : VariableTable.text(variables)
        case .environment:
            return lines(project.environment.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })
        case nil: return nil
        }
    }

    private func text(of project: ComposeProject) async throws -> String {
        var project = project
        if resolveImageDigests || lockImageDigests {
            let host = ProcessInfo.processInfo.environment["DOCKER_HOST"]
            project = project.replacing(images: try await ImageDigests.of(project, host: host))
        }
        if lockImageDigests { project = project.onlyImages }
        return isJSON ? project.configText + "\n" : project.configYAML
    }

    private func hashes(of project: ComposeProject, _ names: String) throws -> String {
        let hashes = project.configHashes
        let wanted =
            names == "*"
            ? hashes.keys.sorted() : names.split(separator: ",").map(String.init).sorted()
        return lines(
            try wanted.map { name in
                guard let hash = hashes[name] else {
                    throw Failure(.failed, "no such service: \(name)")
                }
                return "\(name) \(hash)"
            }
        )
    }

    private func write(_ text: String) throws {
        guard let output else { return try Output.answer(text) }
        do {
            try Data(text.utf8).write(to: URL(filePath: output))
        } catch {
            throw Failure(.failed, "can't write \(output)")
        }
    }

    private func lines(_ list: [String]) -> String { list.map { $0 + "\n" }.joined() }

    /// Files below the folder under the names that they have from there.
    private func placed(_ diagnostic: Diagnostic, _ directory: String) -> Diagnostic {
        var diagnostic = diagnostic
        diagnostic.location = diagnostic.location.map { place in
            let isBelow = place.file.hasPrefix(directory + "/")
            let file = isBelow ? String(place.file.dropFirst(directory.count + 1)) : place.file
            return SourceLocation(file: file, line: place.line, column: place.column)
        }
        return diagnostic
    }

    private static func standardInput() -> [UInt8] {
        var bytes: [UInt8] = []
        while let line = readLine(strippingNewline: false), bytes.count <= 16 << 20 {
            bytes += line.utf8
        }
        return bytes
    }
}
