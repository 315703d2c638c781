internal import Model

/// Stars in the place of what may be a password, as many as it has characters.
///
/// Each character is looked at a few times whatever the line holds: it may be a tenant's, and as
/// long as a file may be.
enum Masking {
    /// The line with stars between `://` and `@`, a mere user of ssh excepted, and behind a name
    /// that sounds like a password's.
    static func masked(_ line: String) -> String {
        var text = Array(line.unicodeScalars)
        maskUsers(&text)
        maskValues(&text)
        return String(String.UnicodeScalarView(text))
    }

    /// Word by word: `scheme://user:password@host`.
    private static func maskUsers(_ text: inout [Unicode.Scalar]) {
        var start = 0
        while start < text.count {
            let end = text[start...].firstIndex { isBlank($0) || isQuote($0) } ?? text.count
            if let user = user(in: text[start..<end]),
                let at = text[user..<end].lastIndex(of: "@")
            {
                let isOfSSH = text[start..<user].suffix(6).elementsEqual("ssh://".unicodeScalars)
                if !isOfSSH || text[user..<at].contains(":") { star(user..<at, of: &text) }
            }
            start = end + 1
        }
    }

    /// Where a word goes on after its first `://`.
    private static func user(in word: ArraySlice<Unicode.Scalar>) -> Int? {
        guard word.count >= 3 else { return nil }
        return (word.startIndex + 3...word.endIndex).first {
            word[$0 - 1] == "/" && word[$0 - 2] == "/" && word[$0 - 3] == ":"
        }
    }

    /// `NAME: value` and `NAME=value`, up to a comma or a bracket that closes.
    private static func maskValues(_ text: inout [Unicode.Scalar]) {
        var next = 0
        while let separator = text[next...].firstIndex(where: { $0 == ":" || $0 == "=" }) {
            let before = text[next..<separator]
            next = separator + 1
            guard SecretName.isLikely(name(at: before)) else { continue }
            let start = text[next...].firstIndex { !isBlank($0) } ?? text.count
            guard start < text.count, text[start] != "{", text[start] != "[" else { continue }
            let rest = text[(start + 1)...]
            let end = rest.firstIndex { $0 == "," || $0 == "}" || $0 == "]" } ?? text.count
            star(start..<end, of: &text)
            next = end
        }
    }

    /// The name at the end of `text`, where blanks and one quote may follow it.
    private static func name(at text: ArraySlice<Unicode.Scalar>) -> String {
        var end = text.endIndex
        while end > text.startIndex, isBlank(text[end - 1]) { end -= 1 }
        if end > text.startIndex, isQuote(text[end - 1]) { end -= 1 }
        var start = end
        while start > text.startIndex, isOfName(text[start - 1]) { start -= 1 }
        return String(String.UnicodeScalarView(text[start..<end]))
    }

    private static func star(_ range: Range<Int>, of text: inout [Unicode.Scalar]) {
        for index in range { text[index] = "*" }
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\"" || scalar == "'"
    }

    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII && (scalar.properties.isAlphabetic || scalar == "_")
            || ("0"..."9").contains(scalar)
    }
}
