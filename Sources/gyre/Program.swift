internal import ArgumentParser
internal import Glibc
internal import OperatorFile

/// The program: runs one command and ends with its exit code.
@main
enum Program {
    static let version = "0.1.0"

    static func main() async {
        // Whatever Gyre writes is its user's alone, and a closed pipe is no reason to die.
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        exit(await run(Array(CommandLine.arguments.dropFirst())).rawValue)
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

    /// What to say where the first word is no command; nil where it is one.
    private static func misspelt(_ arguments: [String]) -> Failure? {
        let commands = Gyre.configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let word = arguments.first, !word.hasPrefix("-"), word != "help",
            !commands.contains(word)
        else { return nil }
        return Failure(
            .usage,
            "gyre has no command \"\(word)\"" + Suggestion.question(word, commands),
            remedy: "gyre --help lists all commands"
        )
    }

    private static func report(_ error: any Error, _ arguments: [String]) -> ExitCode {
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        let output = Output(isJSON: isJSON, allowsColour: !arguments.contains("--no-color"))
        switch Gyre.exitCode(for: error) {
        case .success:
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
