internal import Model
internal import YAMLTree

/// Puts what a file includes under what it says itself.
///
/// Source: compose-go's `ApplyInclude`. An included project has its own folder and may have its
/// own variables; what it declares is merged under the including file, the first include over the
/// second; its name and extensions are its own.
struct IncludeReader {
    private let reader: ModelReader
    private let file: String
    private let removals: Removals
    private var loading: Loading { reader.loading }

    /// `removals` are those of the document that includes.
    init(_ reader: ModelReader, _ file: String, _ removals: Removals) {
        self.reader = reader
        self.file = file
        self.removals = removals
    }

    /// `own` over all that it includes.
    func include(_ own: Value) -> Node {
        guard let includes = own["include"] else { return own.node }
        let kind = Kind.inclusions
        var model = own.node.setting("include", to: nil)
        guard !includes.isNull else { return model }
        let checked = Checker(loading: loading).check(includes, kind)
        let long = Rewriting.lengthened(Value(checked, at: includes.path, in: loading), kind)
        for element in Value(long, at: includes.path, in: loading).elements ?? [] {
            guard !element.isUnresolved, !loading.isSpent,
                let imported = self.model(of: element),
                loading.look(model.tableSizes, at: element.location)
            else { continue }
            model = put(model, over: imported)
        }
        return model
    }

    /// Source: compose-go's `importResource`, by which a tag takes away a part of an included
    /// service, network and so on, never the whole.
    private func put(_ own: Node, over imported: Node) -> Node {
        let kept = (imported.entries ?? []).filter {
            $0.key != "name" && !$0.key.hasPrefix("x-") && $0.key != "include"
        }
        var base = imported
        base.content = .mapping(kept)
        let value = Value(own, at: FieldPath(), in: loading)
        base = removals.applied(to: base, sparing: 2)
        return Merger(loading: loading).mappings(base, value, .model)
    }

    private func model(of element: Value) -> Node? {
        let paths = element["path"]?.elements ?? []
        guard let first = paths.first?.node.string else {
            element.warn("no-effect", "names no file: it includes nothing", fix: "write path:")
            return nil
        }
        if let remote = paths.first(where: { $0.namesRemoteFile }) {
            remote.failRemote()
            return nil
        }
        if let folder = element["project_directory"], leadsOutside(folder) {
            folder.fail("file-outside", "leads out of the repository", fix: "name a folder of it")
            return nil
        }
        let files = paths.compactMap(\.node.string).map { CleanPath.joined(reader.directory, $0) }
        let directory =
            element["project_directory"]?.node.string.flatMap { $0.isEmpty ? nil : $0 }
            .map { loading.folder(CleanPath.joined(reader.directory, $0)) }
            ?? CleanPath.folder(of: CleanPath.joined(reader.directory, first))
        let chain = reader.chain + [file]
        guard chain.count <= 100, !chain.contains(files[0]), files[0] != file else {
            element.fail(
                "include-cycle",
                "includes itself: \((chain + [files[0]]).joined(separator: " -> "))",
                fix: "remove one include"
            )
            return nil
        }
        var inner = ModelReader(
            loading: loading,
            scope: scope(of: element, directory),
            directory: directory,
            resolvesPaths: true
        )
        inner.chain = chain
        inner.checksShape = reader.checksShape
        let documents = zip(files, paths).map { file, source in
            (file, loading.documents(file, named: source, mayBeEmpty: true))
        }
        let model = inner.model(of: documents.map { (path: $0.0, documents: $0.1) })
        if reader.checksShape, inner.scope.isInterpolating { check(model, inner.scope) }
        return model
    }

    /// Whether a folder is none of the tree, so that nothing may be read from it or below it.
    private func leadsOutside(_ folder: Value) -> Bool {
        guard let path = folder.node.string, !path.isEmpty else { return false }
        return loading.leadsOutside(CleanPath.joined(reader.directory, path))
    }

    /// Source: compose-go puts the content of a config beside the variable that holds it when it
    /// has read the included file, and then refuses both in the one that includes.
    private func check(_ model: Node?, _ scope: Scope) {
        guard let model else { return }
        for config in Value(model, at: FieldPath(), in: loading)["configs"]?.members ?? [] {
            guard let variable = config["environment"], let name = variable.node.string,
                scope.variable(name) != nil
            else { continue }
            variable.fail(
                "conflicting-values",
                "is a variable that is set, which no config of an included file may have",
                fix: "declare the config in the file that includes, or write content:"
            )
        }
    }

    /// The variables of the including file, and those of the included project's own files.
    private func scope(of element: Value, _ directory: String) -> Scope {
        var scope = reader.scope
        let reader = EnvironmentReader(loading)
        var added: [String: String] = [:]
        if let files = element["env_file"]?.elements, !files.isEmpty {
            let paths = files.compactMap { file in
                file.node.string.map { (CleanPath.joined(self.reader.directory, $0), file) }
            }
            added = reader.required(paths, scope.environment)
        } else {
            let path = CleanPath.joined(directory, ".env")
            let source = element["project_directory"] ?? element["path"]?.elements?.first
            added = reader.optional(path, scope.environment, named: source)
            scope.environmentFile = path
        }
        scope.environment.merge(added) { own, _ in own }
        return scope
    }
}

extension Node {
    /// How many services, networks and so on a model has.
    fileprivate var tableSizes: Int {
        (entries ?? []).reduce(1) { $0 + ($1.value.entries?.count ?? 1) }
    }
}

extension Value {
    /// Whether its text is an address of something that must be fetched first.
    ///
    /// Source: compose-go's git and OCI loaders.
    var isRemote: Bool {
        guard let text = node.string else { return false }
        return text.contains("://") || text.hasPrefix("git@") || text.hasPrefix("github.com/")
            || text.hasPrefix("oci:")
    }

    /// Whether it names a compose file of somewhere else, `<transport>::<address>` included.
    ///
    /// Source: gitremote-helpers(7), INVOCATION.
    var namesRemoteFile: Bool { isRemote || node.string?.contains("::") == true }

    /// Says that nothing is fetched.
    func failRemote() {
        fail(
            "remote-file",
            "is a file of somewhere else, which is never fetched",
            fix: "copy the file into the repository, or add it as a subtree"
        )
    }
}
