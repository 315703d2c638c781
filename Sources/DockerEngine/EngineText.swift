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
        // The host's side stands first: "0.0.0.0:30080:172.17.0.2:80/tcp".
        for word in text.split(whereSeparator: { " ,;".contains($0) }) {
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count >= 2 else { continue }
            // An IPv6 address in brackets holds colons of its own.
            let afterAddress =
                word.first == "["
                ? word.split(separator: "]").dropFirst().first.map { $0.split(separator: ":")[...] }
                : parts.dropFirst()
            guard let digits = afterAddress?.first?.prefix(while: \.isNumber) else { continue }
            if let port = UInt16(digits), port > 0 { return port }
        }
        return nil
    }
}
