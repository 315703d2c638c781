/// Reads Base64 as RFC 4648 has it, section 4: padded, without white space.
enum Base64 {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let values: [UInt8: UInt32] = Dictionary(
        letters.enumerated().map { ($1, UInt32($0)) }
    ) { first, _ in first }

    /// nil where `text` is none, or is one that an encoder would have written otherwise.
    static func decode(_ text: String) -> [UInt8]? {
        let input = Array(text.utf8)
        guard input.count % 4 == 0 else { return nil }
        let padding = input.suffix(2).count { $0 == UInt8(ascii: "=") }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(input.count / 4 * 3)
        for start in stride(from: 0, to: input.count, by: 4) {
            let isLast = start + 4 == input.count
            let pad = isLast ? padding : 0
            var bits: UInt32 = 0
            for index in 0..<4 {
                bits <<= 6
                if index >= 4 - pad { continue }
                guard let value = values[input[start + index]] else { return nil }
                bits |= value
            }
            let group = [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]
            guard group.suffix(pad).allSatisfy({ $0 == 0 }) else { return nil }
            bytes += group.prefix(3 - pad)
        }
        return bytes
    }
}
