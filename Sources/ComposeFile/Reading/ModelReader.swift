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
    ///
    /// It takes them over: what was read of a large file is let go of as soon as it is expanded,
    /// so that no more of the steps of its way are kept than two.
    func model(of files: consuming [(path: String, documents: [Node])]) -> Node? {
        var files = files
        var model: Node?
        for index in files.indices {
            var documents: [Node] = []
            swap(&documents, &files[index].documents)
            documents.reverse()
            while let document = documents.popLast() {
                model = add(consume document, of: files[index].path, to: model)
            }
        }
        guard var model, loading.look(model.weight, at: model.location) else { return nil }
        model = Defaults(loading).apply(model)
        if checksShape { ModelRules(loading, resolvesPaths: resolvesPaths).check(model) }
        model = PathResolver(loading, scope, directory, isActive: resolvesPaths).resolve(model)
        return resolved(model)
    }

    private func resolved(_ model: Node) -> Node {
        guard scope.isInterpolating else { return model }
        return VariableResolver(scope, takesEmpty: loading.isForSwarm).resolve(model)
    }

    private func value(_ node: Node) -> Value { Value(node, at: FieldPath(), in: loading) }

    private func add(_ document: consuming Node, of file: String, to earlier: Node?) -> Node? {
        guard !loading.isSpent else { return earlier }
        guard loading.isForSwarm else {
            guard let sum = merged(document, of: file, over: earlier) else { return earlier }
            return lengthened(consume sum, collapsing: true)
        }
        // Docker's client for a Swarm collapses no list, and merges what each file means.
        guard let own = merged(document, of: file, over: nil) else { return earlier }
        let model = lengthened(own, collapsing: false)
        return earlier.map { SwarmMerger.merge(settled($0), settled(model)) } ?? model
    }

    private func settled(_ model: Node) -> Node {
        Rewriting.settled(value(resolved(model)), .model) ?? model
    }

    /// The document with what it includes and extends, over what came before; nil, once said, for
    /// one that can't be taken.
    private func merged(
        _ document: consuming Node,
        of file: String,
        over earlier: Node?
    ) -> Node? {
        let kind = Kind.model
        var document = document
        let removals = Removals(takenFrom: &document)
        let place = document.location
        let node = Interpolator(loading, scope).expand(consume document, kind)
        guard node.entries != nil else {
            value(node).failType("a mapping")
            return nil
        }
        var own = value(node)
        // Null would leave what earlier files say; Compose refuses these two in any file.
        for table in ["services", "jobs"].compactMap({ own[$0] })
        where table.isNull {
            table.failType("a mapping")
        }
        own = value(IncludeReader(self, file, removals).include(own))
        var extends = ExtendsReader(self, file, removals)
        own = value(extends.extend(own))
        let merger = Merger(loading: loading)
        let model =
            earlier.map { merger.mappings(removals.applied(to: $0), own, kind) } ?? own.node
        guard loading.spend(own.node.weight, at: place) else { return nil }
        // The sum is checked and brought to the long form again.
        guard earlier == nil || loading.look(model.weight * 10, at: place) else { return nil }
        return model
    }

    /// The sum of what was read, checked and in the long form.
    private func lengthened(_ sum: consuming Node, collapsing: Bool) -> Node {
        let kind = Kind.model
        var model = sum
        if collapsing { model = model.unique(kind) }
        if checksShape {
            model = Checker(loading: loading).check(value(model), kind)
        } else {
            FormCheck(loading).check(value(model))
        }
        warn(ofVersion: model)
        model = Rewriting.lengthened(value(model.setting("version", to: nil as Node?)), kind)
        return collapsing ? model.unique(kind) : model
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
