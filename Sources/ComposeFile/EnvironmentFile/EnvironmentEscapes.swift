/// Escapes in the double quotes of an environment file.
///
/// Source: compose-go's `dotenv`: `\a \b \f \n \r \t \v \\ \"`, an octal number as `\0` and three
/// digits, and `\$` for a dollar that names no variable; anything else stays as it is, but that
/// `\0` and what is no such number loses its zero.
enum EnvironmentEscapes {
    /// `text` with its escapes replaced; a `\$` becomes `$$`, which expansion makes a dollar.
    static func expand(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            guard scalars[position] == "\\", position + 1 < scalars.count else {
                result.append(scalars[position])
                position += 1
                continue
            }
            let next = scalars[position + 1]
            if next == "$" {
                result.append(contentsOf: "$$".unicodeScalars)
                position += 2
            } else if let plain = simple[next] {
                result.append(plain)
                position += 2
            } else if next == "0" {
                let digits = scalars[(position + 2)...].prefix(3).prefix { $0.isDigit }
                if let octal = octal(digits) {
                    result.append(octal)
                } else {
                    result.append("\\")
                    result.append(contentsOf: digits)
                }
                position += 2 + digits.count
            } else {
                result.append(scalars[position])
                position += 1
            }
        }
        return String(result)
    }

    private static let simple: [Unicode.Scalar: Unicode.Scalar] = [
        "a": "\u{07}", "b": "\u{08}", "f": "\u{0C}", "n": "\n", "r": "\r", "t": "\t", "v": "\u{0B}",
        "\\": "\\", "\"": "\"",
    ]

    /// The character that three octal digits name.
    private static func octal(_ digits: ArraySlice<Unicode.Scalar>) -> Unicode.Scalar? {
        guard digits.count == 3, digits.allSatisfy({ ("0"..."7").contains($0) }) else { return nil }
        let value = digits.reduce(UInt32(0)) { $0 * 8 + ($1.value - 0x30) }
        return value <= 0xFF ? Unicode.Scalar(value) : nil
    }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { ("0"..."9").contains(self) }
}
