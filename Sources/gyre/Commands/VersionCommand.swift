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
        let session = options.session()
        var answer = VersionAnswer(version: Program.version)
        do {
            answer.controller = try await session.running()?.version()
            if let leader = await session.leader() { answer.leader = Leadership.words(of: leader) }
        } catch {
            // Without a gyre.yaml there is no controller to ask, which is no failure here.
            let failure = Failure(error)
            if session.hasFile { answer.problem = failure.message }
        }
        try session.output.show(answer)
    }
}

/// The two versions.
struct VersionAnswer: Answer {
    var version: String
    /// nil where none runs.
    var controller: ControllerVersion?
    /// Who leads, of those that share a Swarm; nil where none is shared, or nobody does.
    var leader: String?
    /// Why it can't be told whether one runs; nil where it can.
    var problem: String?

    func text(_ style: Style) -> String {
        var lines = ["gyre \(version)"]
        if let controller {
            lines.append(
                "controller \(controller.controller): \(controller.version), process "
                    + "\(controller.process)"
            )
        }
        if let leader { lines.append("of those that share the Swarm, \(leader)") }
        if let problem { lines.append("controller: not known; \(problem)") }
        return lines.asLines
    }
}
