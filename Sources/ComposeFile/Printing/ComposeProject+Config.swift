package import Model
internal import YAMLTree

extension ComposeProject {
    /// The model as `docker compose config --format json` prints it.
    package var config: JSON { printed(.json).withDoubledDollars.json }

    /// The text of `docker compose config --format json`.
    package var configText: String { GoJSON.pretty(printed(.json).withDoubledDollars) }

    /// The text of `docker compose config`.
    package var configYAML: String { YAMLDocument.text(printed(.yaml).withDoubledDollars) }

    /// Source: Docker Compose 5.6, which prints models in YAML alone.
    func printed(_ form: Printed.Form) -> Printed {
        let empty = Node(.mapping([]), location: model.location)
        var members: [(key: String, value: Printed)] = []
        if !name.isEmpty || form == .json { members.append(("name", .text(name))) }
        for part in Record.file.attributes where part.name != "name" {
            guard part.name != "models" || form == .yaml else { continue }
            let isServices = part.name == "services"
            guard let node = model[part.name] ?? (isServices ? empty : nil) else { continue }
            guard isServices || !node.isEmpty else { continue }
            members.append((part.name, Printed(node, part.kind, form)))
        }
        let extensions = (model.entries ?? []).filter { $0.key.hasPrefix("x-") }
        for entry in extensions.sorted(by: { $0.key < $1.key }) {
            members.append((entry.key, Printed(entry.value, nil, form)))
        }
        // Source: compose-go's `Project.MarshalJSON`, whose parts are a map.
        if form == .json { members.sort { $0.key < $1.key } }
        return .mapping(members)
    }
}
