internal import ArgumentParser
internal import Glibc
internal import Model

/// How a command prints what it has to say.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print one JSON value instead of text.")
    var json = false

    @Flag(name: .customLong("no-color"), help: "Print without colours, as with NO_COLOR set.")
    var noColour = false

    var output: Output { Output(isJSON: json, allowsColour: !noColour) }
}

/// What every command that reads the operator's file takes.
struct FileOptions: ParsableArguments {
    @Option(
        name: [.long, .customShort("c")],
        help: ArgumentHelp(
            "The operator's file. (default: ./gyre.yaml, else /etc/gyre/gyre.yaml)",
            valueName: "file"
        )
    )
    var config: String?

    @OptionGroup var out: OutputOptions
}

/// What every command that asks a controller takes.
struct CommonOptions: ParsableArguments {
    @OptionGroup var file: FileOptions
    @Option(
        help: ArgumentHelp(
            "The controller's socket. (default: $GYRE_SOCKET, else as the operator's file says)",
            valueName: "path"
        )
    )
    var socket: String?

    var out: OutputOptions { file.out }

    func session() -> Session {
        let variable = getenv("GYRE_SOCKET").map { String(cString: $0) } ?? ""
        let named = socket ?? (variable.isEmpty ? nil : variable)
        return Session(config: file.config, socket: named, output: out.output)
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
