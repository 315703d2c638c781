internal import ComposeFile
internal import Model

/// The variables of a project as `docker compose config --variables` shows them.
enum VariableTable {
    /// The same as JSON, four blanks a level.
    static func json(_ variables: [TemplateVariable]) -> String {
        let members = variables.map { variable in
            let fields = [
                ("Name", quoted(variable.name)), ("DefaultValue", quoted(variable.standard)),
                ("PresenceValue", quoted(variable.alternative)),
                ("Required", String(variable.isRequired)),
            ]
            let lines = fields.map { "        \"\($0)\": \($1)" }.joined(separator: ",\n")
            return "    \(quoted(variable.name)): {\n\(lines)\n    }"
        }
        // Docker Compose ends it with an empty line.
        return members.isEmpty ? "{}\n\n" : "{\n" + members.joined(separator: ",\n") + "\n}\n\n"
    }

    private static func quoted(_ text: String) -> String { JSON.string(text).text }

    static func text(_ variables: [TemplateVariable]) -> String {
        let rows =
            [["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"]]
            + variables.map { variable in
                [
                    variable.name, variable.isRequired ? "true" : "false", variable.standard,
                    variable.alternative,
                ]
            }
        let widths = (0..<3).map { column in max(20, rows.map { $0[column].count + 3 }.max() ?? 0) }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < 3 else { continue }
                line += String(repeating: " ", count: widths[column] - cell.count)
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }
}
