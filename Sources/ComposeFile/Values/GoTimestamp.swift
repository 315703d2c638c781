internal import YAMLTree

/// An unquoted date, which go-yaml reads as a time and Compose prints in Go's way.
struct GoTimestamp: CustomStringConvertible {
    private var date: String
    private var time = "00:00:00"
    private var zone = "+0000 UTC"

    /// The tag that says of a text that it is a time.
    static let tag = "tag:yaml.org,2002:timestamp"

    var description: String { "\(date) \(time) \(zone)" }

    /// As Go's JSON and YAML print it.
    var rfc3339: String {
        guard zone != "+0000 UTC" else { return "\(date)T\(time)Z" }
        let offset = zone.prefix(5)
        return "\(date)T\(time)\(offset.prefix(3)):\(offset.suffix(2))"
    }

    /// The time that go-yaml makes of an unquoted scalar, or of one tagged as a time.
    init?(of node: Node) {
        guard case .scalar(let text, let style) = node.content,
            style == .plain && node.tag == nil || node.tag == GoTimestamp.tag,
            text.utf8.first.map({ (0x30...0x39).contains($0) }) == true,
            text.utf8.dropFirst(4).first == UInt8(ascii: "-")
        else { return nil }
        self.init(text)
    }

    /// Source: the four layouts that go-yaml tries: a date, a date and a time after a blank, and
    /// RFC 3339 with `T` or `t`; months, days and hours may have one digit.
    init?(_ text: String) {
        var rest = text[...]
        guard let year = GoTimestamp.number(&rest, digits: 4...4, in: 0...9999),
            GoTimestamp.skip(&rest, "-"),
            let month = GoTimestamp.number(&rest, digits: 1...2, in: 1...12),
            GoTimestamp.skip(&rest, "-"),
            let day = GoTimestamp.number(&rest, digits: 1...2, in: 1...31),
            day <= GoTimestamp.days(of: month, in: year)
        else { return nil }
        date =
            "\(GoTimestamp.padded(year, 4))-\(GoTimestamp.padded(month))-\(GoTimestamp.padded(day))"
        guard let separator = rest.popFirst() else { return }
        guard "Tt ".contains(separator), let time = GoTimestamp.time(&rest) else { return nil }
        self.time = time
        if separator == " " {
            guard rest.isEmpty else { return nil }
        } else {
            guard let zone = GoTimestamp.zone(rest) else { return nil }
            self.zone = zone
        }
    }

    private static func time(_ rest: inout Substring) -> String? {
        guard let hour = number(&rest, digits: 1...2, in: 0...23), skip(&rest, ":"),
            let minute = number(&rest, digits: 1...2, in: 0...59), skip(&rest, ":"),
            let second = number(&rest, digits: 1...2, in: 0...59)
        else { return nil }
        var fraction = ""
        if skip(&rest, ".") {
            fraction = String(rest.prefix { $0.isASCII && $0.isNumber })
            guard (1...9).contains(fraction.count) else { return nil }
            rest = rest.dropFirst(fraction.count)
            while fraction.last == "0" { fraction.removeLast() }
        }
        let whole = "\(padded(hour)):\(padded(minute)):\(padded(second))"
        return fraction.isEmpty ? whole : "\(whole).\(fraction)"
    }

    private static func zone(_ text: Substring) -> String? {
        if text == "Z" { return "+0000 UTC" }
        var rest = text.dropFirst()
        guard let sign = text.first, "+-".contains(sign),
            let hours = number(&rest, digits: 2...2, in: 0...24), skip(&rest, ":"),
            let minutes = number(&rest, digits: 2...2, in: 0...59), rest.isEmpty
        else { return nil }
        let offset = "\(sign)\(padded(hours))\(padded(minutes))"
        return hours == 0 && minutes == 0 ? "+0000 UTC" : "\(offset) \(offset)"
    }

    private static func number(
        _ rest: inout Substring,
        digits: ClosedRange<Int>,
        in range: ClosedRange<Int>
    ) -> Int? {
        let text = rest.prefix { $0.isASCII && $0.isNumber }.prefix(digits.upperBound)
        guard digits.contains(text.count), let value = Int(text), range.contains(value) else {
            return nil
        }
        rest = rest.dropFirst(text.count)
        return value
    }

    private static func skip(_ rest: inout Substring, _ character: Character) -> Bool {
        guard rest.first == character else { return false }
        rest = rest.dropFirst()
        return true
    }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func padded(_ value: Int, _ width: Int = 2) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
