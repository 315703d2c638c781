internal import ArgumentParser
internal import ControlAPI
internal import Model
internal import Reconciliation

/// `gyre volumes`: what stacks keep, and the end of it.
struct VolumesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "volumes",
        abstract: "Show the volumes of stacks, copy one, and remove one.",
        discussion: """
            No push removes a volume: not the file that stops naming it, nor the end of its stack.
            """,
        subcommands: [
            VolumesListCommand.self, VolumesExportCommand.self, VolumesRemoveCommand.self,
        ],
        defaultSubcommand: VolumesListCommand.self
    )
}

/// `gyre volumes list`.
struct VolumesListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the volumes of a stack, or of all.",
        discussion: """
            used       a container of the stack mounts it, running or not, or a Swarm's service
            unused     nothing of ours mounts it
            missing    it was there, and somebody has removed it
            unknown    its node does not answer
            elsewhere  no manager of the Swarm that gyre.yaml names has it, another node may

            Volumes of stacks that are gone are listed too. A Swarm's node is a manager, or the \
            host name of another node that runs a task with the volume.

            Examples:
              gyre volumes
              gyre volumes shop/web
              gyre volumes --json | jq '.volumes[] | select(.state == "unused")'
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?

    func run() async throws {
        let session = options.session()
        let volumes = try await session.control().volumes(of: stack)
        try session.output.show(VolumesAnswer(volumes: volumes))
    }
}

/// `gyre volumes rm`.
struct VolumesRemoveCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Remove a volume that nothing mounts, and all that is in it.",
        discussion: """
            The first call shows what goes, how to keep a copy, and an id; with --confirm ID it \
            is removed. Nothing brings it back. One that a container mounts, running or not, is \
            refused: take it out of the stack's files first. One that is missing is forgotten: \
            files that still name it get an empty one. So is one that no manager of a Swarm has; \
            what another node has of it stays there.

            Exits with 3 when --confirm isn't given.

            Examples:
              gyre volumes rm shop/web shop_web_data
              gyre volumes rm shop/web shop_web_data --confirm 3f2a91c4d05e
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stack, transform: StackID.argument) var stack: StackID
    @Argument(help: "The volume's name, as gyre volumes shows it.") var volume: String
    @Option(help: ArgumentHelp("Remove it, if that is its id.", valueName: "change"))
    var confirm: String?

    func run() async throws {
        let session = options.session()
        if let confirm {
            let control = try await session.deciding()
            try await control.removeVolume(volume, of: stack, change: confirm, by: .own)
            return try session.output.show(Remark("removed: \(volume) of \(stack)"))
        }
        let named = try await session.control().volumes(of: stack).filter { $0.name == volume }
        guard !named.isEmpty else {
            throw Failure(
                .failed,
                "\(stack) has no volume \(volume)",
                remedy: "gyre volumes \(stack) lists those it has"
            )
        }
        if let used = named.first(where: { $0.change == nil }), named.count == 1 {
            throw Failure(.failed, used.obstacle, remedy: used.remedy)
        }
        try session.output.show(VolumeRemovalAnswer(volumes: named.filter { $0.change != nil }))
        throw Quit(code: .denied)
    }
}

/// What `gyre volumes` prints.
struct VolumesAnswer: Answer {
    let volumes: [VolumeStatus]

    func text(_ style: Style) -> String {
        guard !volumes.isEmpty else { return "there are no volumes" }
        var table = Table("VOLUME", "STATE", "STACK", "NODE", "MOUNTED BY")
        for volume in volumes {
            table.add(
                volume.name,
                volume.state.rawValue,
                volume.stack.description,
                volume.node,
                volume.containers.isEmpty ? "-" : volume.containers.joined(separator: ", ")
            )
        }
        return table.lines(style) { row, column in
            guard column == 1 else { return nil }
            switch volumes[row].state {
            case .used: return .green
            case .unused, .elsewhere: return nil
            case .missing, .unknown: return .red
            }
        }
        .asLines
    }
}

/// What `gyre volumes rm` would remove.
struct VolumeRemovalAnswer: Answer {
    /// Of one name and stack, at most one a node.
    let volumes: [VolumeStatus]

    func text(_ style: Style) -> String {
        volumes.flatMap { volume in
            let removal =
                "→ gyre volumes rm \(volume.stack) \(volume.name) --confirm "
                + (volume.change ?? "")
            guard volume.state != .missing else {
                return [
                    "\(volume.name) of \(volume.stack) is gone from \(volume.node) already: it is "
                        + "forgotten, and files that name it get an empty one",
                    removal,
                ]
            }
            guard volume.state != .elsewhere else {
                return [
                    "no manager of the Swarm has \(volume.name) of \(volume.stack): it is "
                        + "forgotten, and stays where another node has it",
                    removal,
                ]
            }
            return [
                "\(volume.name) of \(volume.stack) is removed from \(volume.node), with all that "
                    + "is in it, for good",
                "to keep a copy first: \(saving(volume))", removal,
            ]
        }
        .asLines
    }

    /// The command that writes all that is in it to a file.
    private func saving(_ volume: VolumeStatus) -> String {
        let node = volumes.count > 1 ? " --node \(volume.node)" : ""
        return "gyre volumes export \(volume.stack) \(volume.name)\(node) "
            + "--output \(volume.name).tar"
    }
}

extension VolumeStatus {
    /// Why it can't be removed now.
    fileprivate var obstacle: String {
        state == .unknown
            ? "\(node) does not answer, so nobody knows who uses \(name)"
            : "\(name) is mounted by \(containers.joined(separator: ", "))"
    }

    fileprivate var remedy: String {
        state == .unknown
            ? "see that the engine answers: gyre nodes"
            : "take it out of the files of \(stack) first"
    }
}
