package import Model
internal import YAMLTree

extension ComposeProject {
    /// The model as `docker compose config --format json` prints it.
    package var config: JSON { shown(.json).json }

    /// The same as ``configYAML`` has it: with the extensions of services, which JSON leaves out.
    package var configAsYAML: JSON { shown(.yaml).json }

    /// The text of `docker compose config --format json`.
    package var configText: String { GoJSON.pretty(shown(.json)) }

    /// The text of `docker compose config`.
    ///
    /// Source: Docker Compose doubles dollars when the lines are folded already.
    package var configYAML: String {
        guard isInterpolated else { return YAMLDocument.text(asWritten(.yaml)) }
        return YAMLDocument.text(printed(.yaml)).withDoubledDollars
    }

    /// What can be read again to the same: dollars are doubled where variables were replaced.
    private func shown(_ form: Printed.Form) -> Printed {
        isInterpolated ? printed(form).withDoubledDollars : asWritten(form)
    }

    /// Source: Docker Compose's `runConfigNoInterpolate`, which prints maps and no types.
    private func asWritten(_ form: Printed.Form) -> Printed {
        let entries = (model.entries ?? [])
            .map { (key: $0.key, value: Printed($0.value, nil, form)) }
        return .mapping(entries.sorted { form.isBefore($0.key, $1.key) })
    }

    /// Source: Docker Compose 5.6, which prints models in YAML alone.
    func printed(_ form: Printed.Form) -> Printed {
        let empty = Node(.mapping([]), location: model.location)
        var members: [(key: String, value: Printed)] = []
        if !name.isEmpty || form == .json { members.append(("name", .text(name))) }
        for part in Record.file.attributes where part.name != "name" {
            guard part.name != "models" || form == .yaml else { continue }
            let isServices = part.name == "services"
            guard var node = model[part.name] ?? (isServices ? empty : nil) else { continue }
            node = node.withoutNullMembers
            guard isServices || !node.isEmpty else { continue }
            let printed = Printed(node, part.kind, form)
            let isNamed = part.name == "jobs" && form == .yaml
            members.append((part.name, isNamed ? printed.named : printed))
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

extension Node {
    /// A mapping in which each null is an empty mapping.
    fileprivate var withoutNullMembers: Node {
        guard var entries else { return self }
        for index in entries.indices where entries[index].value.isNull {
            entries[index].value.content = .mapping([])
        }
        var node = self
        node.content = .mapping(entries)
        return node
    }
}
