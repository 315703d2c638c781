/// Numbers as Go's `strconv.ParseFloat` reads them.
enum GoNumber {
    /// A finite number; nil for text that spells none.
    static func float(_ text: String) -> Double? {
        guard let first = text.utf8.first, text.utf8.count <= 400,
            "+-.0123456789".utf8.contains(first), let value = Double(text), value.isFinite
        else { return nil }
        return value
    }
}
