import ArgumentParser
import Foundation
import TestSupport
import Testing

@testable import gyre

/// What `--help` prints, as a new user reads it.
@Suite struct HelpTests {
    static let commands: [(name: String, type: any ParsableCommand.Type)] = [
        ("gyre", Gyre.self), ("serve", ServeCommand.self), ("apply", ApplyCommand.self),
        ("status", StatusCommand.self), ("plan", PlanCommand.self), ("diff", DiffCommand.self),
        ("history", HistoryCommand.self), ("usage", UsageCommand.self),
        ("nodes", NodesCommand.self), ("nodes-list", NodesListCommand.self),
        ("nodes-fence", NodesFenceCommand.self), ("nodes-accept", NodesAcceptCommand.self),
        ("drain", DrainCommand.self),
        ("undrain", UndrainCommand.self), ("volumes", VolumesCommand.self),
        ("volumes-list", VolumesListCommand.self),
        ("volumes-export", VolumesExportCommand.self), ("volumes-rm", VolumesRemoveCommand.self),
        ("sync", SyncCommand.self),
        ("confirm", ConfirmCommand.self), ("release", ReleaseCommand.self),
        ("rollback", RollbackCommand.self),
        ("recover", RecoverCommand.self), ("validate", ValidateCommand.self),
        ("policy-check", PolicyCheckCommand.self),
        ("policy-report", PolicyReportCommand.self),
        ("policy-enforce", PolicyEnforceCommand.self),
        ("policy-publish", PolicyPublishCommand.self),
        ("policy-exceptions", PolicyExceptionsCommand.self),
        ("compose-config", ComposeConfigCommand.self), ("render", RenderCommand.self),
        ("audit", AuditCommand.self), ("audit-list", AuditListCommand.self),
        ("audit-verify", AuditVerifyCommand.self), ("audit-head", AuditHeadCommand.self),
        ("audit-export", AuditExportCommand.self),
        ("version", VersionCommand.self),
        ("exit-codes", ExitCodesCommand.self),
    ]

    @Test func everyHelpIsAsReviewed() {
        for command in HelpTests.commands {
            expectSnapshot(
                Gyre.helpMessage(for: command.type, columns: 90),
                named: "help-\(command.name)"
            )
        }
    }

    /// An example that the parser refuses teaches nothing.
    @Test func everyExampleParses() throws {
        var count = 0
        for command in HelpTests.commands {
            for line in command.type.configuration.discussion.split(separator: "\n") {
                guard let arguments = example(line) else { continue }
                count += 1
                #expect(throws: Never.self) { _ = try Gyre.parseAsRoot(arguments) }
            }
        }
        #expect(count > 25)
    }

    /// The arguments of a line such as `  gyre plan shop/web --json | jq .`.
    private func example(_ line: Substring) -> [String]? {
        guard line.hasPrefix("  gyre ") else { return nil }
        let words = line.components(separatedBy: "   ").filter { !$0.isEmpty }[0]
        let command = words.prefix { $0 != "|" }
        return command.split(separator: " ").dropFirst().map(String.init)
    }

    /// Help of what there is not is no help.
    @Test(arguments: [
        (["help", "bogus"], "gyre has no command \"bogus\""),
        (["help", "statsu"], "gyre has no command \"statsu\"; did you mean \"status\"?"),
        (["statsu", "--help"], "gyre has no command \"statsu\"; did you mean \"status\"?"),
        (["policy", "chek"], "gyre policy has no command \"chek\"; did you mean \"check\"?"),
        (["help", "policy", "x"], "gyre policy has no command \"x\""),
    ])
    func aMisspeltCommandIsWrongUsage(arguments: [String], message: String) throws {
        let failure = try #require(Program.misspelt(arguments))
        #expect(failure.exit == .usage && failure.message == message, "\(failure.message)")
    }

    @Test(arguments: [
        [], ["help"], ["help", "status"], ["help", "policy", "check"], ["status", "shop/web"],
        ["compose", "-f", "x", "config"], ["--help"], ["help", "exit-codes"],
    ])
    func whatIsACommandIsNotMisspelt(arguments: [String]) {
        #expect(Program.misspelt(arguments) == nil)
    }

    @Test func thePageHasTheTableOfExitCodes() throws {
        let page = try String(contentsOf: docs, encoding: .utf8)
        #expect(page.contains(ExitCode.markdown))
    }

    @Test func thePageNamesEveryCommandAndRoute() throws {
        let page = try String(contentsOf: docs, encoding: .utf8)
        for command in HelpTests.commands.dropFirst() {
            let name = command.name.replacing("-", with: " ")
            #expect(page.contains("gyre \(name)") || page.contains("gyre help \(command.name)"))
        }
    }

    private var docs: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Docs/CommandLine.md")
    }
}
