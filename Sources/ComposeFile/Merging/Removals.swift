internal import YAMLTree

/// What the tags `!reset` and `!override` of one document take away from what came before it, as a
/// tree of keys.
///
/// Source: compose-go's `ResetProcessor`: a value under `!reset` is dropped from its own document,
/// and one under `!override` stays; the path of either is then deleted from what the document is
/// merged over, if it is there. What became a list meanwhile has no such path, and elements of
/// lists have none at all.
struct Removals {
    /// Whether the value itself goes.
    private var isWhole = false
    private var members: [String: Removals] = [:]

    /// Nothing.
    init() {}

    /// Takes the tags off `document`, and with each `!reset` its value.
    init(takenFrom document: inout Node) {
        guard document.holdsTags else { return }
        if let node = take(from: document) { document = node }
    }

    /// What is taken away below `key`.
    subscript(key: String) -> Removals { members[key] ?? Removals() }

    /// `earlier` without what goes.
    ///
    /// Of its first `spared` levels nothing goes as a whole.
    func applied(to earlier: Node, sparing spared: Int = 0) -> Node {
        guard !members.isEmpty, let entries = earlier.entries else { return earlier }
        var node = earlier
        node.content = .mapping(
            entries.compactMap { entry in
                guard let removals = members[entry.key] else { return entry }
                guard spared > 0 || !removals.isWhole else { return nil }
                var entry = entry
                entry.value = removals.applied(to: entry.value, sparing: max(0, spared - 1))
                return entry
            }
        )
        return node
    }

    /// `node` without tags; nil when it is reset.
    private mutating func take(from node: Node) -> Node? {
        isWhole = node.isReset || node.isOverride
        guard !node.isReset else { return nil }
        var plain = node
        if node.isOverride { plain.tag = nil }
        switch node.content {
        case .scalar: break
        case .sequence(let elements):
            plain.content = .sequence(
                elements.compactMap { element in
                    var unused = Removals()
                    return unused.take(from: element)
                }
            )
        case .mapping(let entries):
            plain.content = .mapping(entries.compactMap { take(from: $0) })
        }
        return plain
    }

    private mutating func take(from entry: Node.Entry) -> Node.Entry? {
        var removals = Removals()
        let value = removals.take(from: entry.value)
        // Below a value that goes as a whole there is nothing more to take away.
        if !isWhole, removals.isWhole || !removals.members.isEmpty {
            members[entry.key] = removals
        }
        return value.map { Node.Entry(key: entry.key, location: entry.location, value: $0) }
    }
}

extension Node {
    fileprivate var holdsTags: Bool {
        if isReset || isOverride { return true }
        return switch content {
        case .scalar: false
        case .sequence(let elements): elements.contains(where: \.holdsTags)
        case .mapping(let entries): entries.contains { $0.value.holdsTags }
        }
    }
}
