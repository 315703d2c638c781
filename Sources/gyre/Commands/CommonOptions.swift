internal import ArgumentParser
internal import Model

/// How a command prints what it has to say.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print one JSON value instead of text.")
    var json = false

    @Flag(name: .customLong("no-color"), help: "Print without colours, as with NO_COLOR set.")
    var noColour = false

    var output: Output { Output(isJSON: json, allowsColour: !noColour) }
}

/// What every command that deals with a controller takes.
struct CommonOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("c")],
        help: ArgumentHelp(
            "The operator's file. (default: ./gyre.yaml, else /etc/gyre/gyre.yaml)",
            valueName: "file"
        )
    )
    var config: String?

    @OptionGroup var out: OutputOptions

    func session() throws -> Session {
        Session(file: try ConfigurationFile(config), output: out.output)
    }
}

extension StackID {
    /// Reads a stack's name as people write it on a command line.
    static func argument(_ text: String) throws -> StackID { try StackID(parsing: text) }
}

extension ArgumentHelp {
    /// The one stack that a command is about.
    static let stack = ArgumentHelp(
        "PROJECT/STACK, or PROJECT for the stack that bears its project's name.",
        valueName: "stack"
    )
    /// The stack, where none means all.
    static let stackOrAll = ArgumentHelp(
        "PROJECT/STACK, or PROJECT for the stack of that name. (default: all)",
        valueName: "stack"
    )
}
