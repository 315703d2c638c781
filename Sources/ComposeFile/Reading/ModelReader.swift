internal import Model
internal import YAMLTree

/// Reads the files of one project, or of one include, into one tree in the long form.
///
/// Source: compose-go's `loadYamlModel`. Each document is interpolated, gets its includes under
/// it and its extended services into it, and is merged over what came before; the sum is checked
/// and brought to the long form after each.
struct ModelReader {
    let loading: Loading
    let scope: Scope
    /// The folder that relative paths start from.
    let directory: String
    let resolvesPaths: Bool
    /// Whether attributes and types are checked.
    var checksShape = true
    /// The files whose includes led here.
    var chain: [String] = []

    /// The model of `files`; nil when none of them could be read.
    func model(of files: [(path: String, documents: [Node])]) -> Node? {
        var model: Node?
        for file in files {
            for document in file.documents {
                model = add(document, of: file.path, to: model)
            }
        }
        guard var model, loading.look(model.weight, at: model.location) else { return nil }
        model = Defaults(loading).apply(model)
        if checksShape { ModelRules(loading, resolvesPaths: resolvesPaths).check(model) }
        model = PathResolver(loading, scope, directory, isActive: resolvesPaths).resolve(model)
        return scope.isInterpolating ? VariableResolver(scope).resolve(model) : model
    }

    private func value(_ node: Node) -> Value { Value(node, at: FieldPath(), in: loading) }

    private func add(_ document: Node, of file: String, to earlier: Node?) -> Node? {
        guard !loading.isSpent else { return earlier }
        let kind = Kind.model
        let node = Interpolator(loading, scope).expand(document, kind)
        guard node.entries != nil else {
            value(node).failType("a mapping")
            return earlier
        }
        var own = value(node)
        // Null would leave what earlier files say; Compose refuses these two in any file.
        for table in ["services", "jobs"].compactMap({ own[$0] })
        where table.isNull && !table.node.isReset {
            table.failType("a mapping")
        }
        own = value(IncludeReader(self, file).include(own))
        var extends = ExtendsReader(self, file)
        own = value(extends.extend(own))
        let merger = Merger(loading: loading)
        var model = earlier.map { merger.mappings($0, own, kind) } ?? own.node
        guard loading.spend(own.node.weight, at: document.location) else { return earlier }
        // The sum is checked and brought to the long form again.
        if earlier != nil {
            guard loading.look(model.weight * 10, at: document.location) else { return earlier }
        }
        model = (model.withoutTags ?? model).unique(kind)
        if checksShape { model = Checker(loading: loading).check(value(model), kind) }
        warn(ofVersion: model)
        model = Rewriting.lengthened(value(model.setting("version", to: nil as Node?)), kind)
        return model.unique(kind)
    }

    private func warn(ofVersion model: Node) {
        guard let version = value(model)["version"], !version.isUnresolved else { return }
        version.warn("obsolete-version", "means nothing any more", fix: "remove it")
    }
}

extension Kind {
    /// A whole compose file.
    static let model = record(.file)
}

extension Value {
    /// The member `key` of a mapping.
    subscript(key: String) -> Value? {
        guard let entry = node.entries?.first(where: { $0.key == key }) else { return nil }
        return Value(entry.value, at: path / key, key: entry.location, in: loading)
    }
}
