internal import Model
internal import Reconciliation

extension OrphanedStack {
    /// What is left of it, and the two ways out.
    func lines(_ style: Style) -> [String] {
        let head = style(.yellow, "orphaned: ")
        let project = stack.project
        var lines = [
            "\(head)\(style(.bold, "\(stack)")) is left on the engine, and no project \(project) "
                + "is in gyre.yaml: nothing of it is changed or repaired"
        ]
        for object in objects {
            let id = object.kind == .volume ? "" : " \(style(.dim, String(object.id.prefix(12))))"
            lines.append("  \(object.kind.rawValue) \(object.name)\(id)")
        }
        lines.append(
            "  → put project \(project) back into gyre.yaml; a stack that is then gone from"
        )
        lines.append("    its repository is removed with gyre confirm")
        lines.append("  → or take it away by hand: \(commands)")
        return lines
    }

    /// What a person would type; volumes are named apart, as they hold data.
    private var commands: String {
        let words: [(OwnedObject.Kind, String)] = [
            (.container, "docker rm -f"), (.network, "docker network rm"),
            (.volume, "and with its data docker volume rm"),
        ]
        let parts = words.compactMap { kind, command -> String? in
            let names = objects.filter { $0.kind == kind }.map(\.name)
            return names.isEmpty ? nil : "\(command) \(names.joined(separator: " "))"
        }
        return parts.joined(separator: "; ")
    }
}
