internal import Model
internal import YAMLTree

/// New nodes at the place of a value, for the long and final forms of what was written.
extension Value {
    /// A scalar of a type.
    enum Leaf {
        case text(String)
        case integer(Int)
        case float(Float)
        case boolean(Bool)
        case null
    }

    func node(_ leaf: Leaf) -> Node { Node(leaf, like: node) }

    func list(_ elements: [Leaf]) -> Node { list(elements.map { node($0) }) }

    func list(_ elements: [Node]) -> Node {
        Node(.sequence(elements), location: node.location, marks: node.marks)
    }

    var emptyMapping: Node { mapping([(String, Node)]()) }

    func mapping(_ entries: [(String, Leaf)]) -> Node {
        mapping(entries.map { ($0.0, node($0.1)) })
    }

    func mapping(_ entries: [(String, Node)]) -> Node {
        let entries = entries.map { Node.Entry(key: $0.0, location: location, value: $0.1) }
        return Node(.mapping(entries), location: node.location, marks: node.marks)
    }

    /// A mapping in which this value is the only member.
    func asMember(_ key: String) -> Node { mapping([(key, node)]) }

    /// A list of texts as a mapping of each to what `make` makes of its place.
    func named(_ make: (Value) -> Node) -> Node {
        var seen: Set<String> = []
        let entries = (elements ?? []).compactMap { element -> Node.Entry? in
            guard let name = element.node.text, seen.insert(name).inserted else { return nil }
            let place = element.node.location
            return Node.Entry(key: name, location: place, value: make(element))
        }
        return Node(.mapping(entries), location: node.location)
    }

    /// A mapping with each value replaced.
    func eachMember(_ change: (Value) -> Node) -> Node {
        guard let entries = node.entries else { return node }
        var copy = node
        copy.content = .mapping(
            entries.map { entry in
                var entry = entry
                entry.value = change(
                    Value(entry.value, at: path / entry.key, key: entry.location, in: loading)
                )
                return entry
            }
        )
        return copy
    }

    /// A mapping with one more member.
    func adding(_ key: String, _ leaf: Leaf) -> Node {
        node.setting(key, to: node(leaf), at: location)
    }

    /// A list without empty texts.
    var withoutEmpty: Node {
        guard let elements = node.elements else { return node }
        return list(elements.filter { $0.string?.isEmpty != true })
    }
}

extension Node {
    /// A scalar at the place of `other`.
    init(_ leaf: Value.Leaf, like other: Node) {
        let content: Content =
            switch leaf {
            case .text(let text): .scalar(text: text, style: .quoted)
            case .integer(let value): .scalar(text: String(value), style: .plain)
            case .float(let value): .scalar(text: value.description, style: .plain)
            case .boolean(let value): .scalar(text: value ? "true" : "false", style: .plain)
            case .null: .scalar(text: "null", style: .plain)
            }
        self.init(content, location: other.location, marks: other.marks)
    }

    /// A mapping in which `key` has a value that nobody wrote, if it has none.
    func defaulting(_ key: String, to leaf: Value.Leaf) -> Node {
        guard entries != nil, self[key] == nil else { return self }
        var filled = Node(leaf, like: self)
        filled.marks.insert(.filled)
        return setting(key, to: filled)
    }

    /// A mapping in which `key` has a new value, in its place or at the end; nil removes it.
    func setting(_ key: String, to value: Node?, at place: SourceLocation? = nil) -> Node {
        var entries = self.entries ?? []
        let index = entries.firstIndex { $0.key == key }
        switch (index, value) {
        case (let index?, let value?): entries[index].value = value
        case (let index?, nil): entries.remove(at: index)
        case (nil, let value?):
            entries.append(Entry(key: key, location: place ?? location, value: value))
        case (nil, nil): break
        }
        var copy = self
        copy.content = .mapping(entries)
        return copy
    }
}
