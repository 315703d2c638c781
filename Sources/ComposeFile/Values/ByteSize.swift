internal import Model

/// Numbers of bytes as text.
///
/// Source: go-units `RAMInBytes` under compose-go: a signed whole number is bytes, else
/// `^(\d+(\.\d+)*) ?([kKmMgGtTpP])?([iI])?[bB]?$` where every unit counts in steps of 1024 and a
/// fraction of a byte is cut off.
enum ByteSize {
    static func parse(_ text: String) -> ByteCount? {
        if let bytes = Int64(text) { return ByteCount(bytes) }
        let number = text.prefix { $0 == "." || ($0.isASCII && $0.isNumber) }
        guard let first = number.first, first != ".", number.last != ".",
            let value = Double(number),
            let shift = shift(of: text.dropFirst(number.count))
        else { return nil }
        let bytes = value * Double(1 << shift)
        return bytes < Double(Int64.max) ? ByteCount(Int64(bytes)) : nil
    }

    private static func shift(of suffix: Substring) -> Int? {
        var rest = suffix.first == " " ? suffix.dropFirst() : suffix
        var shift = 0
        if let unit = rest.first?.lowercased().first, let index = "kmgtp".firstIndex(of: unit) {
            shift = 10 * ("kmgtp".distance(from: "kmgtp".startIndex, to: index) + 1)
            rest = rest.dropFirst()
        }
        if rest.first == "i" || rest.first == "I" { rest = rest.dropFirst() }
        if rest.first == "b" || rest.first == "B" { rest = rest.dropFirst() }
        return rest.isEmpty ? shift : nil
    }
}
