internal import Model

/// Files that diagnostics may point into, as far as they are at hand.
struct SourceFiles: Sendable {
    /// The bytes of a file by its name in a location.
    let read: @Sendable (String) -> [UInt8]?

    /// None is at hand.
    static let none = SourceFiles { _ in nil }
}

/// A diagnostic with the line that it points at.
struct Excerpt {
    private let diagnostic: Diagnostic
    private let line: String?

    /// Lines are cut to this many characters around the place.
    static let width = 100

    init(_ diagnostic: Diagnostic, in sources: SourceFiles = .none) {
        self.diagnostic = diagnostic
        line = diagnostic.location.flatMap { place in
            sources.read(place.file).flatMap { Excerpt.line(place.line, of: $0) }
                .map(Masking.masked)
        }
    }

    /// `file:line:column: error: message [code]`, the line with a caret under the place, the fix.
    func text(_ style: Style) -> String {
        var lines = [head(style)]
        if let line, let place = diagnostic.location {
            lines += excerpt(of: line, at: place, style)
        }
        if let fix = diagnostic.fix { lines.append("  \(style(.green, "fix:")) \(fix)") }
        return lines.joined(separator: "\n")
    }

    private func head(_ style: Style) -> String {
        let face: Style.Face = diagnostic.severity == .error ? .red : .yellow
        let place = diagnostic.location.map { style(.bold, "\($0):") + " " } ?? ""
        let code = style(.dim, "[\(diagnostic.code)]")
        let word = style(face, "\(diagnostic.severity.rawValue):")
        return "\(place)\(word) \(diagnostic.message) \(code)"
    }

    private func excerpt(of line: String, at place: SourceLocation, _ style: Style) -> [String] {
        let number = String(place.line)
        let margin = String(repeating: " ", count: number.count)
        let scalars = Array(line.unicodeScalars)
        let first = max(0, place.column - Excerpt.width * 3 / 4)
        let shown = scalars.dropFirst(first).prefix(Excerpt.width)
        let before = shown.prefix(max(0, place.column - 1 - first))
        // A tab stays a tab, so that the caret stands under its character.
        let padding = String(String.UnicodeScalarView(before.map { $0 == "\t" ? $0 : " " }))
        let code = String(String.UnicodeScalarView(shown))
        return [
            style(.dim, "  \(number) | ") + code,
            style(.dim, "  \(margin) | ") + padding + style(.red, "^"),
        ]
    }

    private static func line(_ number: Int, of bytes: [UInt8]) -> String? {
        let lines = bytes.split(
            separator: 0x0A,
            maxSplits: number,
            omittingEmptySubsequences: false
        )
        guard number >= 1, number <= lines.count else { return nil }
        let line = lines[number - 1].last == 0x0D ? lines[number - 1].dropLast() : lines[number - 1]
        return String(decoding: line, as: UTF8.self)
    }
}
