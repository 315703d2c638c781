/// A command written as one text, split as `docker stack` does: words and quotes, nothing else.
///
/// Source: google/shlex: `#` before a word begins a comment; within double quotes a backslash
/// takes the next character as it is.
enum PlainWords {
    /// Nil when a quote is left open, or a backslash stands last.
    static func split(_ text: String) -> [String]? {
        var words: [String] = []
        var word: String.UnicodeScalarView?
        var quote: Unicode.Scalar?
        var isEscaped = false
        var isComment = false
        for character in text.unicodeScalars {
            if isComment {
                isComment = character != "\n"
            } else if isEscaped {
                word?.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                isEscaped = true
                word = word ?? String.UnicodeScalarView()
            } else if let open = quote {
                if character == open { quote = nil } else { word?.append(character) }
            } else if character == "'" || character == "\"" {
                quote = character
                word = word ?? String.UnicodeScalarView()
            } else if " \t\r\n".unicodeScalars.contains(character) {
                if let word { words.append(String(word)) }
                word = nil
            } else if character == "#", word == nil {
                isComment = true
            } else {
                word = word ?? String.UnicodeScalarView()
                word?.append(character)
            }
        }
        guard quote == nil, !isEscaped else { return nil }
        return words + [word].compactMap { $0.map { String($0) } }
    }
}
