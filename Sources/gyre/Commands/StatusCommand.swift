internal import ArgumentParser
internal import ControlAPI
internal import Model
internal import Reconciliation

/// `gyre status`: where stacks stand.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show where stacks stand, and what ends what stands in their way.",
        discussion: """
            Asks the running controller; without one, looks at repositories and engine itself. \
            SERVICES counts containers that do what they should, of those wanted; ? is what \
            nobody knows. CHECKED is the age of the last look at both that went well. Exits with \
            5 when the engine does not answer, or a repository never did. One that answers and has \
            nothing to follow yet is told of.

            Examples:
              gyre status
              gyre status shop/web
              gyre status --watch
              gyre status --exit-code || echo "somebody has to look"
              gyre status --json | jq '.stacks[] | select(.state != "ready")'
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stackOrAll, transform: StackID.argument) var stack: StackID?
    @Flag(name: .shortAndLong, help: "Show it again whenever it changes, until interrupted.")
    var watch = false
    @Flag(help: "Exit with 4 when a stack is stalled or unknown, 5 when anything is silent.")
    var exitCode = false

    func validate() throws {
        if watch && options.out.json {
            throw ValidationError("--watch can't be --json, which prints one value")
        }
    }

    func run() async throws {
        let session = options.session()
        guard watch else {
            let status = try await ask(try await session.control())
            let answer = StatusAnswer(status: status, isDetailed: stack != nil)
            try session.output.show(Explained(answer, by: session.docs))
            let code = answer.exit(isStrict: exitCode)
            if code != .success { throw Quit(code: code) }
            return
        }
        try await follow(try await session.required(), session)
    }

    private func ask(_ control: any Control) async throws -> ControllerStatus {
        var status = try await control.status()
        guard let stack else { return status }
        let isOrphan = status.orphans.contains { $0.stack == stack }
        guard isOrphan || status.stacks.contains(where: { $0.stack == stack }) else {
            throw status.unknown(stack)
        }
        status.stacks.removeAll { $0.stack != stack }
        status.orphans.removeAll { $0.stack != stack }
        return status
    }

    private func follow(_ control: any Control, _ session: Session) async throws {
        let (output, docs) = (session.output, session.docs)
        var last = ""
        while !Task.isCancelled, !Output.isAbandoned {
            let answer = StatusAnswer(status: try await ask(control), isDetailed: stack != nil)
            let text = Explained(answer, by: docs).text(output.style)
            if text != last { output.redraw(text) }
            last = text
            try await Task.sleep(for: .seconds(1))
        }
    }
}
