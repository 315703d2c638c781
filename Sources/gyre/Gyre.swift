internal import ArgumentParser

/// The root of all commands.
struct Gyre: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gyre",
        abstract: "Keeps Docker engines equal to git.",
        discussion: """
            Begin with a gyre.yaml that names an engine and a repository, then:

              gyre validate          is gyre.yaml right?
              gyre plan              what would change?
              gyre serve             keep the engine equal to git, until stopped
              gyre status            where does everything stand?

            Every command takes --json, which prints one JSON value for programs. \
            gyre help exit-codes lists what commands end with.
            """,
        version: "gyre \(Program.version)",
        groupedSubcommands: [
            CommandGroup(name: "Run", subcommands: [ServeCommand.self, ApplyCommand.self]),
            CommandGroup(
                name: "Look",
                subcommands: [
                    StatusCommand.self, PlanCommand.self, DiffCommand.self, HistoryCommand.self,
                    UsageCommand.self, NodesCommand.self, VolumesCommand.self, AuditCommand.self,
                ]
            ),
            CommandGroup(
                name: "Decide",
                subcommands: [
                    SyncCommand.self, ConfirmCommand.self, ReleaseCommand.self,
                    RollbackCommand.self, RecoverCommand.self, DrainCommand.self,
                    UndrainCommand.self,
                ]
            ),
            CommandGroup(
                name: "Check files",
                subcommands: [
                    ValidateCommand.self, PolicyCommand.self, ComposeCommand.self,
                    RenderCommand.self,
                ]
            ),
            CommandGroup(name: "Other", subcommands: [VersionCommand.self, ExitCodesCommand.self]),
        ]
    )
}
