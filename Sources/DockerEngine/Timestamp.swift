internal import Model

/// The engine's times, such as `2026-11-21T04:50:14.30045007Z`, after RFC 3339.
enum Timestamp {
    /// nil for what is no time, and for the year 1, with which the engine says "never".
    static func parse(_ text: String) -> Instant? {
        let halves = text.split(separator: "T")
        guard halves.count == 2 else { return nil }
        let date = halves[0].split(separator: "-").compactMap { Int($0) }
        guard date.count == 3, date[0] > 1, (1...12).contains(date[1]), (1...31).contains(date[2])
        else { return nil }
        let zoneStart = halves[1].firstIndex { "Z+-".contains($0) } ?? halves[1].endIndex
        guard let offset = offset(halves[1][zoneStart...]) else { return nil }
        let clock = halves[1][..<zoneStart].split(separator: ":")
        guard clock.count == 3, let hour = Int(clock[0]), let minute = Int(clock[1]),
            let second = Double(clock[2]), (0..<24).contains(hour), (0..<60).contains(minute),
            (0..<61).contains(second)
        else { return nil }
        let days = days(year: date[0], month: date[1], day: date[2])
        let minutes = (days * 24 + hour) * 60 + minute - offset
        return Instant(milliseconds: Int64(minutes) * 60_000 + Int64(second * 1000))
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The time of a `Date` header, such as `Sun, 22 Nov 2026 18:11:20 GMT`: RFC 9110, 5.6.7.
    static func parse(header text: String) -> Instant? {
        let words = text.split(separator: " ").map(String.init)
        guard words.count == 6, words[5] == "GMT", words[3].utf8.count == 4,
            let month = months.firstIndex(of: words[2])
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return parse("\(words[3])-\(number)-\(words[1])T\(words[4])Z")
    }

    /// Minutes east of Greenwich.
    private static func offset(_ zone: Substring) -> Int? {
        if zone == "Z" { return 0 }
        let parts = zone.dropFirst().split(separator: ":").compactMap { Int($0) }
        guard parts.count == 2 else { return nil }
        return (zone.first == "-" ? -1 : 1) * (parts[0] * 60 + parts[1])
    }

    /// Days since 1970 in the Gregorian calendar, with the year begun in March so that the leap
    /// day is its last.
    private static func days(year: Int, month: Int, day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let era = shifted / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
