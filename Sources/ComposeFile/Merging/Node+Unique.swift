internal import YAMLTree

extension Node {
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
