internal import Model

extension Value {
    /// A list of texts, the same one only once.
    var uniqueStrings: [Value.Text]? {
        var seen: Set<String> = []
        return elements?.compactMap { element in
            guard let text = element.string, seen.insert(text).inserted else { return nil }
            return Text(text: text, value: element)
        }
    }

    /// A list of texts, or one text.
    var stringOrStrings: [Value.Text]? {
        guard !isList else { return elements?.compactMap(\.textElement) }
        return textElement.map { [$0] }
    }

    /// A text and where it stands.
    struct Text {
        var text: String
        var value: Value
    }

    private var textElement: Text? { string.map { Text(text: $0, value: self) } }

    /// Names with texts, as a mapping or as a list of `name=text`; null or no `=` is nil.
    ///
    /// Remembers the place of each name; the later of equal ones in a list wins.
    var assignments: [String: String?]? {
        guard !isUnresolved else { return nil }
        var result: [String: String?] = [:]
        guard isList || isMapping else {
            failType("a mapping or a list")
            return nil
        }
        for entry in members where entry.isNull || entry.text != nil {
            result.updateValue(entry.isNull ? nil : entry.text, forKey: entry.name)
            entry.record()
        }
        for element in isList ? elements ?? [] : [] {
            guard let string = element.string else { continue }
            let parts = string.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            result.updateValue(parts.count > 1 ? String(parts[1]) : nil, forKey: name)
            element.record(at: path / name)
        }
        return result
    }

    /// Labels: like assignments, with the empty text for none.
    var labels: [String: String]? {
        assignments?.mapValues { $0 ?? "" }
    }
}
