internal import ArgumentParser
internal import ControlAPI
internal import Model
internal import Reconciliation

/// `gyre nodes`: the engines, and what runs where.
struct NodesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nodes",
        abstract: "Show the nodes, or say that one is off or was replaced.",
        discussion:
            "Docs/Engines.md says how stacks get their nodes, and what becomes of lost ones.",
        subcommands: [NodesListCommand.self, NodesFenceCommand.self, NodesAcceptCommand.self],
        defaultSubcommand: NodesListCommand.self
    )
}

/// `gyre nodes list`, or `gyre nodes` alone.
struct NodesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the nodes, what they have and which stacks are on them.",
        discussion: """
            A node that is drained takes no more stacks; those that it still has run on, and gyre \
            status says why each is there. A node that does not answer is unknown: its stacks stay \
            as they are, and what it has is what it said last. One that has been silent for \
            defaults.timeouts.node is lost. MEMORY and CPUS are what the \
            limits of containers reserve, of what there is.

            Ends with 5 when a node does not answer.

            Examples:
              gyre nodes
              gyre nodes --json | jq '.nodes[] | {name, stacks}'
            """
    )

    @OptionGroup var options: CommonOptions

    func run() async throws {
        let session = options.session()
        let answer = NodesAnswer(nodes: try await session.control().nodes())
        try session.output.show(answer)
        if answer.nodes.contains(where: { $0.problem != nil }) { throw Quit(code: .unreachable) }
    }
}

/// `gyre nodes fence`: a person's word that a node is off.
struct NodesFenceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fence",
        abstract:
            "Vouch that a silent node is off, so that its stacks with data are made elsewhere.",
        discussion: """
            Stacks that write something are never made anew while the old ones may run: two \
            writers destroy what they write. From outside a node that is cut off looks like one \
            that is off, so a person has to say so. Be sure: cut its power, or stop the machine.

            Binds go with their paths, which have to be the same file system on the other node. A \
            volume with data is made anew, empty, only after gyre confirm. When the node is back, \
            what wrote there is stopped first, and removed when its successor is stable.

            Example:
              gyre nodes fence alpha
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .node) var node: String

    func run() async throws {
        let session = options.session()
        try await session.deciding().fence(node, by: .own)
        let message = "fenced: \(node) is taken for off, and its stacks are given other nodes"
        try session.output.show(Remark(message))
    }
}

/// `gyre nodes accept`: a person's word that a node's engine was replaced.
struct NodesAcceptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accept",
        abstract: "Take the engine that answers for the node's, in the place of the one it had.",
        discussion: """
            A node whose engine is another one than it was is unknown: nothing is changed there, \
            and what ran on the first is not taken for gone. Mostly an address in gyre.yaml is \
            wrong; mend that. Where the machine was made anew, this says so: what its stacks had \
            is made again, volumes that had data only after gyre confirm.

            Be sure that the old engine is gone: what it runs would run twice.

            Example:
              gyre nodes accept alpha
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .node) var node: String

    func run() async throws {
        let session = options.session()
        try await session.deciding().accept(node, by: .own)
        try session.output.show(Remark("accepted: \(node) has the engine that answers"))
    }
}

/// What `gyre nodes` prints.
struct NodesAnswer: Answer {
    let nodes: [NodeStatus]

    func text(_ style: Style) -> String {
        var table = Table("NODE", "STATE", "ENGINE", "API", "MEMORY", "CPUS", "STACKS", "ADDRESS")
        for node in nodes {
            table.add(
                node.name,
                node.state,
                node.version ?? "?",
                node.api ?? "?",
                part(.memory, node.reserved.memory, of: node.memory),
                part(.cpus, node.reserved.nanoCPUs, of: node.nanoCPUs),
                "\(node.stacks.count)",
                node.engine
            )
        }
        let lines = table.lines(style) { row, column in
            column == 1 ? colour(of: nodes[row]) : nil
        }
        return
            (lines.prefix(1)
            + zip(nodes, lines.dropFirst()).flatMap { [$1] + details(of: $0).indented() }).asLines
    }

    private func colour(of node: NodeStatus) -> Style.Face {
        node.problem != nil ? .red : node.drainedBy != nil ? .yellow : .green
    }

    private func part(_ kind: QuotaKind, _ held: Int64, of all: Int64?) -> String {
        "\(kind.number(held))/\(all.map(kind.number) ?? "?")"
    }

    private func details(of node: NodeStatus) -> [String] {
        var lines = node.problem.map { ["does not answer: \($0)"] } ?? []
        if let person = node.fencedBy { lines.append("fenced by \(person): it is off") }
        if let person = node.drainedBy { lines.append("drained by \(person)") }
        if let off = node.clockOff { lines.append("its clock is \(off.clockOff)") }
        if let remapping = node.users?.found { lines.append(remapping) }
        let labels = node.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        if !labels.isEmpty { lines.append("labels \(labels.joined(separator: ", "))") }
        let stacks = node.stacks.map(\.description)
        if !stacks.isEmpty { lines.append("stacks \(stacks.joined(separator: ", "))") }
        return lines
    }
}
