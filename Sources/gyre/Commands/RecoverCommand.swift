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
            This lists what bears its labels on the engine; --confirm takes all of it for its \
            own, and change goes on. Nothing is restarted.

            Examples:
              gyre recover
              gyre recover --confirm
            """
    )

    @OptionGroup var options: CommonOptions
    @Flag(help: "Take what is listed for this controller's own.")
    var confirm = false

    func run() async throws {
        let session = options.session()
        let control = try await session.deciding()
        let findings =
            confirm
            ? try await control.recover(by: UserName.own) : try await control.recoveryFindings()
        try session.output.show(RecoveryAnswer(findings: findings, isConfirmed: confirm))
    }
}
