internal import Model
internal import YAMLTree

/// Makes paths that start beside a file paths from the root of the tree.
///
/// Source: compose-go's `paths` package. A path of the tree is marked, so that no file can claim
/// to name one, and so that it is resolved once alone.
struct PathResolver {
    private let loading: Loading
    private let scope: Scope
    private let directory: String
    private let isActive: Bool

    init(_ loading: Loading, _ scope: Scope, _ directory: String, isActive: Bool) {
        self.loading = loading
        self.scope = scope
        self.directory = directory
        self.isActive = isActive
    }

    func resolve(_ model: Node) -> Node {
        resolve(Value(model, at: FieldPath(), in: loading), .model)
    }

    func resolve(_ value: Value, _ kind: Kind) -> Node {
        guard isActive else { return value.node }
        return Rewriting.paths(value, kind, change)
    }

    private func change(_ value: Value, _ rule: PathRule) -> Node {
        switch rule {
        case .file: return value.node.isEmpty ? value.node : file(value.node)
        case .storedFile: return file(value.node, takesWindows: true)
        case .context:
            let isElsewhere = value.isRemote || value.node.string?.hasPrefix("service:") == true
            return isElsewhere || value.node.isEmpty ? value.node : file(value.node)
        case .mount:
            guard value.node["type"]?.string == "bind", let source = value["source"],
                !(loading.isForSwarm && source.node.isEmpty)
            else { return value.node }
            return value.node.setting("source", to: file(source.node, takesWindows: true))
        case .volume:
            guard !loading.isForSwarm, value.node["driver"]?.string == "local",
                let options = value["driver_opts"],
                options.node["o"]?.string == "bind", let device = options["device"]
            else { return value.node }
            let changed = options.node.setting("device", to: file(device.node, takesWindows: true))
            return value.node.setting("driver_opts", to: changed)
        }
    }

    /// `takesWindows`: a path that starts at a drive or a host of Windows stays as it is, too.
    private func file(_ node: Node, takesWindows: Bool = false) -> Node {
        guard var text = node.string, !node.marks.contains(.rooted) else {
            return node
        }
        if text.hasPrefix("~") {
            guard let home = scope.variable("HOME"), !home.isEmpty else { return node }
            if loading.isForSwarm { return Node(.text(home + text.dropFirst()), like: node) }
            return Node(.text(CleanPath.resolved("\(home)/\(text.dropFirst())")), like: node)
        } else if text.hasPrefix("/") || takesWindows && text.isOfWindows {
            return node
        } else {
            text = CleanPath.joined(directory, text)
        }
        var result = Node(.text(text), like: node)
        result.marks.insert(.rooted)
        return result
    }
}

extension Node {
    /// The tree with the paths that were resolved as they are seen from `directory`.
    func relative(to directory: String) -> Node {
        var node = self
        switch content {
        case .scalar:
            guard marks.contains(.rooted), let text = string else { break }
            node = Node(.text(CleanPath.relative(text, to: directory)), like: self)
        case .sequence(let elements):
            node.content = .sequence(elements.map { $0.relative(to: directory) })
        case .mapping(let entries):
            node.content = .mapping(
                entries.map { entry in
                    var entry = entry
                    entry.value = entry.value.relative(to: directory)
                    return entry
                }
            )
        }
        return node
    }
}

extension String {
    /// Whether it is an absolute path of Windows: `C:\`, `C:/`, or `\\host`.
    fileprivate var isOfWindows: Bool {
        if hasPrefix("\\\\") { return true }
        let start = Array(utf8.prefix(3))
        return start.count == 3 && start[1] == UInt8(ascii: ":")
            && (start[2] == UInt8(ascii: "\\") || start[2] == UInt8(ascii: "/"))
    }
}
