internal import Model
internal import YAMLTree

extension Node.Marks {
    /// It couldn't be read and that has been said; nothing more is said of it.
    static let unresolved = Node.Marks(rawValue: 1)
    /// It holds what variables had, which no message may show.
    static let expanded = Node.Marks(rawValue: 2)
    /// Its text is a path from the root of the tree of files, no more one beside a file.
    static let rooted = Node.Marks(rawValue: 4)
    /// Nobody wrote it; it is what Compose takes for what is left out.
    static let filled = Node.Marks(rawValue: 8)
    /// What it extends couldn't be read and that has been said; what it lacks may stand there.
    static let incomplete = Node.Marks(rawValue: 16)
    /// The text that it was written as has options that change nothing.
    static let excessive = Node.Marks(rawValue: 32)
}

extension Node {
    /// `tag` of a node that takes away what earlier files wrote at its place.
    var isReset: Bool { tag == "!reset" }

    /// `tag` of a node that replaces what earlier files wrote at its place.
    var isOverride: Bool { tag == "!override" }

    /// The value without its places, to be compared.
    var json: JSON {
        switch content {
        case .sequence(let elements): return .array(elements.map(\.json))
        case .mapping(let entries):
            return .object(
                Dictionary(entries.map { ($0.key, $0.value.json) }) { _, last in last }
            )
        case .scalar: break
        }
        switch scalar {
        case .bool(let value): return .bool(value)
        case .int(let value):
            return Int64(exactly: value).map(JSON.int) ?? .double(Double(value))
        case .double(let value):
            guard value.isFinite else { return .string(text ?? "") }
            return Int64(exactly: value).map(JSON.int) ?? .double(value)
        case .string(let text): return .string(GoTimestamp(of: self)?.rfc3339 ?? text)
        case .null, nil: return .null
        }
    }

    /// How many nodes a walk of it visits.
    var weight: Int {
        switch content {
        case .scalar: 1
        case .sequence(let elements): elements.reduce(1) { $0 + $1.weight }
        case .mapping(let entries): entries.reduce(1) { $0 + $1.value.weight }
        }
    }
}
