/// What YAML's own tags make of a scalar.
///
/// Source: go-yaml's `resolve`, which refuses a text that isn't of its tag's type, and Go's
/// standard base64.
package enum CoreTag {
    /// Why a text can't have its tag.
    enum Failure: Error { case mismatch, base64 }

    /// The content of a scalar under `tag`.
    static func content(
        _ text: String,
        _ style: Node.Style,
        tag: String?
    ) throws(Failure) -> Node.Content {
        let content = Node.Content.scalar(text: text, style: style)
        guard let tag, let name = name(of: tag) else { return content }
        switch (name, Scalar(text, style: .plain)) {
        case ("binary", _):
            guard let bytes = bytes(ofBase64: text) else { throw .base64 }
            return .scalar(text: String(decoding: bytes, as: UTF8.self), style: .quoted)
        case ("null", .null), ("bool", .bool), ("int", .int), ("float", .double), ("float", .int):
            return content
        case ("null", _), ("bool", _), ("int", _), ("float", _): throw .mismatch
        default: return content
        }
    }

    /// Whether `tag` is one of YAML's own types.
    ///
    /// Source: the YAML type repository; a language's own, such as `!!python/object`, is none.
    package static func isKnown(_ tag: String) -> Bool {
        name(of: tag).map { names.contains(String($0)) } ?? false
    }

    private static let names: Set<String> = [
        "binary", "bool", "float", "int", "map", "merge", "null", "omap", "pairs", "seq", "set",
        "str", "timestamp", "value", "yaml",
    ]

    /// `null` of `tag:yaml.org,2002:null`.
    static func name(of tag: String) -> Substring? {
        let prefix = "tag:yaml.org,2002:"
        return tag.hasPrefix(prefix) ? tag.dropFirst(prefix.count) : nil
    }

    /// The bytes that groups of four characters spell, line ends among them passed over.
    private static func bytes(ofBase64 text: String) -> [UInt8]? {
        let characters = text.utf8.filter { $0 != 0x0A && $0 != 0x0D }
        let padding = characters.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard characters.count % 4 == 0, padding <= 2 else { return nil }
        var bytes: [UInt8] = []
        var bits: UInt32 = 0
        for (index, character) in characters.dropLast(padding).enumerated() {
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | UInt32(value)
            // The first of four characters completes no byte.
            let held = (index % 4) * 2
            if held > 0 {
                let rest = 6 - held
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(rest)))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
