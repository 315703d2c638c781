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
    private let line: [Unicode.Scalar]?

    /// Lines are cut to this many characters around the place.
    static let width = 100

    /// Without the line.
    init(_ diagnostic: Diagnostic) {
        self.diagnostic = diagnostic
        line = nil
    }

    private init(_ diagnostic: Diagnostic, _ line: [Unicode.Scalar]?) {
        self.diagnostic = diagnostic
        self.line = line
    }

    /// All of `diagnostics`; each file is read once and each line prepared once, as there may be
    /// thousands of findings on one line.
    static func all(_ diagnostics: [Diagnostic], in sources: SourceFiles) -> [Excerpt] {
        var files: [String: [ArraySlice<UInt8>]] = [:]
        var lines: [Line: [Unicode.Scalar]?] = [:]
        return diagnostics.map { diagnostic in
            guard let place = diagnostic.location else { return Excerpt(diagnostic) }
            let key = Line(file: place.file, number: place.line)
            if let known = lines[key] { return Excerpt(diagnostic, known) }
            let all = files[place.file] ?? Excerpt.lines(of: sources.read(place.file) ?? [])
            files[place.file] = all
            let line = place.line >= 1 && place.line <= all.count ? all[place.line - 1] : nil
            let shown = line.map { Array(Masking.masked(Excerpt.text(of: $0)).unicodeScalars) }
            lines.updateValue(shown, forKey: key)
            return Excerpt(diagnostic, shown)
        }
    }

    private struct Line: Hashable {
        var file: String
        var number: Int
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

    private func excerpt(
        of scalars: [Unicode.Scalar],
        at place: SourceLocation,
        _ style: Style
    ) -> [String] {
        let number = String(place.line)
        let margin = String(repeating: " ", count: number.count)
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

    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.isEmpty ? [] : bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    }

    private static func text(of line: ArraySlice<UInt8>) -> String {
        String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }
}
