internal import ArgumentParser
internal import ControlAPI
internal import Model

/// `gyre diff`: what the head would change.
struct DiffCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what the head would change against what ran stable last.",
        discussion: """
            First what the compose files mean differently, field by field, then the plan that \
            follows from it. Values of variables whose names sound like a secret are not shown.

            Examples:
              gyre diff shop/web
              gyre diff --json | jq '.diffs[].changes'
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?

    func run() async throws {
        let session = options.session()
        let control = try await session.control()
        let (stacks, unanswered) = try await control.stacks(stack)
        var diffs: [StackDiff] = []
        for stack in stacks { diffs.append(try await control.diff(stack)) }
        let answer = DiffsAnswer(diffs: diffs, unanswered: unanswered)
        try session.output.show(Explained(answer, by: session.docs))
        let code = ExitCode(of: diffs.map(\.plan), unanswered)
        if code != .success { throw Quit(code: code) }
    }
}
