internal import ArgumentParser
internal import ControlAPI
internal import Model
internal import Reconciliation

/// `gyre rollback`: an earlier version back, by a commit.
struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Push a commit that gives a stack's folder the content of an earlier commit.",
        discussion: """
            Brings back the last version that was stable, or the one that --to names, and nothing \
            else of the repository: other folders stay as the branch has them. The commit is \
            written as git.author of gyre.yaml, on top of the branch as it is now, and never \
            forced; where somebody else pushes in between it is tried once more. A version that \
            is held stays held.

            The repository's credentials in gyre.yaml have to allow pushing. Where they don't, \
            --dry-run still tells what to change, and git does it by hand:
              git checkout COMMIT -- FOLDER && git commit && git push

            Examples:
              gyre rollback shop/web --dry-run            what would be pushed?
              gyre rollback shop/web
              gyre rollback shop/web --to 3f2a91c4 -m Back-to-1.4
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stack, transform: StackID.argument) var stack: StackID
    @Option(
        help: ArgumentHelp(
            "The commit whose content comes back, by the start of its id. (default: the last "
                + "that was stable)",
            valueName: "commit"
        )
    )
    var to: String?
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("What the commit says. (default: what was done)", valueName: "text")
    )
    var message: String?
    @Flag(help: "Push nothing; tell what would be pushed.")
    var dryRun = false

    func validate() throws {
        if let to, !(4...40).contains(to.count) || !to.allSatisfy(\.isHexDigit) {
            throw ValidationError("--to takes 4 to 40 hexadecimal digits of a commit's id")
        }
        if let message, message.allSatisfy(\.isWhitespace) || message.utf8.count > 8192 {
            throw ValidationError("the message has to have words, and at most 8 KiB of them")
        }
    }

    func run() async throws {
        let session = options.session()
        let demand = RollbackDemand(to: to, message: message, dryRun: dryRun)
        let control = try await session.control()
        let rollback = try await control.rollback(stack, demand, by: .own)
        try session.output.show(RollbackAnswer(rollback: rollback))
    }
}
