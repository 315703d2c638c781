import Foundation

/// Writes down every program that a command and its children start.
struct Executions: Sendable {
    /// Stands before the command.
    let tracer: [String]
    private let trace: String

    /// One program that was started.
    struct Execution: Hashable, Sendable {
        /// The program's own file.
        let program: String
        let arguments: [String]
    }

    /// Makes the tracer, in `folder`.
    init(in folder: String) async throws {
        let testbed = URL(filePath: Environment.all["GYRE_TESTBED"] ?? "")
        let source = testbed.deletingLastPathComponent().appending(path: "executed.c").path
        trace = "\(folder)/executions"
        tracer = ["\(folder)/executed", trace]
        try await Program.check(["cc", "-o", tracer[0], source])
    }

    /// The command itself first; of the last command where there were several.
    var all: [Execution] {
        Files.text(of: trace).split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            return Execution(program: words[0], arguments: Array(words.dropFirst()))
        }
    }

    /// What was started of it that is neither `gyre` with this command nor a worker of it.
    func besides(gyre command: String...) -> [Execution] {
        let gyre = URL(filePath: Environment.gyre).resolvingSymlinksInPath().path
        return all.filter { execution in
            let words = execution.arguments.dropFirst()
            return execution.program != gyre
                || !words.starts(with: command) && words.first != "worker"
        }
    }
}
