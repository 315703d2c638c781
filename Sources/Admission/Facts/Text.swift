/// Questions about text that a tenant wrote, answered byte by byte or scalar by scalar.
enum Text {
    /// Whether `text` starts with `prefix`, whatever the case of ASCII letters.
    static func hasPrefix(_ text: String, _ prefix: String) -> Bool {
        var bytes = text.utf8.makeIterator()
        return prefix.utf8.allSatisfy { byte in bytes.next().map(folded) == folded(byte) }
    }

    /// Whether the dotted key `text` is the one that `prefix` and its last dot begin, or lies below
    /// it, whatever the case of ASCII letters.
    static func isKey(_ text: String, below prefix: String) -> Bool {
        hasPrefix(text, prefix)
            || text.utf8.count + 1 == prefix.utf8.count && hasPrefix(prefix, text)
    }

    /// Whether `text` starts with exactly the bytes of `prefix` and goes on.
    static func isBelow(_ text: String, _ prefix: String) -> Bool {
        text.utf8.count > prefix.utf8.count && text.utf8.starts(with: prefix.utf8)
    }

    static func equal(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

    /// The name of an object: `[a-zA-Z0-9][a-zA-Z0-9_.-]*`, as the engine wants it.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first) else { return false }
        return text.utf8.count <= 255
            && text.utf8.allSatisfy {
                isAlphanumeric($0) || $0 == 0x5F || $0 == 0x2E || $0 == 0x2D
            }
    }

    /// A number in plain ASCII digits without sign or leading zero, at most `maximum`.
    static func number(_ text: String, atMost maximum: Int64 = .max) -> Int64? {
        let bytes = text.utf8
        guard (1...19).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }),
            bytes.first != 0x30 || bytes.count == 1,
            let value = Int64(text), value <= maximum
        else { return nil }
        return value
    }

    /// Whether nothing in it moves a cursor, ends a line, or reorders or hides what is shown.
    static func isPrintable(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0..<0x20, 0x7F..<0xA0: false
            case 0x061C, 0x200B, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF: false
            case 0xE0000...0xE007F: false
            default: true
            }
        }
    }

    /// A path inside a volume: relative, and it climbs nowhere.
    static func isSubpath(_ text: String) -> Bool {
        guard isPrintable(text), let path = AbsolutePath("/" + text) else { return false }
        return path.depth > 0 && text.utf8.first != 0x2F
    }

    /// `0-3,6`, as the kernel takes numbers of CPUs; may be empty.
    static func isNumberList(_ text: String) -> Bool {
        text.utf8.count <= 1024
            && text.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2C || $0 == 0x2D }
    }

    /// Bytes of a size of logs as the engine takes it, `10m` or `1.5GB`; nil of what is none.
    static func logSize(_ text: String) -> Int64? {
        let digits = text.utf8.prefix { $0 == 0x2E || (0x30...0x39).contains($0) }
        let unit = text.utf8.dropFirst(digits.count).drop { $0 == 0x20 }.map(folded)
        let name = unit.count > 1 && unit.last == 0x62 ? unit.dropLast() : unit[...]
        guard name.count <= 1, let factor = factor(of: name.first),
            let size = Double(Substring(digits)), (1...1e15).contains(size * factor)
        else { return nil }
        return Int64(size * factor)
    }

    /// Of a unit by its letter.
    private static func factor(of unit: UInt8?) -> Double? {
        switch unit {
        case nil, UInt8(ascii: "b"): 1
        case UInt8(ascii: "k"): 1e3
        case UInt8(ascii: "m"): 1e6
        case UInt8(ascii: "g"): 1e9
        case UInt8(ascii: "t"): 1e12
        default: nil
        }
    }

    /// `text` fit for a message: what can't be seen is written as an escape, and it is not long.
    static func shown(_ text: String, atMost limit: Int = 300) -> String {
        var shown = ""
        for scalar in text.unicodeScalars.prefix(limit) {
            if isPrintable(String(scalar)) {
                shown.unicodeScalars.append(scalar)
            } else {
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return text.unicodeScalars.count > limit ? shown + "…" : shown
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
            || (0x61...0x7A).contains(byte)
    }

    /// With ASCII letters in lower case.
    static func folded(_ text: String) -> String {
        String(decoding: text.utf8.map(folded), as: UTF8.self)
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte + 0x20 : byte
    }
}
