internal import ArgumentParser
internal import ControlAPI
internal import Model

/// `gyre confirm`: a person's word that a removal is meant.
struct ConfirmCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "confirm",
        abstract: "Allow the removal that a stack waits with.",
        discussion: """
            A push that would remove a whole stack, or more than half of its containers (and at \
            least five), waits. gyre status shows what goes, and the command with the change's \
            id; it is good for that change only.

            Example:
              gyre confirm shop/web 3f2a91c4d05e
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stack, transform: StackID.argument) var stack: StackID
    @Argument(help: "The change's id, as gyre status shows it.") var change: String

    func run() async throws {
        let session = options.session()
        try await session.deciding().confirm(stack, change: change, by: .own)
        try session.output.show(Remark("confirmed: \(stack) goes on with \(change)"))
    }
}
