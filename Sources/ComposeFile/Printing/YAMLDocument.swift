/// A printed value in YAML's block style, two blanks a level, as Docker Compose writes it.
struct YAMLDocument {
    private var text = ""

    static func text(_ value: Printed) -> String {
        var document = YAMLDocument()
        guard case .mapping(let members) = value, !members.isEmpty else { return "\n" }
        document.write(members, indent: 0)
        return document.text
    }

    /// Writes members a line each; the first may stand beside a dash that is there already.
    private mutating func write(
        _ members: [(key: String, value: Printed)],
        indent: Int,
        afterDash: Bool = false
    ) {
        for (index, (key, value)) in members.enumerated() {
            let name = YAMLText(key, indent: indent, column: 0, isKey: true).text
            if index > 0 || !afterDash { blanks(indent) }
            text += name
            text += ":"
            switch value {
            case .mapping(let members) where !members.isEmpty:
                text += "\n"
                write(members, indent: indent + 2)
            case .list(let elements) where !elements.isEmpty:
                text += "\n"
                write(elements, indent: indent + 2)
            default:
                let column = indent + name.unicodeScalars.count + 2
                text += " "
                text += value.plain(indent: indent + 2, column: column)
                text += "\n"
            }
        }
    }

    private mutating func write(_ elements: [Printed], indent: Int, afterDash: Bool = false) {
        for (index, element) in elements.enumerated() {
            if index > 0 || !afterDash { blanks(indent) }
            text += "- "
            switch element {
            case .mapping(let members) where !members.isEmpty:
                write(members, indent: indent + 2, afterDash: true)
            case .list(let elements) where !elements.isEmpty:
                write(elements, indent: indent + 2, afterDash: true)
            default:
                text += element.plain(indent: indent + 2, column: indent + 2)
                text += "\n"
            }
        }
    }

    private mutating func blanks(_ count: Int) {
        for _ in 0..<count { text += " " }
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
