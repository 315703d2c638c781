internal import Admission
internal import ArgumentParser
internal import ComposeFile
internal import OperatorFile
internal import Model
internal import Reconciliation
internal import Workers

/// `gyre validate`: whether files are right.
struct ValidateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "validate",
        abstract: "Check gyre.yaml, or the compose files of folders.",
        discussion: """
            Without a folder it checks gyre.yaml. With folders it loads each as a stack, or each \
            of its folders that holds a compose file, as a commit of it would be loaded; with a \
            .gyre.yaml the stacks that it names, in each environment. What policy says of it is \
            gyre policy check. With --swarm, or a gyre.yaml that has swarm:, they are loaded as \
            for a Swarm, and what that can't do is an error.

            Examples:
              gyre validate
              gyre validate --config /etc/gyre/gyre.yaml
              gyre validate deploy/web deploy/db
              gyre validate --swarm deploy/web
            """
    )

    @OptionGroup var options: FileOptions
    @Flag(help: "Load folders as for a Swarm.")
    var swarm = false
    @Argument(help: ArgumentHelp("Folders with compose files.", valueName: "folder"))
    var folders: [String] = []

    func run() async throws {
        var checked: [ValidationAnswer.Checked] = []
        var isForSwarm = swarm
        if options.config != nil || folders.isEmpty {
            let file = try ConfigurationFile(options.config)
            let projects = file.settings.projects.count
            isForSwarm = isForSwarm || file.settings.swarm != nil
            checked.append(
                .init(
                    file.path,
                    projects == 1 ? "1 project" : "\(projects) projects",
                    file.settings.warnings,
                    file.sources
                )
            )
        }
        for folder in folders {
            checked += try await ValidateCommand.check(
                folder,
                loading: WorkerLoader(),
                isForSwarm: isForSwarm
            )
        }
        let answer = ValidationAnswer(checked: checked)
        try options.out.output.show(answer)
        guard answer.isValid else { throw Quit(code: .denied) }
    }

    /// What each stack of a folder comes to, whichever project will have it.
    static func check(
        _ folder: String,
        loading: some StackLoading,
        isForSwarm: Bool = false
    ) async throws -> [ValidationAnswer.Checked] {
        let snapshot = try FolderTree.snapshot(of: folder)
        let sources = FolderTree.sources(snapshot, in: folder)
        let name = ProjectName.of(folder: folder)
        let declared: FolderStacks
        do {
            declared = try await FolderStacks(of: snapshot, loading: loading, within: .init())
        } catch let error where error is Rejection || error is GivenUp {
            let path = Checking.path(TenantFile.name, in: folder)
            return [Checking(folder, sources).unloadable(path, error)]
        }
        let stacks =
            declared.isDeclared
            ? declared.all()
            : Stack.folders(in: snapshot, below: "", project: name).map { (String?.none, $0) }
        guard !stacks.isEmpty else {
            throw Failure(
                .usage,
                "\(folder) holds no compose file, nor does a folder in it",
                remedy: "add compose.yaml"
            )
        }
        var checked: [ValidationAnswer.Checked] = []
        for (environment, place) in stacks {
            var path = Checking.path(place.folder, in: folder)
            if let environment { path += " (\(environment))" }
            let checking = Checking(folder, sources)
            do {
                guard place.findings.isEmpty else { throw Rejection(place.findings) }
                let id = try StackID(project: name, stack: place.name)
                let request = LoadRequest(
                    snapshot,
                    at: place.folder,
                    id: id,
                    chosen: place.chosen,
                    isForSwarm: isForSwarm
                )
                let reading = try await loading.load(request, key: ContentKey(), within: .init())
                let (summary, findings) = verdict(on: reading)
                let placed = FolderTree.placed(findings, in: folder)
                checked.append(.init(path, summary, placed, sources))
            } catch let error where error is Rejection || error is GivenUp || error is InvalidName {
                checked.append(checking.unloadable(path, error))
            }
        }
        return checked
    }

    /// What is said of files that can't be loaded.
    private struct Checking {
        let folder: String
        let sources: SourceFiles

        init(_ folder: String, _ sources: SourceFiles) {
            self.folder = folder
            self.sources = sources
        }

        static func path(_ name: String, in folder: String) -> String {
            name.isEmpty ? folder : "\(folder)/\(name)"
        }

        func unloadable(_ path: String, _ error: any Error) -> ValidationAnswer.Checked {
            let findings =
                switch error {
                case let rejection as Rejection: rejection.diagnostics
                case let failure as GivenUp: [failure.finding]
                default:
                    [
                        Diagnostic(
                            code: "invalid-name",
                            "\(error)",
                            fix: "rename the folder"
                        )
                    ]
                }
            let placed = FolderTree.placed(findings, in: folder)
            return .init(path, "can't be loaded", placed, sources)
        }
    }

    /// What is said of files that could be read, in a word and in full.
    private static func verdict(on reading: StackReading) -> (String, [Diagnostic]) {
        let stack = reading.stack
        let count = stack.services.count
        let what = count == 1 ? "1 service" : "\(count) services"
        let denials = Policy.unliftable(in: stack)
        let summary =
            !reading.errors.isEmpty
            ? "can't be loaded" : denials.isEmpty ? what : "denied by any policy"
        return (summary, (reading.errors + stack.warnings + denials).sorted())
    }
}

/// What became of each file or folder that was checked.
struct ValidationAnswer: Answer {
    struct Checked: Encodable {
        var path: String
        var isValid: Bool
        var summary: String
        var findings: [Finding]
        private var diagnostics: [Diagnostic]
        private var sources: SourceFiles

        private enum CodingKeys: String, CodingKey {
            case path
            case isValid = "valid"
            case summary
            case findings
        }

        init(
            _ path: String,
            _ summary: String,
            _ diagnostics: [Diagnostic],
            _ sources: SourceFiles
        ) {
            self.path = path
            self.summary = summary
            isValid = !diagnostics.contains { $0.severity == .error }
            findings = diagnostics.map(Finding.init)
            self.diagnostics = diagnostics
            self.sources = sources
        }

        func text(_ style: Style) -> String {
            let mark = isValid ? style(.green, "✓") : style(.red, "✗")
            let excerpts = Excerpt.all(diagnostics, in: sources)
            return (excerpts.map { $0.text(style) } + ["\(mark) \(path): \(summary)"]).asLines
        }
    }

    var checked: [Checked]

    var isValid: Bool { checked.allSatisfy(\.isValid) }

    func text(_ style: Style) -> String { checked.map { $0.text(style) }.asLines }
}
