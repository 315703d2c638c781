internal import Model

/// Reads the grammar of `.env` files.
///
/// Source: compose-go's `dotenv`, version 2.16.1. A statement is `NAME=value`, `NAME: value` or a
/// name alone, which takes the value that is looked up; `export` may stand before it. Text after
/// a closing quote is a new statement.
struct EnvironmentParser {
    private let text: [Unicode.Scalar]
    private let file: String
    private let lookup: (String) -> String?
    private var position = 0
    private var line = 1
    private var lineStart = 0
    private var result: [EnvironmentFile.Variable] = []
    private var values: [String: String] = [:]
    /// Variables that were asked for and aren't set, with the statement that did.
    private(set) var unset: [(name: String, location: SourceLocation)] = []

    init(_ text: String, file: String, lookup: @escaping (String) -> String?) {
        let scalars = Array(text.unicodeScalars)
        self.text = scalars.first == "\u{FEFF}" ? Array(scalars.dropFirst()) : scalars
        self.file = file
        self.lookup = lookup
    }

    /// All variables of the file; refuses with what is wrong in any line, and stops where that is
    /// more than anyone would read.
    mutating func parse(
        budget: inout ExpansionBudget
    ) throws(Rejection) -> [EnvironmentFile.Variable] {
        var findings: [Diagnostic] = []
        while findings.count < 20, skipToStatement() {
            do {
                try parseStatement(budget: &budget)
            } catch {
                findings += error.diagnostics
                while let next = peek, next != "\n" { advance() }
            }
        }
        guard findings.isEmpty else { throw Rejection(findings) }
        return result
    }

    private mutating func parseStatement(budget: inout ExpansionBudget) throws(Rejection) {
        let start = location
        let name = try name()
        guard let separator = peek, separator == "=" || separator == ":" else {
            if let value = lookup(name) { set(name, to: value, at: start) }
            return
        }
        advance()
        skipBlanks()
        set(name, to: try value(at: start, budget: &budget), at: start)
    }

    private mutating func set(_ name: String, to value: String, at location: SourceLocation) {
        values[name] = value
        result.append(EnvironmentFile.Variable(name: name, value: value, location: location))
    }

    /// A name: letters and digits of any script, `_`, `.`, `-`, `[` and `]`.
    private mutating func name() throws(Rejection) -> String {
        if starts(with: "export"), position + 6 < text.count, isBlank(text[position + 6]) {
            position += 6
            skipBlanks()
        }
        let start = position
        while let next = peek, next != "=", next != ":", next != "\n" {
            guard isBlank(next) || isNamePart(next) else {
                throw wrong("the character \"\(next)\" can't stand in a name")
            }
            advance()
        }
        var end = position
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        let name = string(start..<end)
        if let problem = EnvironmentFile.problem(withName: name) { throw wrong(problem) }
        return name
    }

    private mutating func value(
        at start: SourceLocation,
        budget: inout ExpansionBudget
    ) throws(Rejection) -> String {
        switch peek {
        case "'": return try quoted("'", at: start)
        case "\"":
            let text = try quoted("\"", at: start)
            return try expand(EnvironmentEscapes.expand(text), at: start, budget: &budget)
        default: return try expand(unquoted(), at: start, budget: &budget)
        }
    }

    /// The rest of the line, up to a blank and `#`.
    private mutating func unquoted() -> String {
        let start = position
        while let next = peek, next != "\n" { advance() }
        var end = position
        for index in start..<end where index + 1 < end {
            if text[index] == " ", text[index + 1] == "#" {
                end = index
                break
            }
        }
        while end > start, text[end - 1].properties.isWhitespace { end -= 1 }
        return string(start..<end)
    }

    /// What stands up to the closing quote, on however many lines; `\` keeps a quote from closing.
    private mutating func quoted(
        _ quote: Unicode.Scalar,
        at start: SourceLocation
    ) throws(Rejection) -> String {
        let open = location
        advance()
        var value = String.UnicodeScalarView()
        while let next = peek {
            advance()
            if next == quote { return String(value) }
            if next == "\\", let escaped = peek {
                advance()
                if escaped != quote { value.append(next) }
                value.append(escaped)
            } else {
                value.append(next)
            }
        }
        throw Rejection(
            Diagnostic(
                code: "env-file-syntax",
                "the quote that opens here isn't closed",
                at: open,
                fix: "close it with \(quote)"
            )
        )
    }

    private mutating func expand(
        _ text: String,
        at start: SourceLocation,
        budget: inout ExpansionBudget
    ) throws(Rejection) -> String {
        do {
            let (lookup, values) = (lookup, values)
            let (expanded, missing) = try Template.expand(text, budget: &budget) {
                lookup($0) ?? values[$0]
            }
            unset += missing.sorted().map { ($0, start) }
            return expanded
        } catch {
            throw Rejection(
                Diagnostic(
                    code: error.code,
                    error.message,
                    at: start,
                    fix: error.fix(environmentFile: file)
                )
            )
        }
    }
}

extension EnvironmentParser {
    private var peek: Unicode.Scalar? { position < text.count ? text[position] : nil }

    private var location: SourceLocation {
        SourceLocation(file: file, line: line, column: position - lineStart + 1)
    }

    private mutating func advance() {
        if text[position] == "\n" {
            line += 1
            lineStart = position + 1
        }
        position += 1
    }

    /// Skips white space and comments; false at the end of the file.
    private mutating func skipToStatement() -> Bool {
        while let next = peek {
            if next == "#" {
                while let next = peek, next != "\n" { advance() }
            } else if next.properties.isWhitespace {
                advance()
            } else {
                return true
            }
        }
        return false
    }

    private mutating func skipBlanks() {
        while let next = peek, isBlank(next) { advance() }
    }

    /// White space that doesn't end a line.
    private func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "\t", "\u{0B}", "\u{0C}", "\r", " ", "\u{85}", "\u{A0}": true
        default: false
        }
    }

    private func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "_", ".", "-", "[", "]": return true
        default: break
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber:
            return true
        default: return false
        }
    }

    private func starts(with word: String) -> Bool {
        text[position...].starts(with: word.unicodeScalars)
    }

    private func string(_ range: Range<Int>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text[range])
        return String(view)
    }

    private func wrong(_ message: String) -> Rejection {
        Rejection(
            Diagnostic(
                code: "env-file-syntax",
                message,
                at: location,
                fix: "write NAME=value, and a comment on a line of its own"
            )
        )
    }
}
