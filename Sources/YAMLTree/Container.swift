internal import Model

/// A sequence or mapping of which the end hasn't been read yet.
struct Container {
    let anchor: String?
    /// Nodes that had been counted before this one.
    let visited: Int
    /// The most levels in any of its values.
    var height = 0

    private let tag: String?
    private let location: SourceLocation
    private let isMapping: Bool
    private var elements: [Node] = []
    private var entries: [Node.Entry] = []
    /// What `<<` brought, earlier ones first.
    private var merged: [Node.Entry] = []
    /// The place of each key so far.
    private var keys: [String: SourceLocation] = [:]
    /// The key that waits for its value.
    private var key: Key?

    private enum Key {
        case string(String, SourceLocation)
        case merge
        /// Already reported; its value is dropped.
        case refused
    }

    init(_ event: Event, isMapping: Bool, visited: Int) {
        self.anchor = event.anchor
        self.tag = event.tag
        self.location = event.location
        self.isMapping = isMapping
        self.visited = visited
    }

    /// How many levels the next value adds: the mappings that `<<` takes melt into this one.
    func levels(of value: Node, height: Int) -> Int {
        guard case .merge = key else { return height }
        return max(0, height - (value.elements == nil ? 1 : 2))
    }

    /// Takes the next element, key or value; says what is wrong with it.
    mutating func add(_ node: Node, at place: SourceLocation) -> Diagnostic? {
        guard isMapping else {
            elements.append(node)
            return nil
        }
        switch key {
        case nil: return setKey(node, at: place)
        case .string(let name, let location):
            entries.append(Node.Entry(key: name, location: location, value: node))
        case .merge:
            key = nil
            return merge(node, at: place)
        case .refused: break
        }
        key = nil
        return nil
    }

    /// The finished node: own keys in their order, then what was merged and isn't among them.
    ///
    /// Source: compose-go, in which an own key under `!reset` takes away what earlier files say,
    /// and not what is merged here.
    var node: Node {
        // A copy has no room to spare, and a tree is mostly small arrays.
        guard isMapping else {
            return Node(.sequence(elements.map(\.self)), tag: tag, location: location)
        }
        guard !merged.isEmpty else {
            return Node(.mapping(entries.map(\.self)), tag: tag, location: location)
        }
        let resets = Set(entries.filter { $0.value.tag == "!reset" }.map(\.key))
        var seen = Set(entries.map(\.key)).subtracting(resets)
        var added = merged.filter { seen.insert($0.key).inserted }
        guard !resets.isEmpty else {
            return Node(.mapping(entries + added), tag: tag, location: location)
        }
        for index in added.indices where resets.contains(added[index].key) {
            added[index].value.tag = "!override"
        }
        let replaced = resets.intersection(added.map(\.key))
        let own = entries.filter { !replaced.contains($0.key) }
        return Node(.mapping(own + added), tag: tag, location: location)
    }

    private mutating func setKey(_ node: Node, at place: SourceLocation) -> Diagnostic? {
        key = .refused
        guard case .scalar(let text, let style) = node.content else {
            return Diagnostic(
                code: "yaml-key",
                "a key must be a string, not \(node.kind)",
                at: place
            )
        }
        let isMerge = text == "<<" && style == .plain
        guard node.scalar == .string(text) else {
            return Diagnostic(
                code: "yaml-key",
                "a key must be a string, not \(node.kind)",
                at: place,
                fix: "put the key in quotes: \"\(text)\""
            )
        }
        if let first = keys[text] {
            return Diagnostic(
                code: "yaml-duplicate-key",
                "the key \"\(text)\" stands here and in line \(first.line) of one mapping",
                at: place,
                fix: isMerge ? "merge both with one list: <<: [*a, *b]" : nil
            )
        }
        keys[text] = place
        key = isMerge ? .merge : .string(text, place)
        return nil
    }

    /// Source: the merge key of YAML 1.1; of a list, the earlier mapping wins.
    private mutating func merge(_ node: Node, at place: SourceLocation) -> Diagnostic? {
        let sources = node.elements ?? [node]
        for source in sources {
            guard let entries = source.entries else {
                return Diagnostic(
                    code: "yaml-merge",
                    "<< takes a mapping or a list of mappings, not \(source.kind)",
                    at: place
                )
            }
            merged += entries
        }
        return nil
    }
}
