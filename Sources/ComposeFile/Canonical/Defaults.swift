internal import Model
internal import YAMLTree

/// Fills in what the files leave out and what was written in an older way.
///
/// Source: compose-go's `transform.SetDefaultValues` and `transformMaybeExternal`.
struct Defaults {
    private let loading: Loading

    init(_ loading: Loading) { self.loading = loading }

    func apply(_ model: Node) -> Node {
        Value(model, at: FieldPath(), in: loading).eachMember { part in
            switch part.name {
            case "services", "jobs": part.eachMember(workload)
            case "networks", "volumes", "secrets", "configs": part.eachMember(declaration)
            default: part.node
            }
        }
    }

    private func workload(_ service: Value) -> Node {
        service.eachMember { attribute in
            switch attribute.name {
            case "ports": return attribute.eachElement(port)
            case "secrets": return attribute.eachElement(secret)
            case "build":
                guard attribute.isMapping, attribute.node["context"] == nil else {
                    return attribute.node
                }
                return attribute.adding("context", .text("."))
            default: return attribute.node
            }
        }
    }

    private func port(_ port: Value) -> Node {
        guard port.isMapping else { return port.node }
        var node = port.node
        for (name, standard) in [("mode", "ingress"), ("protocol", "tcp")] where node[name] == nil {
            var filled = port.node(.text(standard))
            filled.marks.insert(.filled)
            node = node.setting(name, to: filled)
        }
        return node
    }

    private func secret(_ secret: Value) -> Node {
        guard secret.isMapping, secret.node["target"] == nil,
            let source = secret.node["source"]?.string
        else { return secret.node }
        return secret.adding("target", .text("/run/secrets/\(source)"))
    }

    /// `external: {name: x}` as `external: true` and `name: x`.
    private func declaration(_ value: Value) -> Node {
        guard let external = value["external"], external.isMapping else { return value.node }
        var node = value.node.setting("external", to: external.node(.boolean(true)))
        guard let name = external["name"] else { return node }
        external.warn(
            "obsolete-external-name",
            "is an old way to name it",
            fix: "write external: true and name: beside it"
        )
        if let own = value["name"], own.node.text != name.node.text {
            name.fail(
                "conflicting-values",
                "and \(value.path).name say different things",
                fix: "write name: alone"
            )
        }
        node = node.setting("name", to: name.node, at: name.keyLocation)
        return node
    }
}

extension Value {
    /// A list with each element replaced.
    func eachElement(_ change: (Value) -> Node) -> Node {
        guard let elements = node.elements else { return node }
        var copy = node
        copy.content = .sequence(
            elements.enumerated().map {
                change(Value($0.element, at: path[$0.offset], in: loading))
            }
        )
        return copy
    }
}
