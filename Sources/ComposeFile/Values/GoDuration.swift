internal import Model

/// Spans of time as Compose reads and prints them.
///
/// Source: Go's `time.ParseDuration` with two more units, `d` and `w`, and `Duration.String`.
enum GoDuration {
    /// Why a text is no duration.
    enum Failure: Error, Hashable {
        case empty
        case missingUnit
        case unknownUnit
        case malformed
        case tooLong

        var reason: String {
            switch self {
            case .empty: "it is empty"
            case .missingUnit: "a unit is missing"
            case .unknownUnit: "there is no such unit"
            case .malformed: "a number must come first"
            case .tooLong: "it is too long"
            }
        }

        var fix: String { "write such as 90s, 1m30s or 500ms (units ns us ms s m h d w)" }
    }

    private static let units: [String: Int128] = [
        "ns": 1, "us": 1000, "µs": 1000, "μs": 1000, "ms": 1_000_000, "s": second,
        "m": 60 * second, "h": 3600 * second, "d": 86_400 * second, "w": 604_800 * second,
    ]
    private static let second: Int128 = 1_000_000_000

    /// A span, which may be negative; Go itself has no days and weeks.
    static func parse(_ text: String, hasDays: Bool = true) throws(Failure) -> Nanoseconds {
        guard !text.isEmpty else { throw .empty }
        let isNegative = text.hasPrefix("-")
        var rest = isNegative || text.first == "+" ? text.dropFirst() : text[...]
        if rest == "0" { return Nanoseconds(0) }
        guard !rest.isEmpty else { throw .malformed }
        var total: Int128 = 0
        while !rest.isEmpty {
            total += try part(&rest, hasDays)
            guard total <= Int128(Int64.max) else { throw .tooLong }
        }
        return Nanoseconds(Int64(isNegative ? -total : total))
    }

    /// One number with its unit.
    private static func part(
        _ rest: inout Substring,
        _ hasDays: Bool
    ) throws(Failure) -> Int128 {
        let whole = digits(&rest)
        var fraction: Substring = ""
        if rest.first == "." {
            rest = rest.dropFirst()
            fraction = digits(&rest)
        }
        guard !whole.isEmpty || !fraction.isEmpty else { throw .malformed }
        let name = rest.prefix { !($0.isASCII && $0.isNumber) && $0 != "." }
        guard !name.isEmpty else { throw .missingUnit }
        guard let unit = units[String(name)], hasDays || !["d", "w"].contains(name) else {
            throw .unknownUnit
        }
        rest = rest.dropFirst(name.count)
        guard whole.count <= 19, let count = Int128(whole.isEmpty ? "0" : whole) else {
            throw .tooLong
        }
        let digits = fraction.prefix(18)
        let scale = digits.reduce(Int128(1)) { scale, _ in scale * 10 }
        return count * unit + (Int128(digits.isEmpty ? "0" : digits) ?? 0) * unit / scale
    }

    private static func digits(_ rest: inout Substring) -> Substring {
        let digits = rest.prefix { $0.isASCII && $0.isNumber }
        rest = rest.dropFirst(digits.count)
        return digits
    }

    /// As Go prints it: `1m30s`, `1.5s`, `500ms`, `0s`.
    static func text(_ duration: Nanoseconds) -> String {
        guard duration.count >= 0 else {
            return "-" + text(Nanoseconds(-max(duration.count, -Int64.max)))
        }
        let count = duration.count.magnitude
        switch count {
        case 0: return "0s"
        case ..<1000: return "\(count)ns"
        case ..<1_000_000: return "\(decimal(count, 3))µs"
        case ..<1_000_000_000: return "\(decimal(count, 6))ms"
        default: break
        }
        let minutes = count / 60_000_000_000
        let seconds = decimal(count % 60_000_000_000, 9) + "s"
        if minutes == 0 { return seconds }
        if minutes < 60 { return "\(minutes)m\(seconds)" }
        return "\(minutes / 60)h\(minutes % 60)m\(seconds)"
    }

    /// `count` with the point `places` digits from the right, without trailing zeros.
    private static func decimal(_ count: UInt64, _ places: Int) -> String {
        let scale = (0..<places).reduce(UInt64(1)) { scale, _ in scale * 10 }
        var fraction = String(count % scale)
        fraction = String(repeating: "0", count: places - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        return fraction.isEmpty ? "\(count / scale)" : "\(count / scale).\(fraction)"
    }
}
