/// The typed value of a scalar.
///
/// Source: go-yaml v4 with the YAML 1.2 core schema, as Docker Compose 5 embeds it: only
/// spellings of `true` and `false` are booleans (`yes` and `on` are text), integers may be
/// `0777`, `0o777`, `0x1F`, `0b101` and `1_000`, sexagesimals are text. Dates are text too; who
/// must print one as Compose does looks at the text.
package enum Scalar: Hashable, Sendable {
    case null
    case bool(Bool)
    /// Between the least `Int64` and the greatest `UInt64`; what is beyond is a double.
    case int(Int128)
    case double(Double)
    case string(String)

    /// Reads `text`, of which only plain text without a tag can be something else than a string.
    package init(_ text: String, style: Node.Style, tag: String? = nil) {
        guard let tag else {
            self = style == .plain ? Scalar(plain: text) : .string(text)
            return
        }
        switch tag {
        case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool",
            "tag:yaml.org,2002:null":
            self = Scalar(plain: text)
        case "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary", "!":
            self = .string(text)
        default:
            self = style == .plain ? Scalar(plain: text) : .string(text)
        }
    }

    private init(plain text: String) {
        self = Scalar.special(text) ?? .string(text)
    }

    /// What `text` is besides text; its first byte rules that out for most of them.
    private static func special(_ text: String) -> Scalar? {
        guard let first = text.utf8.first else { return .null }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return number(text)
        case UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"):
            return word(text) ?? number(text)
        case UInt8(ascii: "~"), UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "t"),
            UInt8(ascii: "T"), UInt8(ascii: "f"), UInt8(ascii: "F"):
            return word(text)
        default: return nil
        }
    }

    private static func word(_ text: String) -> Scalar? {
        text.utf8.count > 5 ? nil : words[text]
    }

    /// What messages call its type.
    package var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .int: "an integer"
        case .double where isVast: "a number that is too large"
        case .double: "a number with a fraction"
        case .string: "a string"
        }
    }

    /// Whether it is a number beyond what an integer holds.
    package var isVast: Bool {
        guard case .double(let value) = self else { return false }
        return abs(value) >= 0x1p63
    }

    private static let words: [String: Scalar] = [
        "~": .null, "null": .null, "Null": .null, "NULL": .null,
        "true": .bool(true), "True": .bool(true), "TRUE": .bool(true),
        "false": .bool(false), "False": .bool(false), "FALSE": .bool(false),
        ".nan": .double(.nan), ".NaN": .double(.nan), ".NAN": .double(.nan),
        ".inf": .double(.infinity), ".Inf": .double(.infinity), ".INF": .double(.infinity),
        "+.inf": .double(.infinity), "+.Inf": .double(.infinity), "+.INF": .double(.infinity),
        "-.inf": .double(-.infinity), "-.Inf": .double(-.infinity), "-.INF": .double(-.infinity),
    ]
}

extension Scalar {
    /// The number that `text` spells; nil when it spells none.
    ///
    /// No spelling of a number is longer than a hundred bytes by more than digits that change
    /// nothing, so longer text is text.
    private static func number(_ text: String) -> Scalar? {
        guard let first = text.utf8.first, text.utf8.count <= 100,
            text.utf8.allSatisfy(isOfNumber)
        else { return nil }
        switch first {
        case UInt8(ascii: "."): return float(Array(text.utf8))
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let plain = text.utf8.filter { $0 != UInt8(ascii: "_") }
            return text == "-0" ? .double(-0.0) : integer(plain) ?? float(plain)
        default: return nil
        }
    }

    /// Whether a byte stands in any spelling of a number.
    private static func isOfNumber(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2B, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }

    private static func integer(_ text: [UInt8]) -> Scalar? {
        var digits = String(decoding: text, as: UTF8.self)[...]
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits = digits.dropFirst() }
        let (base, drop) = base(of: digits)
        digits = digits.dropFirst(drop)
        guard let first = digits.first, first != "+", first != "-",
            let magnitude = Int128(digits, radix: base)
        else { return nil }
        let value = isNegative ? -magnitude : magnitude
        let range = Int128(Int64.min)...Int128(UInt64.max)
        return range.contains(value) ? .int(value) : nil
    }

    private static func base(of digits: Substring) -> (base: Int, prefix: Int) {
        switch digits.prefix(2).lowercased() {
        case "0x": (16, 2)
        case "0b": (2, 2)
        case "0o": (8, 2)
        case let start where start.count == 2 && start.hasPrefix("0"): (8, 1)
        default: (10, 0)
        }
    }

    /// `[-+]? (\.[0-9]+ | [0-9]+(\.[0-9]*)?) ([eE][-+]?[0-9]+)?`, and finite.
    private static func float(_ text: [UInt8]) -> Scalar? {
        var rest = text[...]
        func digits() -> Int {
            let run = rest.prefix { (0x30...0x39).contains($0) }
            rest = rest.dropFirst(run.count)
            return run.count
        }
        func skip(_ characters: String) -> Bool {
            guard let next = rest.first, characters.utf8.contains(next) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = skip("+-")
        let whole = digits()
        let fraction = skip(".") ? digits() : 0
        guard whole + fraction > 0 else { return nil }
        if skip("eE") {
            _ = skip("+-")
            guard digits() > 0 else { return nil }
        }
        guard rest.isEmpty, let value = Double(String(decoding: text, as: UTF8.self)),
            value.isFinite
        else { return nil }
        return .double(value)
    }
}
