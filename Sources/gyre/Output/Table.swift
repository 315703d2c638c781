/// Columns of text, each as wide as its widest cell.
struct Table {
    private let heads: [String]
    private var rows: [[String]] = []

    init(_ heads: String...) { self.heads = heads }

    mutating func add(_ cells: String...) { rows.append(cells) }

    /// The lines, head first; `faces` colours a cell by its column after it was padded.
    func lines(
        _ style: Style,
        faces: (_ row: Int, _ column: Int) -> Style.Face? = { _, _ in nil }
    )
        -> [String]
    {
        let widths = heads.indices.map { column in
            ([heads] + rows).map { $0[column].count }.max() ?? 0
        }
        func line(_ cells: [String], _ face: (Int) -> Style.Face?) -> String {
            let padded = cells.indices.map { column in
                let isLast = column == cells.count - 1
                let padding = isLast ? 0 : widths[column] - cells[column].count
                let text = face(column).map { style($0, cells[column]) } ?? cells[column]
                return text + String(repeating: " ", count: padding)
            }
            return padded.joined(separator: "  ")
        }
        let head = line(heads) { _ in .dim }
        return [head] + rows.indices.map { row in line(rows[row]) { faces(row, $0) } }
    }
}
