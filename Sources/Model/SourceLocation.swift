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

    /// Decoding makes nothing that no file has: files are 16 MiB at the most.
    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        file = try values.decode(String.self, forKey: .file)
        lineNumber = try values.decode(UInt32.self, forKey: .lineNumber)
        columnNumber = try values.decode(UInt32.self, forKey: .columnNumber)
        let range: ClosedRange<UInt32> = 1...(16 << 20) + 2
        guard range.contains(lineNumber), range.contains(columnNumber) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "no place of a file")
            )
        }
    }

    package var line: Int { Int(lineNumber) }
    package var column: Int { Int(columnNumber) }

    package var description: String { "\(file.onOneLine):\(line):\(column)" }

    package static func < (a: SourceLocation, b: SourceLocation) -> Bool {
        (a.file, a.line, a.column) < (b.file, b.line, b.column)
    }
}
