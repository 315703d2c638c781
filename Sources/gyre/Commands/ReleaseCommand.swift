internal import ArgumentParser
internal import ControlAPI
internal import Model

/// `gyre release`: another try for a version that failed.
struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Let held versions of a stack be tried again.",
        discussion: """
            A version that failed to come up is held: it is not tried again until a person \
            releases it. A push of another version needs no release.

            Example:
              gyre release shop/web
            """
    )

    @OptionGroup var options: CommonOptions
    @Argument(help: .stack, transform: StackID.argument) var stack: StackID

    func run() async throws {
        let session = options.session()
        let count = try await session.deciding().release(stack, by: .own)
        let versions = count == 1 ? "one version" : "\(count) versions"
        try session.output.show(Remark("released: \(versions) of \(stack) will be tried again"))
    }
}
