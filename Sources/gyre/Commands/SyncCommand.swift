internal import ArgumentParser
internal import ControlAPI
internal import Model

/// `gyre sync`: without waiting for the interval.
struct SyncCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Ask the repositories now, and try again now what waits to be tried again.",
        discussion: """
            The running controller does it; the command returns at once. gyre status --watch \
            shows what comes of it.

            Examples:
              gyre sync
              gyre sync shop/web
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?

    func run() async throws {
        let session = try options.session()
        try await session.required().sync(stack)
        let what = stack.map { "the repository of \($0)" } ?? "all repositories"
        try session.output.show(Remark("the controller asks \(what) now"))
    }
}
