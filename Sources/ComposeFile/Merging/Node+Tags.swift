internal import YAMLTree

extension Node {
    /// The tree without what `!reset` takes away, and without tags that have done their work.
    var withoutTags: Node? { holdsTags ? stripped : self }

    private var holdsTags: Bool {
        if isReset || isOverride { return true }
        return switch content {
        case .scalar: false
        case .sequence(let elements): elements.contains(where: \.holdsTags)
        case .mapping(let entries): entries.contains { $0.value.holdsTags }
        }
    }

    private var stripped: Node? {
        guard !isReset else { return nil }
        var node = self
        if isOverride { node.tag = nil }
        switch content {
        case .scalar: return node
        case .sequence(let elements): node.content = .sequence(elements.compactMap(\.stripped))
        case .mapping(let entries):
            node.content = .mapping(
                entries.compactMap { entry in
                    guard let value = entry.value.stripped else { return nil }
                    var entry = entry
                    entry.value = value
                    return entry
                }
            )
        }
        return node
    }

    /// The tree with every list that has identities collapsed by them.
    func unique(_ kind: Kind?) -> Node {
        guard let kind else { return self }
        var node = self
        switch content {
        case .scalar: break
        case .sequence(var elements):
            guard let list = kind.list else { break }
            if let identity = list.identity { elements = identity.collapse(elements) }
            if list.element.mapping != nil { elements = elements.map { $0.unique(list.element) } }
            node.content = .sequence(elements)
        case .mapping(let entries):
            node.content = .mapping(
                entries.map { entry in
                    guard case .scalar = entry.value.content else {
                        var entry = entry
                        entry.value = entry.value.unique(kind.member(entry.key))
                        return entry
                    }
                    return entry
                }
            )
        }
        return node
    }
}
