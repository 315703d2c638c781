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
}

/// `gyre compose config`: the model of a folder's compose file, as Docker Compose prints it.
struct ComposeConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Print the model of a compose file, as docker compose config does.",
        discussion: """
            Variables come from the .env file beside it, never from the environment. Only \
            --format json and one file under one of Compose's own names are there yet.

            Examples:
              gyre compose config
              gyre compose config -f deploy/compose.yaml
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json, yaml
    }

    @OptionGroup var out: OutputOptions
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The compose file. (default: the one of this folder)", valueName: "file")
    )
    var file: String?
    @Option(help: "How to print it: json; yaml is not there yet.")
    var format = Format.json
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The project's name. (default: the folder's)", valueName: "name")
    )
    var projectName: String?

    func run() async throws {
        guard format == .json else {
            throw Failure(.usage, "--format yaml is not there yet", remedy: "use --format json")
        }
        let folder = try folder()
        let name = projectName ?? ProjectName.of(folder: folder)
        let snapshot = try FolderTree.snapshot(of: folder)
        do {
            let id = try StackID(project: name, stack: name)
            let stack = try Stack(reading: snapshot, at: "", id: id)
            Output.write(try Output.json(composeConfig(stack)) + "\n", to: 1)
            let output = out.output
            for warning in stack.warnings { output.note("\(warning)") }
        } catch let rejection as Rejection {
            throw Failure(
                .denied,
                Rejection(FolderTree.placed(rejection.diagnostics, in: folder)),
                in: FolderTree.sources(snapshot, in: folder)
            )
        } catch let error as InvalidName {
            throw Failure(.usage, "\(error)")
        }
    }

    /// The folder of the file; files of other names can't be asked for yet.
    private func folder() throws -> String {
        guard let file else { return "." }
        let parts = file.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last.map(String.init), StackFolder.composeFiles.contains(name) else {
            throw Failure(
                .usage,
                "\(file) bears none of Compose's own names",
                remedy: "call it \(StackFolder.composeFiles.joined(separator: ", or "))"
            )
        }
        let folder = parts.dropLast().joined(separator: "/")
        return folder.isEmpty ? (file.hasPrefix("/") ? "/" : ".") : folder
    }
}
