internal import Model
internal import YAMLTree

/// Gives variables that a service names without a value the project's own.
///
/// Source: compose-go's `ResolveEnvironment`; with the variables of the file that names them.
struct VariableResolver {
    private let scope: Scope
    /// Whether a variable with an empty value gets the project's too, as docker/cli has it.
    private let takesEmpty: Bool

    init(_ scope: Scope, takesEmpty: Bool) {
        self.scope = scope
        self.takesEmpty = takesEmpty
    }

    func resolve(_ model: Node) -> Node {
        var model = model
        for part in ["services", "jobs"] {
            guard let table = model[part], let entries = table.entries else { continue }
            var copy = table
            copy.content = .mapping(
                entries.map { entry in
                    guard let environment = entry.value["environment"] else { return entry }
                    var entry = entry
                    entry.value = entry.value.setting("environment", to: resolved(environment))
                    return entry
                }
            )
            model = model.setting(part, to: copy)
        }
        return model
    }

    private func resolved(_ environment: Node) -> Node {
        var node = environment
        switch environment.content {
        case .mapping(let entries):
            node.content = .mapping(
                entries.map { entry in
                    guard entry.value.isNull || takesEmpty && entry.value.string == "",
                        let value = scope.variable(entry.key)
                    else {
                        return entry
                    }
                    var entry = entry
                    entry.value = made(value, like: entry.value)
                    return entry
                }
            )
        case .sequence(let elements):
            node.content = .sequence(
                elements.map { element in
                    guard var name = element.string else { return element }
                    let bare = String(name.dropLast())
                    if takesEmpty, name.hasSuffix("="), !bare.contains("=") { name = bare }
                    guard !name.contains("="), let value = scope.variable(name) else {
                        return element
                    }
                    return made("\(name)=\(value)", like: element)
                }
            )
        case .scalar: break
        }
        return node
    }

    private func made(_ text: String, like node: Node) -> Node {
        var result = Node(.text(text), like: node)
        result.marks.insert(.expanded)
        return result
    }
}
