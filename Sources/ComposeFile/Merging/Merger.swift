internal import Model
internal import YAMLTree

/// Puts the values of a later file, or of a service that extends another, over earlier ones.
///
/// Source: compose-go's `override.Merge`. What is null or empty on the right leaves what is on
/// the left; only what ``Removals`` took away before is gone.
struct Merger {
    let loading: Loading
    /// The folder that paths start from that nobody has resolved yet.
    var directory: String?

    /// `later` over `earlier`.
    func merge(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node {
        switch kind?.merging ?? .deep {
        case .replace: return later.node
        case .deep: return deep(earlier, later, kind)
        case .members:
            guard earlier.entries != nil, later.isMapping else { return later.node }
            return mappings(earlier, later, kind)
        case .logging: return logging(earlier, later, kind)
        case .mapping(let name):
            guard let left = earlier.asMapping(of: name), let right = later.node.asMapping(of: name)
            else { return deep(earlier, later, kind) }
            return mappings(left, later.with(right), kind)
        case .names(let meaning):
            guard let left = earlier.asNames(meaning) else { return deep(earlier, later, kind) }
            guard let right = later.node.asNames(meaning) else { return refuse(earlier, later) }
            return mappings(left, later.with(right), kind)
        case .sequence: return sequences(earlier, later)
        case .hosts: return sequences(earlier, later) { $0.json }
        case .files: return sequences(earlier, later) { file($0) }
        case .pools: return pools(earlier, later, kind)
        }
    }

    private func deep(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node {
        if later.isNull { return earlier }
        switch (earlier.content, later.node.content) {
        case (.mapping, .mapping): return mappings(earlier, later, kind)
        case (.sequence(let left), .sequence(let right)):
            return append(left, right, to: earlier) { $0.json }
        case (.scalar, _): return later.node
        default: return refuse(earlier, later)
        }
    }

    /// Merges two mappings key by key.
    func mappings(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node {
        guard var entries = earlier.entries, let additions = later.node.entries else {
            return later.node
        }
        var places = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.key, $0) })
        for addition in additions {
            guard let place = places[addition.key] else {
                places[addition.key] = entries.count
                entries.append(addition)
                continue
            }
            let value = Value(
                addition.value,
                at: later.path / addition.key,
                key: addition.location,
                in: loading
            )
            entries[place].value = merge(entries[place].value, value, kind?.member(addition.key))
            if !addition.value.isNull { entries[place].location = addition.location }
        }
        var result = earlier
        result.content = .mapping(entries)
        return result
    }

    private func logging(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node {
        guard earlier.entries != nil, later.isMapping else { return later.node }
        let drivers = [earlier["driver"]?.text, later.node["driver"]?.text]
        let areSame = drivers.contains(nil) || drivers[0] == drivers[1]
        return areSame ? mappings(earlier, later, kind) : later.node
    }

    private func sequences(
        _ earlier: Node,
        _ later: Value,
        skippingEqual identity: ((Node) -> JSON)? = nil
    ) -> Node {
        let left = earlier.asSequence(separator: "=")
        let right = later.node.asSequence(separator: "=")
        if earlier.isNull { return later.node }
        return append(left, right, to: earlier, skippingEqual: identity)
    }

    private func append(
        _ left: [Node],
        _ right: [Node],
        to earlier: Node,
        skippingEqual identity: ((Node) -> JSON)?
    ) -> Node {
        var added = right
        if let identity {
            var known = Set(left.map(identity))
            added = right.filter { known.insert(identity($0)).inserted }
        }
        var result = earlier
        result.content = .sequence(left + added)
        return result
    }

    /// What a path that may be resolved already names.
    private func file(_ node: Node) -> JSON {
        guard let directory, let path = node.string, !node.marks.contains(.rooted) else {
            return node.json
        }
        return .string(CleanPath.joined(directory, path))
    }

    /// Ranges of addresses: each later one takes the place of all earlier ones.
    ///
    /// Source: compose-go's `mergeIPAMConfig`, with its order and with the earlier ranges that it
    /// changes on its way: one of another subnet lends the last later one what that leaves out.
    private func pools(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node {
        guard let left = earlier.elements, let right = later.elements,
            loading.look(left.count * right.count * (left.count + right.count), at: later.location)
        else { return earlier }
        guard !left.isEmpty, !right.isEmpty else {
            later.fail(
                "cannot-override",
                "can't be merged with an empty list",
                fix: "remove the empty list"
            )
            return earlier
        }
        var ranges = left + right.map(\.node)
        /// Those of `ranges` that stay.
        var result: [Int] = []
        func subnet(_ range: Int) -> String? { ranges[range]["subnet"]?.text }
        for base in left.indices {
            for (offset, element) in right.enumerated() {
                let over = left.count + offset
                let isKnown = result.contains { subnet($0) == subnet(over) }
                if subnet(over) != subnet(base), !isKnown {
                    result.append(over)
                    continue
                }
                ranges[base] = mappings(ranges[base], element, kind?.element)
                if let place = result.firstIndex(where: { subnet($0) == subnet(base) }) {
                    result[place] = base
                } else {
                    result.append(base)
                }
            }
        }
        var node = earlier
        node.content = .sequence(result.map { ranges[$0] })
        return node
    }

    private func refuse(_ earlier: Node, _ later: Value) -> Node {
        if later.isNull { return earlier }
        later.fail(
            "cannot-override",
            "is \(later.node.kind), which can't be merged over \(earlier.kind) at "
                + "\(earlier.location)",
            fix: "write it as \(earlier.kind)"
        )
        return earlier
    }
}

extension Value {
    fileprivate func with(_ node: Node) -> Value {
        Value(node, at: path, key: keyLocation, in: loading)
    }
}

extension Node {
    fileprivate func asMapping(of name: String) -> Node? {
        switch content {
        case .mapping: return self
        case .scalar:
            guard string != nil else { return nil }
            return Node(
                .mapping([Entry(key: name, location: location, value: self)]),
                location: location
            )
        case .sequence: return nil
        }
    }

    /// A list of names, or one name, as a mapping of each to `meaning`.
    fileprivate func asNames(_ meaning: JSON) -> Node? {
        switch content {
        case .mapping: return self
        case .scalar:
            guard let string else { return nil }
            let entry = Entry(key: string, location: location, value: Node(meaning, at: location))
            return Node(.mapping([entry]), location: location)
        case .sequence(let elements):
            var seen: Set<String> = []
            let entries = elements.compactMap { element -> Entry? in
                guard let name = element.text, seen.insert(name).inserted else { return nil }
                return Entry(
                    key: name,
                    location: element.location,
                    value: Node(meaning, at: element.location)
                )
            }
            return Node(.mapping(entries), location: location)
        }
    }

    /// The elements of a list, the members of a mapping as `name=text` sorted, or the one text.
    func asSequence(separator: String) -> [Node] {
        switch content {
        case .sequence(let elements): return elements
        case .scalar: return string == nil ? [] : [self]
        case .mapping(let entries):
            return entries.flatMap { entry -> [(String, Node)] in
                if entry.value.isNull { return [(entry.key, entry.value)] }
                return (entry.value.elements ?? [entry.value]).map { value in
                    let text = value.scalar.flatMap { GoText.of($0, node: value) } ?? ""
                    return ("\(entry.key)\(separator)\(text)", value)
                }
            }
            .sorted { $0.0.utf8.lexicographicallyPrecedes($1.0.utf8) }
            .map { Node(.text($0.0), like: $0.1) }
        }
    }

    /// A small value at one place.
    init(_ json: JSON, at place: SourceLocation) {
        switch json {
        case .object(let members):
            let entries = members.sorted { $0.key < $1.key }.map {
                Entry(key: $0.key, location: place, value: Node($0.value, at: place))
            }
            self.init(.mapping(entries), location: place)
        case .bool(let value):
            self.init(.scalar(text: value ? "true" : "false", style: .plain), location: place)
        case .string(let text): self.init(.scalar(text: text, style: .quoted), location: place)
        default: self.init(.scalar(text: "null", style: .plain), location: place)
        }
    }
}
