internal import Model

/// One of `deploy.placement.constraints`, such as `node.labels.tier==web`.
///
/// Source: swarmkit's package `constraint`: values are compared whatever the case of their letters,
/// and a label that isn't there is empty. One engine has no labels but its own, so they are what
/// both `node.labels.` and `engine.labels.` mean; and it has no role.
struct PlacementConstraint {
    private let key: String
    private let value: String
    private let isEqual: Bool

    init?(_ text: String) {
        let isEqual = text.contains("==")
        let parts = text.split(separator: isEqual ? "==" : "!=", omittingEmptySubsequences: false)
            .map { PlacementConstraint.trimmed(String($0)) }
        guard parts.count == 2, !parts.contains("") else { return nil }
        key = parts[0]
        value = parts[1]
        self.isEqual = isEqual
        guard known != nil else { return nil }
    }

    /// Why `node` isn't one that it asks for; nil when it is.
    ///
    /// What the operator wrote on the node is not told: a tenant may ask for a value, and not read
    /// one.
    func objection(on node: NodeFacts) -> String? {
        guard let known else { return "\(key) means nothing" }
        let found = known(node)
        guard (found.lowercased() == value.lowercased()) != isEqual else { return nil }
        let isTold = !isEqual || key.lowercased().hasPrefix("node.platform.")
        let what =
            found.isEmpty
            ? "it has no \(key)" : "its \(key) is \(isTold ? found : "another")"
        return "\(what), and \(isEqual ? "" : "not ")\(value) is wanted"
    }

    /// What of a node the key means; nil for a key that means nothing.
    private var known: ((NodeFacts) -> String)? {
        let folded = key.lowercased()
        for prefix in ["node.labels.", "engine.labels."]
        where folded.hasPrefix(prefix) && folded.utf8.count > prefix.utf8.count {
            let label = String(key.dropFirst(prefix.count))
            return { $0.labels[label] ?? "" }
        }
        switch folded {
        case "node.id": return { $0.id }
        case "node.hostname": return { $0.name }
        case "node.role": return { _ in "" }
        case "node.platform.os": return { $0.os }
        case "node.platform.arch": return { $0.architecture }
        default: return nil
        }
    }

    private static func trimmed(_ text: String) -> String {
        let head = text.drop(while: \.isWhitespace)
        return String(head.reversed().drop(while: \.isWhitespace).reversed())
    }
}
