internal import ArgumentParser
internal import ControlAPI
internal import Model

/// `gyre sync`: without waiting for the interval.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Ask the repositories now, and try again now what waits to be tried again.",
        discussion: """
            The running controller does it; the command returns at once, and gyre status --watch \
            shows what comes of it. With --wait it returns when nothing is left to do at once, \
            and ends with what came of it.

            Examples:
              gyre sync
              gyre sync shop/web
              gyre sync shop/web --wait       ends with 0 when it runs, stable
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?
    @Flag(name: .shortAndLong, help: "Wait until the stacks have got as far as they get.")
    var wait = false

    func run() async throws {
        let session = options.session()
        let client = try await session.required()
        // One that is not known may be in a repository that never answered.
        if stack != nil { _ = try await client.stacks(stack) }
        if wait {
            let query = HistoryQuery(stack: stack, limit: HistoryQuery.maximum)
            let known = Set(try await client.history(query).map(\.id))
            let stacks = try await client.syncAndWait(stack, by: .own)
            let runs = try await client.history(query).filter { !known.contains($0.id) }
            let answer = SyncAnswer(stacks: stacks, runs: runs.reversed())
            try session.output.show(Explained(answer, by: session.docs))
            if answer.exit != .success { throw Quit(code: answer.exit) }
            return
        }
        try await client.sync(stack, by: .own)
        let what = stack.map { "the repository of \($0)" } ?? "all repositories"
        try session.output.show(Remark("the controller asks \(what) now"))
    }
}
