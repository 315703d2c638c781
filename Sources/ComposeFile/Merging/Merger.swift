internal import Model
internal import YAMLTree

/// Puts the values of a later file, or of a service that extends another, over earlier ones.
///
/// Source: compose-go's `override.Merge`. What is null or empty on the right leaves what is on
/// the left; only `!reset` and `!override` take something away.
struct Merger {
    let loading: Loading

    /// `later` over `earlier`; nil when a reset leaves nothing.
    func merge(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node? {
        if later.node.isReset || later.node.isOverride { return later.node }
        if earlier.isReset || earlier.isOverride { return carry(earlier, later, kind) }
        switch kind?.merging ?? .deep {
        case .replace: return later.node
        case .deep: return deep(earlier, later, kind)
        case .whole: return later.isNull ? earlier : later.node
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
        case .hosts: return sequences(earlier, later, skippingEqual: true)
        case .list(let name): return lists(earlier, later, by: name, kind)
        }
    }

    /// A tag that earlier files must still see stays on what is merged over it.
    private func carry(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node? {
        var plain = earlier
        let tag = plain.tag
        plain.tag = nil
        var merged = earlier.isReset ? later.node : merge(plain, later, kind)
        merged?.tag = earlier.isReset ? "!override" : tag
        return merged
    }

    private func deep(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node? {
        if later.isNull { return earlier }
        switch (earlier.content, later.node.content) {
        case (.mapping, .mapping): return mappings(earlier, later, kind)
        case (.sequence(let left), .sequence(let right)):
            return append(left, right, to: earlier, isSet: true)
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
            if let merged = merge(entries[place].value, value, kind?.member(addition.key)) {
                entries[place].value = merged
                if !addition.value.isNull { entries[place].location = addition.location }
            }
        }
        var result = earlier
        result.content = .mapping(entries)
        return result
    }

    private func logging(_ earlier: Node, _ later: Value, _ kind: Kind?) -> Node? {
        guard earlier.entries != nil, later.isMapping else { return later.node }
        let drivers = [earlier["driver"]?.text, later.node["driver"]?.text]
        let areSame = drivers.contains(nil) || drivers[0] == drivers[1]
        return areSame ? mappings(earlier, later, kind) : later.node
    }

    private func sequences(_ earlier: Node, _ later: Value, skippingEqual: Bool = false) -> Node? {
        let left = earlier.asSequence(separator: "=")
        let right = later.node.asSequence(separator: "=")
        if earlier.isNull { return later.node }
        return append(left, right, to: earlier, isSet: skippingEqual)
    }

    private func append(_ left: [Node], _ right: [Node], to earlier: Node, isSet: Bool) -> Node {
        var added = right
        if isSet {
            var known = Set(left.map(\.json))
            added = right.filter { known.insert($0.json).inserted }
        }
        var result = earlier
        result.content = .sequence(left + added)
        return result
    }

    /// Lists of mappings, those of one name merged.
    private func lists(_ earlier: Node, _ later: Value, by name: String, _ kind: Kind?) -> Node? {
        guard let left = earlier.elements, let right = later.elements else {
            return deep(earlier, later, kind)
        }
        var result = left
        var places: [String: Int] = [:]
        for (place, element) in left.enumerated() {
            if let identity = element[name]?.text, places[identity] == nil {
                places[identity] = place
            }
        }
        for element in right {
            let identity = element.node[name]?.text
            if let identity, let place = places[identity] {
                result[place] = mappings(result[place], element, kind?.element)
            } else {
                if let identity { places[identity] = result.count }
                result.append(element.node)
            }
        }
        var node = earlier
        node.content = .sequence(result)
        return node
    }

    private func refuse(_ earlier: Node, _ later: Value) -> Node? {
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
