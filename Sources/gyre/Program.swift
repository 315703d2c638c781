internal import ArgumentParser
internal import Glibc
internal import OperatorFile
internal import Workers

/// The program: runs one command and ends with its exit code.
@main
enum Program {
    static let version = "0.1.0"

    static func main() async {
        // Whatever Gyre writes is its user's alone, and a closed pipe is no reason to die.
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        if arguments.first == LoaderWorker.command { LoaderWorker.run(arguments) }
        exit(await run(arguments).rawValue)
    }

    private static func run(_ arguments: [String]) async -> ExitCode {
        do {
            var command = try Gyre.parseAsRoot(ComposeCommand.reordered(arguments))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return .success
        } catch let quit as Quit {
            return quit.code
        } catch {
            return report(error, arguments)
        }
    }

    /// What to say where a word is no command, be it of `help`; nil where all are.
    static func misspelt(_ arguments: [String]) -> Failure? {
        let isHelp = arguments.first == "help"
        var words = arguments.dropFirst(isHelp ? 1 : 0).prefix { !$0.hasPrefix("-") }
        var command: any ParsableCommand.Type = Gyre.self
        var path = "gyre"
        while let word = words.popFirst() {
            let commands = command.configuration.subcommands
            guard !commands.isEmpty else { return nil }
            guard let next = commands.first(where: { $0.configuration.commandName == word }) else {
                let names = commands.compactMap { $0.configuration.commandName }
                return Failure(
                    .usage,
                    "\(path) has no command \"\(word)\"" + Suggestion.question(word, names),
                    remedy: "\(path) --help lists all commands"
                )
            }
            command = next
            path += " \(word)"
        }
        return nil
    }

    private static func report(_ error: any Error, _ arguments: [String]) -> ExitCode {
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        let output = Output(isJSON: isJSON, allowsColour: !arguments.contains("--no-color"))
        switch Gyre.exitCode(for: error) {
        case .success:
            if let failure = misspelt(arguments) {
                output.show(failure)
                return failure.exit
            }
            Output.write(Gyre.fullMessage(for: error) + "\n", to: STDOUT_FILENO)
            return .success
        case .validationFailure:
            let failure = misspelt(arguments) ?? Failure(.usage, Gyre.message(for: error))
            guard !isJSON, failure.remedy == nil else {
                output.show(failure)
                return .usage
            }
            let message = Gyre.fullMessage(for: error)
            let text = message.hasPrefix("Error: ") ? "error: " + message.dropFirst(7) : message
            Output.write(text + "\n", to: STDERR_FILENO)
            return .usage
        default:
            let failure = Failure(error)
            output.show(failure)
            return failure.exit
        }
    }
}
