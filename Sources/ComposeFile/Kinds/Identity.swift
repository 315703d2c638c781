internal import Model
internal import YAMLTree

/// What makes two elements of a list one thing, of which the later wins.
///
/// Source: compose-go's `EnforceUnicity`.
enum Identity: Sendable {
    /// What stands before the first `=`.
    case name
    case whole
    /// The address and port of the node, the container's port and the protocol.
    case port
    /// The path in the container as it is written.
    case target
    /// The path of a file of variables.
    case path
    /// The path in the container of a config or secret.
    case file(below: String)

    /// The identity of an element, of a short form its text; nil for one that is always kept.
    func of(_ node: Node) -> String? {
        switch self {
        case .name:
            return node.string?.split(
                separator: "=",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            .first.map(String.init)
        case .whole: return node.text
        case .port:
            guard let target = node["target"]?.text else { return node.text }
            let address = node["host_ip"]?.text ?? "0.0.0.0"
            let transport = node["protocol"]?.text ?? "tcp"
            return "\(address):\(published(by: node)):\(target)/\(transport)"
        case .target:
            return node["target"]?.text ?? node["source"]?.text ?? node.text
        case .path: return node["path"]?.text ?? node.string
        case .file(let folder):
            let source = node["source"]?.text ?? node.string
            return node["target"]?.text ?? source.map { "\(folder)/\($0)" }
        }
    }

    /// The port of the node, which is another as a number, as text and when it isn't given.
    ///
    /// Source: compose-go's `portIndexer`, which prints it as a text whatever it is.
    private func published(by port: Node) -> String {
        guard let published = port["published"] else { return "none" }
        if case .int(let number) = published.scalar { return "number \(number)" }
        return published.text ?? ""
    }

    /// `list` with the later of two equal elements in the place of the earlier.
    func collapse(_ list: [Node]) -> [Node] {
        var places: [String: Int] = [:]
        var result: [Node] = []
        for element in list {
            guard let identity = of(element) else {
                result.append(element)
                continue
            }
            if let place = places[identity] {
                result[place] = element
            } else {
                places[identity] = result.count
                result.append(element)
            }
        }
        return result
    }
}

extension Node {
    /// The text of a scalar that is a string.
    var string: String? {
        if case .string(let text) = scalar { text } else { nil }
    }
}
