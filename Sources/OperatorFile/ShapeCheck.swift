internal import Model
internal import YAMLTree

/// Compares a tree with the shape that it should have and gathers what differs.
struct ShapeCheck {
    private(set) var findings: [Diagnostic] = []

    /// Checks `node`, which stands at `path`.
    mutating func check(_ node: Node, _ shape: Shape, at path: FieldPath = FieldPath()) {
        switch shape {
        case .value(let format): checkValue(node, format, at: path)
        case .list(let element): checkList(node, element, at: path)
        case .valueOrList(let format):
            if node.elements == nil {
                checkValue(node, format, at: path)
            } else {
                checkList(node, .value(format), at: path)
            }
        case .mapping(let keys): checkMapping(node, keys, at: path)
        case .named(let value): checkNamed(node, value, at: path)
        }
    }

    private mutating func checkValue(_ node: Node, _ format: Format, at path: FieldPath) {
        guard let text = node.text, !node.isNull else {
            let needed = "needs a value (\(format.title))"
            return refuse(node, path, "wrong-type", needed, fix: format.fix)
        }
        guard let problem = format.problem(with: text) else { return }
        // A URL may hold a password.
        let shown = format == .url || format == .proxy ? "the URL" : "\"\(text)\""
        refuse(node, path, "invalid-value", "\(shown) \(problem)", isSentence: true)
    }

    private mutating func checkList(_ node: Node, _ element: Shape, at path: FieldPath) {
        guard let elements = node.elements else {
            let fix = "write a list, as [a, b], or each entry on a line of its own after \"- \""
            return refuse(node, path, "wrong-type", "needs a list, not \(node.kind)", fix: fix)
        }
        for (index, node) in elements.enumerated() { check(node, element, at: path[index]) }
    }

    private mutating func checkMapping(_ node: Node, _ keys: [Shape.Key], at path: FieldPath) {
        guard let entries = node.entries else {
            let fix = "write keys and values below it; there are \(keys.list)"
            return refuse(node, path, "wrong-type", "needs a mapping, not \(node.kind)", fix: fix)
        }
        for entry in entries where !(path.components.isEmpty && entry.key.hasPrefix("x-")) {
            guard let key = keys.first(where: { $0.name == entry.key }) else {
                findings.append(
                    Diagnostic(
                        code: "unknown-key",
                        "\(place(path)) has no key \"\(entry.key)\""
                            + Suggestion.question(entry.key, keys.map(\.name)),
                        at: entry.location,
                        field: path / entry.key,
                        fix: "remove it, or write one of \(keys.list)"
                    )
                )
                continue
            }
            check(entry.value, key.shape, at: path / entry.key)
        }
        for key in keys where key.isRequired && node[key.name] == nil {
            let fix = "add it; it takes: \(key.shape.title)"
            refuse(node, path, "missing-key", "needs the key \"\(key.name)\"", fix: fix)
        }
    }

    private mutating func checkNamed(_ node: Node, _ value: Shape, at path: FieldPath) {
        guard let entries = node.entries else {
            let fix =
                "write names of your choice below it, each followed by a colon and what it has"
            return refuse(node, path, "wrong-type", "needs a mapping, not \(node.kind)", fix: fix)
        }
        for entry in entries {
            if let problem = Format.name.problem(with: entry.key) {
                findings.append(
                    Diagnostic(
                        code: "invalid-name",
                        "\"\(entry.key)\" \(problem)",
                        at: entry.location,
                        field: path / entry.key
                    )
                )
            }
            check(entry.value, value, at: path / entry.key)
        }
    }

    private mutating func refuse(
        _ node: Node,
        _ path: FieldPath,
        _ code: String,
        _ message: String,
        isSentence: Bool = false,
        fix: String? = nil
    ) {
        let message = isSentence ? message : "\(place(path)) \(message)"
        findings.append(Diagnostic(code: code, message, at: node.location, field: path, fix: fix))
    }

    private func place(_ path: FieldPath) -> String {
        path.components.isEmpty ? "the file" : "\"\(path)\""
    }
}

extension [Shape.Key] {
    /// Their names, for somebody who looks for the right one.
    fileprivate var list: String { map(\.name).sorted().joined(separator: ", ") }
}

extension Format {
    /// What to write where something else than one value stands.
    fileprivate var fix: String {
        "write one \(title)" + (example.map { ", such as \($0)" } ?? "") + ", after the colon"
    }

    private var example: String? {
        switch self {
        case .absolutePath, .path: "/srv/data"
        case .engine: "unix:///var/run/docker.sock"
        case .url: "https://git.example.org/shop.git"
        case .duration: "90s"
        case .durationOrNever: "336h"
        case .size: "512m"
        case .boolean: "true"
        case .registry: "registry.example.org/team"
        case .registryHost, .host: "registry.example.org"
        case .labelPrefix: "org.example."
        case .nodeLabel: "tier=web"
        case .versions: "^1.2"
        case .folders: "teams/*/deploy"
        case .proxy: "http://proxy.example.org:3128"
        case .date: "2027-01-31"
        case .agent: "https://opa.example.org:8181"
        case .agentRule: "gyre/verdict"
        case .pages: "https://example.org/gyre/docs/"
        case .subnet: "172.28.0.0/16"
        case .count(let range): "\(range.lowerBound)"
        case .numbers(let range): "\(range.lowerBound)-\(range.upperBound)"
        case .fileBeside: "compose.prod.yaml"
        case .name, .composeName, .branch, .folder, .capability, .user, .variable, .ruleID, .prefix,
            .words,
            .sysctl, .author, .choice:
            nil
        }
    }
}
