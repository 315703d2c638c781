internal import Model
internal import YAMLTree

/// Walks a tree and its kinds and rewrites each value.
enum Rewriting {
    /// The long forms of all short ones, from the outside in.
    static func lengthened(_ value: Value, _ kind: Kind) -> Node {
        guard !value.isUnresolved else { return value.node }
        let node = kind.long.map { $0(value) } ?? value.node
        return Value(node, at: value.path, key: value.keyLocation, in: value.loading)
            .descended(kind, lengthened)
    }

    /// The final forms of all values, from the inside out; what is left out is nil.
    static func settled(_ value: Value, _ kind: Kind) -> Node? {
        guard !value.isUnresolved else { return value.node }
        let node = value.descended(kind) { member, kind in
            settled(member, kind) ?? member.node(.null)
        }
        guard let settle = kind.settled else { return node }
        return settle(Value(node, at: value.path, key: value.keyLocation, in: value.loading))
    }

    /// Every value that is or holds a path, replaced.
    static func paths(
        _ value: Value,
        _ kind: Kind,
        _ change: (Value, PathRule) -> Node
    ) -> Node {
        guard !value.isUnresolved else { return value.node }
        if let rule = kind.path { return change(value, rule) }
        return value.descended(kind) { paths($0, $1, change) }
    }
}

extension Node {
    /// Whether it is the empty text, zero, `false`, or holds nothing.
    var isEmpty: Bool {
        switch content {
        case .sequence(let elements): return elements.isEmpty
        case .mapping(let entries): return entries.isEmpty
        case .scalar: break
        }
        switch scalar {
        case .null, .bool(false), .int(0), .string(""), nil: return true
        case .double(let value): return value == 0
        default: return false
        }
    }
}

extension Value {
    /// The value with each element or known member rewritten.
    fileprivate func descended(_ kind: Kind, _ rewrite: (Value, Kind) -> Node) -> Node {
        switch node.content {
        case .scalar: return node
        case .sequence(let elements):
            guard let element = kind.element, element.isRewritten else { return node }
            var copy = node
            copy.content = .sequence(
                elements.enumerated().map {
                    rewrite(Value($0.element, at: path[$0.offset], in: loading), element)
                }
            )
            return copy
        case .mapping:
            return eachMember { member in
                kind.member(member.name).map { rewrite(member, $0) } ?? member.node
            }
        }
    }
}

extension Kind {
    /// Whether any stage looks inside it.
    fileprivate var isRewritten: Bool {
        path != nil || long != nil || settled != nil || list != nil || mapping != nil
    }
}
