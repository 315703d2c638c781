/// A text in UTF-16 that says so by its first two bytes.
enum UTF16Text {
    /// The same in UTF-8 without the mark; nil of any other text, and of what is no valid UTF-16.
    static func decoded(_ bytes: [UInt8]) -> [UInt8]? {
        let isBig = bytes.starts(with: [0xFE, 0xFF])
        guard isBig || bytes.starts(with: [0xFF, 0xFE]), bytes.count.isMultiple(of: 2) else {
            return nil
        }
        let units = stride(from: 2, to: bytes.count, by: 2).map { index -> UInt16 in
            let pair = (UInt16(bytes[index]), UInt16(bytes[index + 1]))
            return isBig ? pair.0 * 256 + pair.1 : pair.1 * 256 + pair.0
        }
        return String(validating: units, as: UTF16.self).map { Array($0.utf8) }
    }
}
