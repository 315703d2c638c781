/// A printed value in YAML's block style, two blanks a level, as Docker Compose writes it.
struct YAMLDocument {
    private var lines: [String] = []

    static func text(_ value: Printed) -> String {
        var document = YAMLDocument()
        if case .mapping(let members) = value { document.write(members, indent: 0) }
        return document.lines.joined(separator: "\n") + "\n"
    }

    private mutating func write(_ members: [(key: String, value: Printed)], indent: Int) {
        for (key, value) in members {
            let name = YAMLText(key, indent: indent, column: 0, isKey: true).text
            let start = String(repeating: " ", count: indent) + name + ":"
            switch value {
            case .mapping(let members) where !members.isEmpty:
                lines.append(start)
                write(members, indent: indent + 2)
            case .list(let elements) where !elements.isEmpty:
                lines.append(start)
                write(elements, indent: indent + 2)
            default:
                let column = start.unicodeScalars.count + 1
                lines.append("\(start) \(value.plain(indent: indent + 2, column: column))")
            }
        }
    }

    private mutating func write(_ elements: [Printed], indent: Int) {
        let start = String(repeating: " ", count: indent) + "-"
        for element in elements {
            let first = lines.count
            switch element {
            case .mapping(let members) where !members.isEmpty: write(members, indent: indent + 2)
            case .list(let elements) where !elements.isEmpty: write(elements, indent: indent + 2)
            default:
                lines.append("\(start) \(element.plain(indent: indent + 2, column: indent + 2))")
                continue
            }
            // The first line of a nested value stands beside its dash.
            lines[first] = start + " " + lines[first].dropFirst(indent + 2)
        }
    }
}

extension Printed {
    fileprivate func plain(indent: Int, column: Int) -> String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let text), .time(let text): text
        case .text(let text): YAMLText(text, indent: indent, column: column).text
        case .list: "[]"
        case .mapping: "{}"
        }
    }
}
