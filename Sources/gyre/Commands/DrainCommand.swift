internal import ArgumentParser
internal import ControlAPI
internal import Model

/// `gyre drain`: nothing is to be on a node any more.
struct DrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Have the stacks of a node moved away, and place none there any more.",
        discussion: """
            For each stack a place is found on another node and its images are brought there; \
            then it is taken down here and brought up there, as the version that was stable \
            last. It is down in between: at no time does it run on two nodes.

            A stack with data on the node (volumes, binds that it writes) stays and runs on, and \
            so does one that no other node fits; gyre status says why for each. The command \
            returns at once, and gyre nodes shows what is there still.

            Examples:
              gyre drain alpha
              gyre status
              gyre nodes --json | jq '.nodes[] | select(.drainedBy) | .stacks'
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .node) var node: String

    func run() async throws {
        let session = options.session()
        try await session.deciding().drain(node, by: .own)
        let message = "drained: \(node) takes no more stacks, and those that can leave it move"
        try session.output.show(Remark(message))
    }
}

/// `gyre undrain`: a node takes stacks again.
struct UndrainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "undrain",
        abstract: "Let a drained node have stacks again.",
        discussion: """
            Stacks that are on it stay, and new ones may be placed there. What has moved away \
            stays where it is: each move is an outage that nobody asked for.

            Example:
              gyre undrain alpha
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .node) var node: String

    func run() async throws {
        let session = options.session()
        try await session.deciding().undrain(node, by: .own)
        try session.output.show(Remark("undrained: \(node) takes stacks again"))
    }
}

extension ArgumentHelp {
    /// The one node that a command is about.
    static let node = ArgumentHelp(
        "A node's name, as gyre nodes shows it; main where there is one engine.",
        valueName: "node"
    )
}
