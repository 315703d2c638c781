internal import ArgumentParser
internal import ControlAPI

/// `gyre version`: of this program, and of the controller that runs.
struct VersionCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Show the version of this program and of the running controller.",
        discussion: """
            Example:
              gyre version --json
            """
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        // Without a gyre.yaml there is no controller to ask, which is no failure here.
        let client = try? options.session().running()
        let controller = try? await client?.version()
        try options.out.output.show(
            VersionAnswer(version: Program.version, controller: controller)
        )
    }
}

/// The two versions.
struct VersionAnswer: Answer {
    var version: String
    /// nil where none runs.
    var controller: ControllerVersion?

    func text(_ style: Style) -> String {
        var lines = ["gyre \(version)"]
        if let controller {
            lines.append(
                "controller \(controller.controller): \(controller.version), process "
                    + "\(controller.process)"
            )
        }
        return lines.asLines
    }
}
