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
            Variables come from the .env file beside it, never from the environment. One file \
            under one of Compose's own names can be read; several are not merged yet.

            Examples:
              gyre compose config
              gyre compose config -f deploy/compose.yaml
              gyre compose config --format json
            """
    )

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case json, yaml
    }

    @OptionGroup var out: OutputOptions
    @Option(
        name: .shortAndLong,
        parsing: .singleValue,
        help: ArgumentHelp("The compose file. (default: the one of this folder)", valueName: "file")
    )
    var file: [String] = []
    @Option(help: "How to print it: yaml, as docker compose config does, or json.")
    var format = Format.yaml
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The project's name. (default: the folder's)", valueName: "name")
    )
    var projectName: String?

    func run() async throws {
        let folder = try folder()
        let name = projectName ?? ProjectName.of(folder: folder)
        let snapshot = try FolderTree.snapshot(of: folder)
        do {
            let id = try StackID(project: name, stack: name)
            let stack = try Stack(reading: snapshot, at: "", id: id)
            let model = composeConfig(stack)
            let isJSON = format == .json || out.json
            let text = isJSON ? try Output.json(model) + "\n" : ComposeYAML.text(model)
            Output.write(text, to: 1)
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
        guard file.count <= 1 else {
            throw Failure(
                .usage,
                "several files are not merged yet",
                remedy: "name the one that holds all of it"
            )
        }
        guard let file = file.first else { return "." }
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
