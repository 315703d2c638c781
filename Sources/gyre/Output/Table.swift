/// Columns of text, each as wide as its widest cell, up to a bound.
struct Table {
    private let heads: [String]
    private var rows: [[String]] = []

    /// The most characters of a cell, so that no name, however long, pushes the others away.
    static let width = 100
    /// The same of the last column, behind which nothing stands: a sentence perhaps.
    static let lastWidth = 300

    init(_ heads: String...) { self.heads = heads }

    mutating func add(_ cells: String...) {
        rows.append(
            cells.indices.map { column in
                let isLast = column == cells.count - 1
                return Table.cut(cells[column], to: isLast ? Table.lastWidth : Table.width)
            }
        )
    }

    /// Counted in scalars, of which one character may have any number.
    private static func cut(_ cell: String, to width: Int) -> String {
        guard cell.unicodeScalars.count > width else { return cell }
        return String(String.UnicodeScalarView(cell.unicodeScalars.prefix(width - 1))) + "…"
    }

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
