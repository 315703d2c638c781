internal import ArgumentParser
internal import ControlAPI
internal import Model

/// `gyre history`: what was done.
struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show the runs that changed something, newest first.",
        discussion: """
            Examples:
              gyre history
              gyre history shop/web --limit 5
              gyre history --run 3f2a91c4
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?
    @Option(help: ArgumentHelp("How many runs, up to 1000.", valueName: "count"))
    var limit = 20
    @Option(
        help: ArgumentHelp("Show one run with its steps, by the start of its id.", valueName: "id")
    )
    var run: String?

    func validate() throws {
        guard (1...HistoryQuery.maximum).contains(limit) else {
            throw ValidationError("--limit is 1 to \(HistoryQuery.maximum)")
        }
    }

    mutating func run() async throws {
        let session = options.session()
        let query = HistoryQuery(stack: stack, run: run, limit: limit)
        let runs = try await session.history(query)
        guard let id = run else {
            if let stack, runs.isEmpty { try await session.require(stack) }
            return try session.output.show(HistoryAnswer(runs: runs))
        }
        guard let found = runs.first else {
            throw Failure(.usage, "no run begins with \(id)", remedy: "gyre history lists them")
        }
        guard runs.count == 1 else {
            throw Failure(.usage, "\(runs.count) runs begin with \(id)", remedy: "give more of it")
        }
        try session.output.show(RunAnswer(run: found))
    }
}
