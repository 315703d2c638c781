/// Numbers as Go's `strconv.ParseFloat` reads them.
enum GoNumber {
    /// A finite number; nil for text that spells none.
    static func float(_ text: String) -> Double? {
        guard let first = text.utf8.first, text.utf8.count <= 400,
            "+-.0123456789".utf8.contains(first), !text.utf8.contains(where: { $0 | 0x20 == 0x78 }),
            let plain = withoutUnderscores(text), let value = Double(plain), value.isFinite
        else { return nil }
        return value
    }

    /// `text` without the underscores between its digits; nil when one stands elsewhere.
    private static func withoutUnderscores(_ text: String) -> String? {
        guard text.utf8.contains(UInt8(ascii: "_")) else { return text }
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        let areDigits = zip(parts, parts.dropFirst()).allSatisfy { before, after in
            before.last?.isNumber == true && after.first?.isNumber == true
        }
        return areDigits ? parts.joined() : nil
    }
}
