internal import ArgumentParser

/// `gyre help exit-codes`: the table of what commands end with.
struct ExitCodesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exit-codes",
        abstract: "List what commands end with.",
        discussion: ExitCode.table
    )

    @OptionGroup var out: OutputOptions

    func run() throws { try out.output.show(ExitCodesAnswer()) }
}

/// The table.
struct ExitCodesAnswer: Answer {
    struct Row: Encodable {
        var code: Int32
        var word: String
        var meaning: String
    }

    var codes = ExitCode.allCases.map {
        Row(code: $0.rawValue, word: $0.word, meaning: $0.meaning)
    }

    func text(_ style: Style) -> String { ExitCode.table }
}
