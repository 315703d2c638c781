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
            case "volumes": return attribute.eachElement(mount)
            case "gpus": return attribute.eachElement(\.countedDevices)
            case "deploy": return deploy(attribute)
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
        port.node.defaulting("mode", to: .text("ingress"))
            .defaulting("protocol", to: .text("tcp"))
    }

    private func mount(_ mount: Value) -> Node {
        guard let bind = mount["bind"], bind.isMapping else { return mount.node }
        let filled = bind.node.defaulting("create_host_path", to: .boolean(true))
        return mount.node.setting("bind", to: filled)
    }

    private func deploy(_ deploy: Value) -> Node {
        guard let resources = deploy["resources"], let held = resources["reservations"],
            let devices = held["devices"]
        else { return deploy.node }
        let counted = devices.eachElement(\.countedDevices)
        let filled = resources.node.setting(
            "reservations",
            to: held.node.setting("devices", to: counted)
        )
        return deploy.node.setting("resources", to: filled)
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
    /// A device request that says how many; all, when it names none.
    fileprivate var countedDevices: Node {
        node["device_ids"] == nil ? node.defaulting("count", to: .text("all")) : node
    }

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
