internal import ArgumentParser
internal import ControlAPI
internal import Model

/// `gyre recover`: after the journal was lost.
struct RecoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recover",
        abstract: "Rebuild a lost journal from what runs.",
        discussion: """
            Without a journal the controller can't tell what is its own, so it changes nothing. \
            This lists what bears its labels on the engine; --confirm takes it for its own, and \
            change goes on. Nothing is restarted. What bears the labels but is not as the \
            controller makes things is listed apart, and taken only when --take names it. Without \
            --confirm nothing is changed, a broken journal neither; on a sound one it says so.

            Examples:
              gyre recover
              gyre recover --confirm
              gyre recover --confirm --take shop-web-1
            """
    )

    @OptionGroup var options: CommonOptions
    @Flag(help: "Take what is listed for this controller's own.")
    var confirm = false
    @Option(
        help: ArgumentHelp("Take this doubtful object too; may be repeated.", valueName: "name")
    )
    var take: [String] = []

    func validate() throws {
        guard confirm || take.isEmpty else { throw ValidationError("--take goes with --confirm") }
    }

    func run() async throws {
        let session = options.session()
        let findings =
            confirm
            ? try await session.deciding().recover(by: .own, taking: Set(take))
            : try await session.control().recoveryFindings()
        try session.output.show(RecoveryAnswer(findings: findings, isConfirmed: confirm))
    }
}
