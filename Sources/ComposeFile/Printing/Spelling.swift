/// What a text could be taken for by a reader of YAML, byte by byte, as every text that is printed
/// is asked.
enum Spelling {
    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` or digits of base 16, 8 or 2 after
    /// `0x`, `0o` or `0b`, of a size that Go has a number for; underscores count for nothing, but
    /// have to part digits of what begins with a point.
    static func isNumber(_ text: String) -> Bool {
        guard startsLikeNumber(text), !text.hasPrefix(".") || hasPartingUnderscores(text) else {
            return false
        }
        var cursor = ByteCursor(text.utf8.filter { $0 != UInt8(ascii: "_") })
        let isSigned = cursor.take("+-")
        let digits = cursor.text
        var based = cursor
        if based.take("0") {
            for (letters, digits, base) in bases where based.take(letters) {
                let text = based.text
                guard based.takeAll(digits) > 0, based.isAtEnd else { return false }
                return isSigned ? fits(text, base, Int64.self) : fits(text, base, UInt64.self)
            }
        }
        let whole = cursor.takeAll(decimal)
        let fraction = cursor.take(".") ? cursor.takeAll(decimal) : 0
        guard whole + fraction > 0 else { return false }
        if cursor.take("eE") {
            _ = cursor.take("+-")
            guard cursor.takeAll(decimal) > 0 else { return false }
        }
        return cursor.isAtEnd && Double(digits)?.isFinite != false
    }

    private static func hasPartingUnderscores(_ text: String) -> Bool {
        let isDigit = text.utf8.map { (0x30...0x39).contains($0) }
        return text.utf8.enumerated().allSatisfy { index, byte in
            byte != UInt8(ascii: "_")
                || index > 0 && isDigit[index - 1] && index + 1 < isDigit.count
                    && isDigit[index + 1]
        }
    }

    private static func fits<Integer: FixedWidthInteger>(
        _ digits: String,
        _ base: Int,
        _: Integer.Type
    ) -> Bool {
        Integer(digits, radix: base) != nil
    }

    /// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`, a number of base sixty to older readers.
    static func isSexagesimal(_ text: String) -> Bool {
        guard startsLikeNumber(text), text.utf8.contains(UInt8(ascii: ":")) else { return false }
        var cursor = ByteCursor(Array(text.utf8))
        _ = cursor.take("+-")
        guard cursor.take(decimal) else { return false }
        _ = cursor.takeAll(decimal + "_")
        var parts = 0
        while cursor.take(":") {
            parts += 1
            let isSmall = cursor.take("012345")
            guard cursor.take(decimal) || isSmall else { return false }
        }
        if parts > 0, cursor.take(".") { _ = cursor.takeAll(decimal + "_") }
        return parts > 0 && cursor.isAtEnd
    }

    private static let decimal = "0123456789"
    private static let bases = [
        ("xX", "0123456789abcdefABCDEF", 16), ("oO", "01234567", 8), ("bB", "01", 2),
    ]

    /// Whether it begins with a digit, a sign or a point.
    private static func startsLikeNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first else { return false }
        return (0x30...0x39).contains(first) || [0x2B, 0x2D, 0x2E].contains(first)
    }
}

/// Takes bytes off the start of a text.
private struct ByteCursor {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    /// What there is yet.
    var text: String { String(decoding: rest, as: UTF8.self) }

    /// Takes one byte that is any of `bytes`; false where there is none.
    mutating func take(_ bytes: String) -> Bool {
        guard let next = rest.first, bytes.utf8.contains(next) else { return false }
        rest.removeFirst()
        return true
    }

    /// Takes as many of `bytes` as there are, and says how many.
    mutating func takeAll(_ bytes: String) -> Int {
        var count = 0
        while take(bytes) { count += 1 }
        return count
    }
}
