internal import ComposeFile

/// The variables of a project as `docker compose config --variables` shows them.
enum VariableTable {
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
