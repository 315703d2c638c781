internal import ArgumentParser
internal import ControlAPI
internal import Model
internal import Reconciliation

/// `gyre usage`: what projects have reserved.
struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show what projects have reserved, and what their quotas leave.",
        discussion: """
            Counted are the limits of containers, not what they happen to use: what runs, and what \
            is about to; below them, who has which port. A quota that was lowered below that stops \
            nothing; it denies growth, and LEFT is 0 until enough was given back.

            Examples:
              gyre usage
              gyre usage shop
              gyre usage --json | jq '.projects[] | {project, amounts}'
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: ArgumentHelp("A project. (default: all)")) var project: String?

    func run() async throws {
        let session = options.session()
        var projects = try await session.control().usage()
        if let project {
            let known = projects.map(\.project)
            projects.removeAll { $0.project != project }
            guard !projects.isEmpty else {
                throw Failure(
                    .usage,
                    "no project \(project); known: \(known.joined(separator: ", "))"
                )
            }
        }
        try session.output.show(UsageAnswer(projects: projects))
    }
}

/// What `gyre usage` prints.
struct UsageAnswer: Answer {
    let projects: [ProjectUsage]

    func text(_ style: Style) -> String {
        guard !projects.isEmpty else { return "gyre.yaml has no project" }
        return projects.map { text(of: $0, style) }.joined(separator: "\n\n")
    }

    private func text(of project: ProjectUsage, _ style: Style) -> String {
        var table = Table("QUOTA", "USED", "LIMIT", "LEFT")
        for amount in project.amounts {
            table.add(
                amount.kind.rawValue,
                amount.kind.number(amount.used),
                amount.limit.map(amount.kind.number) ?? "-",
                amount.left.map(amount.kind.number) ?? "-"
            )
        }
        let lines = table.lines(style) { row, column in
            let amount = project.amounts[row]
            guard column == 1, let limit = amount.limit else { return nil }
            return amount.used > limit ? .red : nil
        }
        let stacks = project.stacks.flatMap { part in
            ["\(part.stack): \(words(part.used))"] + part.ports.map { "port \($0.text)" }.indented()
        }
        return ([style(.bold, "project \(project.project)")] + (lines + stacks).indented()).asLines
    }

    /// `2 containers, 1 GiB of memory`.
    private func words(_ usage: Usage) -> String {
        QuotaKind.allCases.filter { usage[$0] > 0 && $0 != .replicas }.map { $0.text(usage[$0]) }
            .joined(separator: ", ")
    }
}
