internal import ArgumentParser
internal import Glibc

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

    private static func report(_ error: any Error, _ arguments: [String]) -> ExitCode {
        let isJSON = arguments.prefix { $0 != "--" }.contains("--json")
        let output = Output(isJSON: isJSON, allowsColour: !arguments.contains("--no-color"))
        switch Gyre.exitCode(for: error) {
        case .success:
            Output.write(Gyre.fullMessage(for: error) + "\n", to: STDOUT_FILENO)
            return .success
        case .validationFailure where isJSON:
            output.show(Failure(.usage, Gyre.message(for: error)))
            return .usage
        case .validationFailure:
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
