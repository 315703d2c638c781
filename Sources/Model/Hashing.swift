internal import Crypto

/// SHA-256 in lowercase hexadecimal.
package enum SHA256Hex {
    /// The hash of the bytes of `text`.
    package static func of(_ text: String) -> String { of(Array(text.utf8)) }

    /// The hash of `bytes`.
    package static func of(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var hex: [UInt8] = []
        hex.reserveCapacity(64)
        for byte in SHA256.hash(data: bytes) {
            hex.append(digits[Int(byte >> 4)])
            hex.append(digits[Int(byte & 15)])
        }
        return String(decoding: hex, as: UTF8.self)
    }
}
