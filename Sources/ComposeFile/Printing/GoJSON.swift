/// JSON as Go's `encoding/json` writes it.
enum GoJSON {
    /// Without white space, `<`, `>` and `&` escaped: what Compose's hashes are of.
    static func compact(_ value: Printed) -> String {
        var text = ""
        write(value, indent: nil, level: 0, escapesHTML: true, to: &text)
        return text
    }

    /// With two blanks a level, as `config --format json` prints it.
    static func pretty(_ value: Printed) -> String {
        var text = ""
        write(value, indent: "  ", level: 0, escapesHTML: false, to: &text)
        return text
    }

    private static func write(
        _ value: Printed,
        indent: String?,
        level: Int,
        escapesHTML: Bool,
        to text: inout String
    ) {
        func line(_ level: Int) {
            guard let indent else { return }
            text += "\n" + String(repeating: indent, count: level)
        }
        switch value {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .number(let number): text += number
        case .text(let string), .time(let string): quote(string, escapesHTML, to: &text)
        case .list(let elements):
            text += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { text += "," }
                line(level + 1)
                write(
                    element,
                    indent: indent,
                    level: level + 1,
                    escapesHTML: escapesHTML,
                    to: &text
                )
            }
            if !elements.isEmpty { line(level) }
            text += "]"
        case .mapping(let members):
            text += "{"
            for (index, member) in members.enumerated() {
                if index > 0 { text += "," }
                line(level + 1)
                quote(member.key, escapesHTML, to: &text)
                text += indent == nil ? ":" : ": "
                write(
                    member.value,
                    indent: indent,
                    level: level + 1,
                    escapesHTML: escapesHTML,
                    to: &text
                )
            }
            if !members.isEmpty { line(level) }
            text += "}"
        }
    }

    private static func quote(_ string: String, _ escapesHTML: Bool, to text: inout String) {
        text += "\""
        if string.utf8.allSatisfy(isPlain) {
            text += string + "\""
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{08}": text += "\\b"
            case "\u{0C}": text += "\\f"
            case "<", ">", "&":
                if escapesHTML {
                    text += "\\u00" + String(scalar.value, radix: 16)
                } else {
                    text.unicodeScalars.append(scalar)
                }
            case "\u{2028}": text += "\\u2028"
            case "\u{2029}": text += "\\u2029"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }

    /// Whether a byte stands for itself in a text of JSON, whoever reads it.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "&"):
            false
        default: (0x20...0x7E).contains(byte)
        }
    }
}
