/// Whether text is coloured, and how.
struct Style: Sendable {
    let isColoured: Bool

    static let plain = Style(isColoured: false)

    /// The few ways in which text can stand out.
    enum Face: String, CaseIterable, Sendable {
        case bold = "\u{1B}[1m"
        case dim = "\u{1B}[2m"
        case red = "\u{1B}[31m"
        case green = "\u{1B}[32m"
        case yellow = "\u{1B}[33m"

        static let end = "\u{1B}[0m"
    }

    func callAsFunction(_ face: Face, _ text: some StringProtocol) -> String {
        isColoured && !text.isEmpty ? face.rawValue + text + Face.end : String(text)
    }

    /// Text with every control character made visible but line ends, tabs and our own colours:
    /// what tenants write must not steer the terminal of whoever reads it.
    func printable(_ text: String) -> String {
        let isClean = text.unicodeScalars.allSatisfy { !Style.isControl($0) }
        if isClean { return text }
        var result = ""
        var rest = text[...]
        while let scalar = rest.unicodeScalars.first {
            if scalar == "\u{1B}", isColoured, let sequence = Style.sequence(at: rest) {
                result += sequence
                rest = rest.dropFirst(sequence.count)
                continue
            }
            rest.unicodeScalars.removeFirst()
            if Style.isControl(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A JSON text with the same characters escaped as JSON escapes them; outside of its strings
    /// there are none but line ends.
    static func escaped(json text: String) -> String {
        if text.unicodeScalars.allSatisfy({ !isControl($0) }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            guard isControl(scalar) else {
                result.unicodeScalars.append(scalar)
                continue
            }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            }
        }
        return result
    }

    private static func sequence(at text: Substring) -> String? {
        (Face.allCases.map(\.rawValue) + [Face.end]).first { text.hasPrefix($0) }
    }

    /// C0, DEL, C1, and the characters that reorder, hide or blank what is around them; the one
    /// that makes a sign an emoji does none of that.
    ///
    /// Source: Unicode's property Default_Ignorable_Code_Point, which has what formats, varies or
    /// fills and isn't seen itself.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x20..<0x7F, 0xFE0F: false
        case 0x00..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0xFFF9...0xFFFB: true
        default: scalar.properties.isDefaultIgnorableCodePoint
        }
    }
}
