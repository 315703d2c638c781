/// A place in a file of a snapshot; line and column count from 1.
///
/// The column counts Unicode scalars, as libyaml does.
package struct SourceLocation: Hashable, Codable, Sendable, Comparable, CustomStringConvertible {
    /// Path from the root of the snapshot (or as the user gave it, for an operator's file).
    package let file: String
    // Small, because every value of every file has one.
    private let lineNumber: UInt32
    private let columnNumber: UInt32

    private enum CodingKeys: String, CodingKey {
        case file
        case lineNumber = "line"
        case columnNumber = "column"
    }

    package init(file: String, line: Int, column: Int) {
        precondition(line > 0 && column > 0, "lines and columns count from 1")
        self.file = file
        lineNumber = UInt32(clamping: line)
        columnNumber = UInt32(clamping: column)
    }

    package var line: Int { Int(lineNumber) }
    package var column: Int { Int(columnNumber) }

    package var description: String { "\(file):\(line):\(column)" }

    package static func < (a: SourceLocation, b: SourceLocation) -> Bool {
        (a.file, a.line, a.column) < (b.file, b.line, b.column)
    }
}
