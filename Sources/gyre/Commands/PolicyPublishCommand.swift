internal import Admission
internal import ArgumentParser
internal import Model
internal import OperatorFile
internal import Reconciliation

/// `gyre policy publish`: what a project's own CI may judge by.
struct PolicyPublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Print a project's policy as its team may see it.",
        discussion: """
            The file holds the profile, all grants of the project, and what is lifted for it; \
            nothing of other projects, of engines, repositories and credentials. Its team judges \
            its files by it with gyre policy check --policy and gyre plan --policy, offline. Its \
            digest tells one policy from another.

            Examples:
              gyre policy publish --project shop
              gyre policy publish --config /etc/gyre/gyre.yaml --project shop | tee shop.json
              gyre policy publish --project shop --node gpu-1
            """
    )

    @OptionGroup var options: FileOptions
    @Option(help: "The project.")
    var project: String
    @Option(help: "The node that it is about. (default: whichever of the project's is strictest)")
    var node: String?

    func run() async throws {
        let file = try ConfigurationFile(options.config)
        _ = try file.policy(of: project, on: node)
        let now = Reconciliation.Clock.system.now()
        let published = PublishedPolicy(
            project,
            in: file.settings,
            on: node,
            rules: Rule.version,
            at: now
        )
        guard let published else { return }
        try options.out.output.show(PublishedAnswer(published: published))
    }
}

/// The file itself, whether JSON was asked for or not.
struct PublishedAnswer: Answer {
    let published: PublishedPolicy

    func encode(to encoder: any Encoder) throws { try published.json.encode(to: encoder) }

    func text(_ style: Style) -> String { PrettyJSON.text(published.json) }
}
