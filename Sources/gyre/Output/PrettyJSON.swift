internal import Model

/// JSON as people read it: two spaces a level, short lists and objects in one line.
enum PrettyJSON {
    /// What stays in one line.
    private static let width = 72

    /// The text, without a line end.
    static func text(_ value: JSON, margin: String = "") -> String {
        let plain = line(value)
        guard plain.utf8.count > width else { return plain }
        let inner = margin + "  "
        switch value {
        case .array(let values):
            let lines = values.map { inner + text($0, margin: inner) }
            return "[\n" + lines.joined(separator: ",\n") + "\n\(margin)]"
        case .object(let members):
            let lines = members.sorted { $0.key < $1.key }.map { name, value in
                "\(inner)\(JSON.string(name).text): \(text(value, margin: inner))"
            }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(margin)}"
        case .null, .bool, .int, .double, .string: return plain
        }
    }

    /// The whole value in one line.
    private static func line(_ value: JSON) -> String {
        switch value {
        case .array(let values): "[" + values.map(line).joined(separator: ", ") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }
                .map { "\(JSON.string($0.key).text): \(line($0.value))" }
                .joined(separator: ", ") + "}"
        case .null, .bool, .int, .double, .string: value.text
        }
    }
}
