/// A command written as one text, split into its arguments.
///
/// Source: go-shellwords as Compose uses it, without variables and without running anything.
/// It isn't a shell: an unquoted `;` `&` `|` `<` `>` ends the command and the rest is lost, which
/// the caller is told.
struct CommandLine {
    private(set) var arguments: [String] = []
    /// Whether something stood after the command that was cut off.
    private(set) var isCut = false

    private var word = String.UnicodeScalarView()
    private var hasWord = false
    private var isEscaped = false
    private var quote: Quote?

    private enum Quote {
        case single, double, back
        /// Inside `$(…)`.
        case dollar
    }

    /// Nil when a quote, a parenthesis or a backslash is left open.
    init?(_ text: String) {
        for scalar in text.unicodeScalars {
            guard take(scalar) else { return nil }
            if isCut { break }
        }
        guard isCut || (!isEscaped && quote == nil) else { return nil }
        endWord()
    }

    /// Takes one more character; false when the text can't be split.
    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        if isEscaped {
            isEscaped = false
            append(scalar == "n" ? "\n" : scalar == "t" ? "\t" : scalar)
            return true
        }
        switch scalar {
        case "\\" where quote != .single: isEscaped = true
        case " ", "\t", "\r", "\n":
            if quote == nil { endWord() } else { append(scalar) }
        case "'" where quote == nil || quote == .single: toggle(.single)
        case "\"" where quote == nil || quote == .double: toggle(.double)
        case "`" where quote == nil || quote == .back:
            quote = quote == nil ? .back : nil
            append(scalar)
        case "(" where quote == nil:
            guard word.last == "$" else { return false }
            quote = .dollar
            append(scalar)
        case "(" where quote == .dollar: return false
        case ")" where quote == .dollar:
            quote = nil
            append(scalar)
        case ")" where quote == nil: return false
        case ";", "&", "|", "<", ">":
            if quote == nil { cut(at: scalar) } else { append(scalar) }
        default: append(scalar)
        }
        return true
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        word.append(scalar)
        hasWord = true
    }

    private mutating func toggle(_ kind: Quote) {
        quote = quote == nil ? kind : nil
        hasWord = true
    }

    private mutating func endWord() {
        if hasWord { arguments.append(String(word)) }
        word = String.UnicodeScalarView()
        hasWord = false
    }

    /// Ends the command; `2>` loses the number of its file descriptor with it.
    private mutating func cut(at scalar: Unicode.Scalar) {
        isCut = true
        if scalar == ">", let first = word.first, ("0"..."9").contains(first) {
            word = String.UnicodeScalarView()
            hasWord = false
        }
    }
}
