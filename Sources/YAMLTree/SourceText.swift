internal import Model

/// The bytes of a file, checked for what no YAML text may hold before libyaml sees them.
///
/// libyaml would refuse the same, but without saying where.
struct SourceText {
    /// UTF-8 without a byte order mark.
    let bytes: ArraySlice<UInt8>

    init(_ bytes: [UInt8], file: String, bounds: YAMLBounds) throws(Rejection) {
        guard bytes.count <= bounds.bytes else {
            throw Rejection(
                Diagnostic(
                    code: "yaml-too-large",
                    "the file has \(bytes.count) bytes; at most \(bounds.bytes) are read",
                    at: SourceLocation(file: file, line: 1, column: 1)
                )
            )
        }
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let text = bytes.starts(with: mark) ? bytes.dropFirst(3) : bytes[...]
        var scanner = Scanner(file: file)
        if !Scanner.isPlain(text), let finding = scanner.firstFinding(in: text) {
            throw Rejection(finding)
        }
        self.bytes = text
    }
}

/// Walks a text scalar by scalar and keeps count of lines and columns.
private struct Scanner {
    let file: String
    var line = 1
    var column = 1

    init(file: String) { self.file = file }

    /// What is wrong with the first character that isn't allowed; nil when all are.
    ///
    /// Source: YAML 1.1, production `c-printable`, and RFC 3629 for UTF-8.
    mutating func firstFinding(in text: ArraySlice<UInt8>) -> Diagnostic? {
        var decoder = UTF8()
        var bytes = text.makeIterator()
        var previous: UInt32 = 0
        while true {
            switch decoder.decode(&bytes) {
            case .emptyInput: return nil
            case .error:
                return finding(
                    "yaml-encoding",
                    "the text is not valid UTF-8",
                    "save the file as UTF-8"
                )
            case .scalarValue(let scalar):
                guard Scanner.isAllowed(scalar.value) else {
                    let code = String(scalar.value, radix: 16, uppercase: true)
                    let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
                    return finding(
                        "yaml-control-character",
                        "the character U+\(padded) is not allowed",
                        "in double quotes, write it as an escape such as \\x00"
                    )
                }
                advance(scalar.value, after: previous)
                previous = scalar.value
            }
        }
    }

    /// Whether all is printable ASCII, as most files are; then there is nothing to look for.
    static func isPlain(_ text: ArraySlice<UInt8>) -> Bool {
        text.withUnsafeBufferPointer { bytes in
            bytes.allSatisfy {
                (0x20...0x7E).contains($0) || $0 == 0x0A || $0 == 0x0D || $0 == 0x09
            }
        }
    }

    private mutating func advance(_ value: UInt32, after previous: UInt32) {
        switch value {
        case 0x0A where previous == 0x0D: break
        case 0x0A, 0x0D:
            line += 1
            column = 1
        default: column += 1
        }
    }

    private func finding(_ code: String, _ message: String, _ fix: String) -> Diagnostic {
        Diagnostic(
            code: code,
            message,
            at: SourceLocation(file: file, line: line, column: column),
            fix: fix
        )
    }

    private static func isAllowed(_ value: UInt32) -> Bool {
        switch value {
        case 0x20...0x7E, 0x09, 0x0A, 0x0D, 0x85, 0xA0...0xD7FF, 0xE000...0xFFFD,
            0x10000...0x10FFFF:
            true
        default: false
        }
    }
}
