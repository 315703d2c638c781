internal import YAMLTree

/// Values as Go prints them, which is what Compose passes on as text.
enum GoText {
    /// `fmt.Sprint` of the value that go-yaml decodes; nil for what JSON can't hold.
    static func of(_ scalar: Scalar, node: Node) -> String? {
        switch scalar {
        case .null: return ""
        case .bool(let value): return value ? "true" : "false"
        case .int(let value): return String(value)
        case .double(let value): return value.isFinite ? of(value) : nil
        case .string(let text):
            return GoTimestamp(of: node)?.description ?? text
        }
    }

    /// The shortest text of a number, with an exponent below 1e-4 and from 1e6.
    ///
    /// Source: Go's `strconv`, format `g` with the shortest precision, as `%v` has it.
    static func of(_ value: Double) -> String {
        let isNegative = value.sign == .minus
        let (digits, point) = shortest(abs(value))
        let sign = isNegative ? "-" : ""
        guard value != 0 else { return sign + "0" }
        let exponent = point - 1
        guard exponent < -4 || exponent >= 6 else {
            return sign + plain(digits, point: point)
        }
        let fraction = digits.count > 1 ? "." + digits.dropFirst() : ""
        let size = abs(exponent)
        let text = (size < 10 ? "0" : "") + String(size)
        return "\(sign)\(digits.prefix(1))\(fraction)e\(exponent < 0 ? "-" : "+")\(text)"
    }

    /// The digits of the shortest text, and how many of them stand before the point.
    fileprivate static func shortest(_ value: Double) -> (digits: String, point: Int) {
        let parts = value.description.lowercased().split(separator: "e")
        let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        let whole = String(mantissa[0])
        let all = whole + (mantissa.count > 1 ? String(mantissa[1]) : "")
        let leading = all.prefix { $0 == "0" }.count
        var digits = all.dropFirst(leading)
        while digits.last == "0" { digits = digits.dropLast() }
        return (String(digits), whole.count + exponent - leading)
    }

    fileprivate static func plain(_ digits: String, point: Int) -> String {
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + digits }
        let zeros = String(repeating: "0", count: max(0, point - digits.count))
        let whole = digits.prefix(point) + zeros
        let fraction = digits.dropFirst(point)
        return fraction.isEmpty ? String(whole) : "\(whole).\(fraction)"
    }
}

extension GoText {
    /// A number as Go's JSON writes it: no exponent below 1e21.
    static func json(_ value: Double) -> String {
        let size = abs(value)
        guard value == 0 || (size >= 1e-6 && size < 1e21) else { return of(value) }
        let (digits, point) = shortest(size)
        return value == 0 ? "0" : (value < 0 ? "-" : "") + plain(digits, point: point)
    }
}
