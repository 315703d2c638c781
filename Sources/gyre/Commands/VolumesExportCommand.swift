internal import ArgumentParser
internal import ControlAPI
internal import Glibc
internal import Model
internal import Reconciliation
internal import Transport

/// `gyre volumes export`.
struct VolumesExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write all that is in a volume to a tar archive.",
        discussion: """
            Files with their modes, owners, times and links. The stack need not be there any \
            more; one that runs goes on, so that what it writes meanwhile may be in the archive \
            or not. A copy of one moment wants what writes to stand still.

            FILE is whole or not there: what breaks off leaves none. Docs/CommandLine.md says how \
            an archive is brought back. Of a Swarm's volumes those of the managers that gyre.yaml \
            names are read; of another the command is told that reads it on its node.

            Examples:
              gyre volumes export shop/web shop_web_data --output data.tar
              gyre volumes export shop/web shop_web_data | zstd >data.tar.zst
              gyre volumes export shop/web shop_web_data | tar -tv
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stack, transform: StackID.argument) var stack: StackID
    @Argument(help: "The volume's name, as gyre volumes shows it.") var volume: String
    @Option(
        name: [.short, .long],
        help: ArgumentHelp("Where to. (default: standard output)", valueName: "file")
    )
    var output: String?
    @Flag(help: "Replace a file that is there already.")
    var force = false
    @Option(help: "The node, or manager, where several have a volume of that name.")
    var node: String?

    func run() async throws {
        guard output != nil || isatty(STDOUT_FILENO) == 0 else {
            throw Failure(
                .usage,
                "an archive is nothing for a terminal",
                remedy: "name a file with --output FILE, or lead it into another program"
            )
        }
        let copying = Copying(
            session: options.session(),
            question: VolumeQuestion(volume, on: node),
            stack: stack,
            output: output,
            replaces: force
        )
        let (count, _) = try await Interruption.during { try await copying.run() }
        let text = "\(ByteCount(Int64(count)).rounded) of \(volume) of \(stack)"
        guard let output else { return copying.session.output.note("exported \(text)") }
        try copying.session.output.show(Remark("exported \(text) to \(output)"))
    }
}

/// An archive on its way from a controller to where it is wanted.
private struct Copying: Sendable {
    var session: Session
    var question: VolumeQuestion
    var stack: StackID
    var output: String?
    var replaces: Bool

    /// Gives how many bytes there are.
    func run() async throws -> Int {
        let file = try ArchiveFile(output, replacing: replaces)
        do {
            let count = try await copy(to: file)
            try file.keep()
            return count
        } catch {
            file.end()
            throw error
        }
    }

    private func copy(to file: ArchiveFile) async throws -> Int {
        let control = try await session.deciding()
        let archive = try await control.exportVolume(question, of: stack, by: .own)
        var end = ArchiveEnd()
        var told = ContinuousClock.now
        do {
            for try await piece in archive {
                try file.write(piece)
                end.add(piece)
                guard told.duration(to: .now) > .seconds(5) else { continue }
                told = .now
                session.output.note("\(ByteCount(Int64(end.count)).rounded) so far")
            }
        } catch let error as TransportError {
            throw broken(end.count, ": \(error.message)")
        }
        guard end.isThere else { throw broken(end.count) }
        return end.count
    }

    private func broken(_ count: Int, _ reason: String = "") -> Failure {
        Failure(
            .failed,
            "the archive breaks off after \(ByteCount(Int64(count)).rounded)\(reason)",
            remedy: "the controller's log may tell more; a file that changed while it was read is "
                + "one reason: have what writes stand still, and export again"
        )
    }
}
