internal import Model

/// The variables of a `.env` or `env_file`, in the order they are set.
struct EnvironmentFile {
    /// One variable and where its name stands.
    struct Variable {
        var name: String
        var value: String
        var location: SourceLocation
    }

    var variables: [Variable] = []

    /// What is read of one file.
    static let mostBytes = 1 << 20

    /// The last value of each name.
    var values: [String: String] {
        Dictionary(variables.map { ($0.name, $0.value) }) { _, last in last }
    }

    /// What is wrong with a variable's name; nil for a name that an engine takes.
    static func problem(withName name: String) -> String? {
        problem(withName: name, isBlank: \.isWhitespace)
    }

    private static func problem(withRawName name: String) -> String? {
        problem(withName: name) { $0 == " " || $0 == "\t" }
    }

    private static func problem(
        withName name: String,
        isBlank: (Character) -> Bool
    ) -> String? {
        if name.isEmpty { return "a variable has no name" }
        return name.contains(where: isBlank) ? "the name \"\(name)\" holds a blank" : nil
    }

    /// Each line `NAME=value`, the value as it stands.
    ///
    /// Source: compose-go's format `raw`: no quotes, no variables, comments on lines of their
    /// own, blanks of any kind before the name and one carriage return at the end dropped; a name
    /// may hold anything but a blank and a tab, and alone it takes the value that `lookup` has.
    init(raw text: String, file: String, lookup: (String) -> String?) throws(Rejection) {
        var findings: [Diagnostic] = []
        let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        for (index, ended) in lines.enumerated() {
            let line = ended.last == "\r" ? ended.dropLast() : ended
            let statement = line.drop { $0.properties.isWhitespace }
            guard let first = statement.first, first != "#" else { continue }
            let location = SourceLocation(
                file: file,
                line: index + 1,
                column: line.count - statement.count + 1
            )
            let parts = statement.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let name = String(parts[0])
            if let problem = EnvironmentFile.problem(withRawName: name) {
                findings.append(
                    Diagnostic(
                        code: "env-file-syntax",
                        problem,
                        at: location,
                        fix: "write NAME=value"
                    )
                )
            } else if let value = parts.count > 1 ? String(parts[1]) : lookup(name) {
                variables.append(Variable(name: name, value: value, location: location))
            }
        }
        guard findings.isEmpty else { throw Rejection(Array(findings.prefix(20))) }
    }
}
