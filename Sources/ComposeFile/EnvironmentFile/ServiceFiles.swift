internal import Model
internal import YAMLTree

/// Brings what `env_file` and `label_file` name into `environment` and `labels`.
///
/// Source: compose-go. Files come in their order, a later one over an earlier, and what the
/// service says itself over all of them, a name without a value too. For a Swarm they are read as
/// docker/cli reads them, which knows no quotes, variables or comments behind a value.
struct ServiceFiles {
    let loading: Loading
    /// The variables of the project, which a file sees before its own.
    let environment: [String: String]
    /// Whether `env_file` is read, as `label_file` always is.
    var readsEnvironment = true

    /// `service` with what its files say.
    func read(_ service: Value) -> Node {
        var node = withLabels(service)
        guard readsEnvironment, service["env_file"] != nil else { return node }
        let own = service["environment"]
        let values = Dictionary(
            (own?.node.entries ?? []).map { ($0.key, $0.value.string) }
        ) { first, _ in first }
        var entries: [Node.Entry] = []
        var earlier: [String: String] = [:]
        for file in service["env_file"]?.elements ?? [] {
            let variables = variables(of: file, under: values, after: earlier)
            for variable in variables { earlier[variable.name] = variable.value }
            entries += variables.map(\.entry)
        }
        node = node.setting("env_file", to: nil)
        return put(own, over: entries, into: node, as: "environment")
    }

    /// The variables of a file, which sees the project's, the service's own and `earlier` ones.
    ///
    /// A call of its own, so that nobody holds `earlier` when it is added to.
    private func variables(
        of file: Value,
        under own: [String: String?],
        after earlier: [String: String]
    ) -> [EnvironmentFile.Variable] {
        variables(of: file) { [environment] name in
            environment[name] ?? own[name] ?? earlier[name]
        }
    }

    private func withLabels(_ service: Value) -> Node {
        guard let files = service["label_file"]?.elements else { return service.node }
        var entries: [Node.Entry] = []
        var values: [String: String] = [:]
        for file in files {
            guard let path = path(file) else { continue }
            let earlier = values
            let variables = EnvironmentReader(loading).variables(of: path, named: file) {
                earlier[$0]
            }
            for variable in variables { values[variable.name] = variable.value }
            entries += variables.map(\.entry)
        }
        return put(service["labels"], over: entries, into: service.node, as: "labels")
    }

    private func put(
        _ own: Value?,
        over entries: [Node.Entry],
        into service: Node,
        as name: String
    ) -> Node {
        var places: [String: Int] = [:]
        var result: [Node.Entry] = []
        for entry in entries + (own?.node.entries ?? []) {
            if let place = places[entry.key] {
                result[place] = entry
            } else {
                places[entry.key] = result.count
                result.append(entry)
            }
        }
        guard let first = result.first else { return service }
        let place = own?.node.location ?? first.location
        let node = Node(.mapping(result), location: place)
        return service.setting(name, to: node, at: own?.keyLocation ?? place)
    }

    private func variables(
        of file: Value,
        lookup: @escaping (String) -> String?
    ) -> [EnvironmentFile.Variable] {
        guard let name = file["path"], let path = path(name) else { return [] }
        let format = file["format"]
        let text = format?.node.string ?? ""
        guard text.isEmpty || text == "raw" else {
            format?.fail("invalid-value", "must be raw or left out", not: text)
            return []
        }
        if file["required"]?.node.scalar == .bool(false) {
            do {
                _ = try loading.tree.read(path)
            } catch .missing {
                return []
            } catch {}
        }
        return EnvironmentReader(loading).variables(
            of: path,
            named: name,
            isRaw: text == "raw" || loading.isForSwarm,
            // `docker stack` asks its environment alone for a name without a value.
            lookup: loading.isForSwarm ? { [environment] in environment[$0] } : lookup
        )
    }

    private func path(_ value: Value) -> String? {
        guard !value.isUnresolved, let text = value.node.string else { return nil }
        return text
    }
}

extension EnvironmentFile.Variable {
    fileprivate var entry: Node.Entry {
        Node.Entry(
            key: name,
            location: location,
            value: Node(.scalar(text: value, style: .quoted), location: location, marks: .expanded)
        )
    }
}
