internal import Model

/// Numbers of bytes as text.
///
/// Source: go-units `RAMInBytes` under compose-go: a signed whole number is bytes, else a number as
/// Go reads it, a blank or none, and one of `k`, `m`, `g`, `t`, `p` in any case with `b` or `ib`
/// after it, or `b` alone. Every unit counts in steps of 1024, a fraction of a byte is cut off.
enum ByteSize {
    static func parse(_ text: String) -> ByteCount? {
        if let bytes = Int64(text) { return ByteCount(bytes) }
        guard let end = text.lastIndex(where: { $0 == "." || $0 == " " || isDigit($0) }),
            let value = GoNumber.float(String(text[end] == " " ? text[..<end] : text[...end])),
            value >= 0,
            let shift = shift(of: text[text.index(after: end)...].lowercased())
        else { return nil }
        let bytes = value * Double(1 << shift)
        return bytes < Double(Int64.max) ? ByteCount(Int64(bytes)) : nil
    }

    private static func isDigit(_ character: Character) -> Bool {
        character.isASCII && character.isNumber
    }

    private static func shift(of suffix: String) -> Int? {
        guard let unit = suffix.first, suffix != "b" else { return 0 }
        let units = ["k", "m", "g", "t", "p"]
        guard let index = units.firstIndex(of: String(unit)),
            ["", "b", "ib"].contains(suffix.dropFirst())
        else { return nil }
        return 10 * (index + 1)
    }
}
