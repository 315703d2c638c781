internal import Model

/// Texts of grants and exceptions.
extension Format {
    /// Letters, digits, `_`, `.` and `-`, and no sign in front: how a name on an engine may begin.
    static func isPrefix(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 128, isWord(first) else {
            return false
        }
        return text.utf8.allSatisfy { isWord($0) || $0 == 0x5F || $0 == 0x2E || $0 == 0x2D }
    }

    /// `https://…/` or `http://…/`, of characters that nobody takes for others.
    static func isPages(_ text: String) -> Bool {
        let isWeb = ["https://", "http://"].contains { text.hasPrefix($0) && text.count > $0.count }
        return isWeb && text.hasSuffix("/") && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// An address and the number of its leading bits; Admission reads it more closely, and a
    /// subnet that it can't read grants nothing.
    static func isSubnet(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let length = Int(parts[1]) else { return false }
        let isSix = parts[0].contains(":")
        guard (0...(isSix ? 128 : 32)).contains(length) else { return false }
        if isSix {
            return parts[0].utf8.allSatisfy { isHexadecimal($0) || $0 == 0x3A }
        }
        let numbers = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.allSatisfy { UInt8($0) != nil }
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte)
            || (0x61...0x66).contains(byte)
    }
}
