/// What the engine writes for people, made fit to be shown.
enum EngineText {
    /// One line of at most 1,000 characters, without credentials and control characters.
    ///
    /// A registry's address may hold a user's name and password, and its query a token.
    static func clean(_ text: String) -> String {
        let printable = text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }
        let words = String(String.UnicodeScalarView(printable))
            .split(separator: " ").map(withoutSecrets)
        return String(words.joined(separator: " ").prefix(1000))
    }

    private static func withoutSecrets(_ word: Substring) -> Substring {
        guard let scheme = word.firstRange(of: "://") else { return word }
        var result = word[..<scheme.upperBound]
        var rest = word[scheme.upperBound...]
        let host = rest.prefix { $0 != "/" && $0 != "?" }
        if let at = host.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
        if let query = rest.firstIndex(of: "?") {
            result += rest[..<query]
            result += "?…"
            // What closes the address closes it still.
            result += rest[query...].drop { !"\":,)".contains($0) }.suffix(2)
        } else {
            result += rest
        }
        return result
    }

    /// The port that `Bind for 0.0.0.0:30080 failed` and its kin speak of.
    static func port(in text: String) -> UInt16? {
        for word in text.split(whereSeparator: { " ,;".contains($0) }) {
            if let port = port(after: word), port > 0 { return port }
        }
        return nil
    }

    /// The port behind an address; the host's side stands first, as in
    /// `0.0.0.0:30080:172.17.0.2:80/tcp`.
    private static func port(after word: Substring) -> UInt16? {
        let rest: Substring?
        if word.first == "[" {
            rest = word.firstRange(of: "]:").map { word[$0.upperBound...] }
        } else if let colons = word.firstRange(of: ":::") {
            rest = word[colons.upperBound...]
        } else {
            rest = word.firstIndex(of: ":").map { word[word.index(after: $0)...] }
        }
        return rest.flatMap { UInt16($0.prefix(while: \.isNumber)) }
    }
}
