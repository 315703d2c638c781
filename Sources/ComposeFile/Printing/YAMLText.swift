/// One text as a YAML library of Go writes it: plain where that reads back as the same text, else
/// in quotes, in several lines as a block.
///
/// Source: libyaml's `yaml_emitter_analyze_scalar`, and what Docker Compose 5.6 prints for texts
/// that look like something else.
package struct YAMLText {
    /// As it stands in a document.
    package let text: String

    /// `indent` is where further lines begin, `column` where the first one does.
    package init(_ value: String, indent: Int, column: Int, isKey: Bool = false) {
        if YAMLText.isSimple(value) {
            text = value
            return
        }
        let look = Look(value)
        let form: Form =
            if look.isMultiline, look.allowsBlock, !isKey {
                .block
            } else if !YAMLText.isText(value) {
                .double
            } else if look.allowsPlain, !YAMLText.isOld(value) {
                .plain
            } else {
                look.allowsSingle && !look.isMultiline ? .single : .double
            }
        let writer = Writer(indent: indent, column: column, folds: !isKey)
        text =
            switch form {
            case .plain: writer.folded(value)
            case .single: writer.single(value)
            case .double: writer.double(value)
            case .block: writer.block(value)
            }
    }

    private enum Form { case plain, single, double, block }

    /// What the characters of a text allow.
    private struct Look {
        var isMultiline = false
        var allowsPlain = true
        var allowsSingle = true
        var allowsBlock = true

        init(_ value: String) {
            let scalars = Array(value.unicodeScalars)
            if value.hasPrefix("---") || value.hasPrefix("...") { allowsPlain = false }
            for (index, scalar) in scalars.enumerated() {
                let isAfterBlank = index == 0 || YAMLText.isBlank(scalars[index - 1])
                let next = index + 1 < scalars.count ? scalars[index + 1] : nil
                let isBeforeBlank = next.map(YAMLText.isBlank) ?? true
                if index == 0, Look.openers.contains(scalar) { allowsPlain = false }
                if index == 0, "?-".unicodeScalars.contains(scalar), isBeforeBlank {
                    allowsPlain = false
                }
                if scalar == ":", isBeforeBlank { allowsPlain = false }
                if scalar == "#", isAfterBlank { allowsPlain = false }
                if scalar == "\t" {
                    allowsPlain = false
                    allowsSingle = false
                } else if !YAMLText.isPrintable(scalar) {
                    allowsPlain = false
                    allowsSingle = false
                    allowsBlock = false
                }
                if scalar == "\n" { isMultiline = true }
                if YAMLText.isBreak(scalar) {
                    allowsPlain = false
                    if next == " " { allowsSingle = false }
                }
                if scalar == " ", let next, YAMLText.isBreak(next) {
                    allowsBlock = false
                    allowsSingle = false
                }
            }
            if scalars.first == " " || scalars.last == " " { allowsPlain = false }
            if scalars.last == " " || scalars.allSatisfy(\.properties.isWhitespace) {
                allowsBlock = false
            }
        }

        private static let openers = Set("#,[]{}&*!|>'\"%@`".unicodeScalars)
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\t" || scalar == "\n" || scalar == "\r"
    }

    /// Whether a line ends there.
    fileprivate static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\n" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A, 0x20...0x7E, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD: true
        default: false
        }
    }

    /// Whether it is a word of a kind that nobody could take for anything else: most texts are.
    private static func isSimple(_ value: String) -> Bool {
        guard let first = value.utf8.first, let last = value.utf8.last else { return false }
        switch first {
        case 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "/"), UInt8(ascii: "_"): break
        default: return false
        }
        guard last != UInt8(ascii: ":"),
            value.utf8.count > 5 || !(words.contains(value) || oldWords.contains(value))
        else { return false }
        return value.utf8.allSatisfy { byte in
            switch byte {
            case 0x2D...0x3A, 0x41...0x5A, 0x5F, 0x61...0x7A: true
            default: false
            }
        }
    }

    /// Whether a reader takes it for a text and not for a number, truth, time or nothing.
    private static func isText(_ value: String) -> Bool {
        !words.contains(value) && !Spelling.isNumber(value) && GoTimestamp(value) == nil
    }

    /// What older readers take for a truth or a number of base sixty, and the merge key.
    private static func isOld(_ value: String) -> Bool {
        oldWords.contains(value) || Spelling.isSexagesimal(value)
    }

    private static let words: Set<String> = Set(
        ["", "~", "null", "true", "false", ".nan", ".inf", "+.inf", "-.inf"].flatMap(spellings)
            + [".NaN"]
    )

    /// What older readers take for a truth, and the merge key.
    private static let oldWords: Set<String> = Set(
        ["y", "Y", "n", "N", "<<"] + ["yes", "no", "on", "off"].flatMap(spellings)
    )

    /// `null`, `NULL` and `Null`, also of `.inf`.
    private static func spellings(_ word: String) -> [String] {
        guard let letter = word.firstIndex(where: \.isLetter) else { return [word] }
        let capitalised =
            word[..<letter] + word[letter].uppercased() + word[word.index(after: letter)...]
        return [word, word.uppercased(), String(capitalised)]
    }
}

/// Writes a text in one of its forms, folded where a line grows past 80 columns.
private struct Writer {
    let indent: Int
    let column: Int
    let folds: Bool

    private static let width = 80

    private var margin: String { "\n" + String(repeating: " ", count: indent) }

    /// Breaks at a single blank, once the line is longer than the width.
    func folded(_ value: String, quotes: Int = 0) -> String {
        // Where it can't grow past the width, nothing breaks.
        guard folds, column + quotes + value.utf8.count > Writer.width else { return value }
        var result = ""
        var column = column + quotes
        let scalars = Array(value.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            let isInner = index > 0 && index < scalars.count - 1
            let isAlone =
                isInner && scalar == " " && scalars[index - 1] != " " && scalars[index + 1] != " "
            if isAlone, column > Writer.width {
                result += margin
                column = indent
            } else {
                result.unicodeScalars.append(scalar)
                column += 1
            }
        }
        return result
    }

    func single(_ value: String) -> String {
        let text = folded(value.replacing("'", with: "''"), quotes: 1)
        return "'" + indented(text, isStart: false) + "'"
    }

    func double(_ value: String) -> String {
        let escaped = value.unicodeScalars.map(escape).joined()
        return "\"" + folded(escaped, quotes: 1) + "\""
    }

    private func escape(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"": return "\\\""
        case "\\": return "\\\\"
        case "\0": return "\\0"
        case "\u{7}": return "\\a"
        case "\u{8}": return "\\b"
        case "\t": return "\\t"
        case "\n": return "\\n"
        case "\u{B}": return "\\v"
        case "\u{C}": return "\\f"
        case "\r": return "\\r"
        case "\u{1B}": return "\\e"
        case "\u{85}": return "\\N"
        case "\u{2028}": return "\\L"
        case "\u{2029}": return "\\P"
        default: break
        }
        guard !YAMLText.isPrintable(scalar) else { return String(Character(scalar)) }
        let digits = String(scalar.value, radix: 16, uppercase: true)
        let (letter, count) =
            scalar.value <= 0xFF ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
        return "\\" + letter + String(repeating: "0", count: count - digits.count) + digits
    }

    /// `|`, with the indentation where the text begins with a blank, and what becomes of the end.
    func block(_ value: String) -> String {
        let hint = value.hasPrefix(" ") ? "2" : ""
        let chomp = value.hasSuffix("\n\n") ? "+" : value.hasSuffix("\n") ? "" : "-"
        let body = value.hasSuffix("\n") ? String(value.dropLast()) : value
        return "|" + hint + chomp + "\n" + indented(body, isStart: true)
    }

    /// A text with the indentation before all that stands after a break, but for what was folded.
    private func indented(_ value: String, isStart: Bool) -> String {
        var result = ""
        var isAfterBreak = isStart
        for scalar in value.unicodeScalars {
            let isBreak = YAMLText.isBreak(scalar)
            if isAfterBreak, !isBreak { result += String(repeating: " ", count: indent) }
            result.unicodeScalars.append(scalar)
            isAfterBreak = isBreak && (isStart || scalar != "\n")
        }
        return result
    }
}
