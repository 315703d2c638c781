/// The order in which go-yaml prints keys: as people count, `n2` before `n10`.
///
/// Source: go-yaml's sorting of keys, as Docker Compose 5.6 shows it. Letters come after what is
/// none, but before it where a number has just ended.
enum NaturalOrder {
    static func isBefore(_ a: String, _ b: String) -> Bool {
        let left = Array(a.unicodeScalars)
        let right = Array(b.unicodeScalars)
        let length = min(left.count, right.count)
        guard let place = (0..<length).first(where: { left[$0] != right[$0] }) else {
            return left.count < right.count
        }
        let (x, y) = (left[place], right[place])
        switch (x.properties.isAlphabetic, y.properties.isAlphabetic) {
        case (true, true): return x < y
        case (false, false): break
        case (let isLetter, _):
            let isAfterDigit = place > 0 && isDigit(left[place - 1])
            return isLetter == isAfterDigit
        }
        // A number that has begun before counts as one, whatever zeros stand here.
        let begun = left[..<place].reversed().prefix(while: isDigit)
        let start: Int64 = (x == "0" || y == "0") && begun.contains { $0 != "0" } ? 1 : 0
        let (m, n) = (number(left[place...], start), number(right[place...], start))
        if m.value != n.value { return m.value < n.value }
        return m.digits == n.digits ? x < y : m.digits < n.digits
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }

    /// The number at the start of a text, digits after `start`; its size wraps as in Go.
    private static func number(
        _ text: ArraySlice<Unicode.Scalar>,
        _ start: Int64
    ) -> (value: Int64, digits: Int) {
        let digits = text.prefix(while: isDigit)
        let value = digits.reduce(start) { $0 &* 10 &+ (Int64($1.value) - 48) }
        return (value, digits.count)
    }
}
