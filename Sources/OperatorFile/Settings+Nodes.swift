package import Model
internal import YAMLTree

extension Settings {
    /// A node: one engine.
    package struct NodeEntry: Hashable, Codable, Sendable {
        package var engine: EngineAddress
        package var access: EngineAccess
        /// What placement may ask for.
        package var labels: [String: String]

        package init(
            engine: EngineAddress,
            access: EngineAccess = EngineAccess(),
            labels: [String: String] = [:]
        ) {
            self.engine = engine
            self.access = access
            self.labels = labels
        }
    }

    /// All nodes by name, never none: without `nodes` it is the one of `engine`.
    ///
    /// A Swarm is one as well, at the first of its managers.
    package var cluster: [String: NodeEntry] {
        if let first = swarm?.managers.min(by: { $0.key < $1.key }) {
            return [NodeName.main: first.value]
        }
        return nodes.isEmpty
            ? [NodeName.main: NodeEntry(engine: engine, access: engineAccess)] : nodes
    }

    /// What is written of all nodes.
    package var places: [NodePlace] {
        guard swarm == nil else { return [NodePlace(NodeName.main, cluster: .swarm)] }
        return cluster.sorted { $0.key < $1.key }.map { NodePlace($0.key, labels: $0.value.labels) }
    }

    /// The policy of a project on the nodes that it may use, or on one of them; nil where there is
    /// no such project, or it may not use the node.
    package func policy(of project: String, on node: String? = nil) -> TenantPolicy? {
        let places = places.filter {
            allows(project, on: $0.node) && (node ?? $0.node) == $0.node
        }
        return places.isEmpty ? nil : projects[project]?.policy.on(places)
    }

    /// Where all engines are, for messages.
    package var engines: String {
        doors.sorted { $0.key < $1.key }.map(\.value.engine.description)
            .joined(separator: ", ")
    }

    /// Whether the stacks of a project may be given a node.
    package func allows(_ project: String, on node: String) -> Bool {
        projects[project]?.nodes?.contains(node) ?? true
    }
}

extension Settings.NodeEntry {
    /// nil where nobody can tell where its engine is.
    init?(reading node: Reading, directory: String, state: String) {
        guard let engine = node["engine"].text.flatMap(EngineAddress.init) else { return nil }
        self.init(
            engine: engine,
            access: EngineAccess(
                reading: node["engine_access"],
                directory: directory,
                state: state
            ),
            labels: NodePlace.labels(node["labels"].texts ?? [])
        )
    }
}

extension NodePlace {
    /// Reads labels as they are written, such as `tier=web`.
    static func labels(_ texts: [String]) -> [String: String] {
        Dictionary(texts.compactMap(Format.nodeLabel)) { first, _ in first }
    }
}

extension Format {
    /// Name and value of `tier=web`; dockerd(8) has labels of engines so.
    static func nodeLabel(_ text: String) -> (String, String)? {
        let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2, isPrefix(parts[0].filter { $0 != "/" }), isPath(parts[1]) else {
            return nil
        }
        return (parts[0], parts[1])
    }
}

/// What the keys of nodes say together.
extension SenseCheck {
    mutating func checkNodes(_ file: Node) {
        if let swarm = file["swarm"] { return checkSwarm(swarm, file) }
        guard let nodes = file["nodes"] else {
            return checkEngine(file, FieldPath(), settings.engine, settings.engineAccess)
        }
        for key in ["engine", "engine_access"] {
            guard let node = file[key] else { continue }
            let message = "\"\(key)\" is one node's; write it below a name under \"nodes\""
            refuse(node, FieldPath(key), "contradiction", message)
        }
        if nodes.entries?.isEmpty == true {
            refuse(nodes, FieldPath("nodes"), "incomplete", "\"nodes\" has no node")
        }
        checkEngines(of: nodes, at: FieldPath("nodes"), settings.nodes)
    }

    /// Each can be reached, and none comes twice.
    mutating func checkEngines(
        of nodes: Node?,
        at path: FieldPath,
        _ entries: [String: Settings.NodeEntry]
    ) {
        var engines: [EngineAddress: String] = [:]
        for entry in nodes?.entries ?? [] {
            guard let known = entries[entry.key] else { continue }
            let path = path / entry.key
            checkEngine(entry.value, path, known.engine, known.access)
            if let other = engines[known.engine] {
                let message = "node \"\(other)\" already has this engine"
                refuse(entry.value, path / "engine", "duplicate-engine", message)
            }
            engines[known.engine] = entry.key
            checkLabels(of: entry.value, at: path / "labels")
        }
    }

    private mutating func checkLabels(of node: Node, at path: FieldPath) {
        var seen: Set<String> = []
        for (index, label) in (node["labels"]?.elements ?? []).enumerated() {
            guard let name = label.text.flatMap(Format.nodeLabel)?.0 else { continue }
            guard !seen.insert(name).inserted else { continue }
            refuse(label, path[index], "duplicate-name", "the label \"\(name)\" is there already")
        }
    }

    /// A choice that can hold nowhere is a slip.
    mutating func checkPlaces(of project: Node, _ name: String, at path: FieldPath) {
        let choices = settings.projects[name]?.policy.choices ?? []
        for (index, node) in (project["choices"]?.elements ?? []).enumerated() {
            guard choices.indices.contains(index) else { return }
            let condition = choices[index].condition.place
            guard !condition.isEmpty, !settings.places.contains(where: condition.fits) else {
                continue
            }
            let key = ["node", "labels", "cluster"].first { node[$0] != nil } ?? "profile"
            refuse(
                node[key] ?? node,
                (path / "choices")[index] / key,
                "unknown-node",
                "no node is as this choice wants it"
            )
        }
    }

    /// The nodes that a project may use have to be there.
    mutating func checkNodes(of project: Node, at path: FieldPath) {
        let names = settings.cluster.keys.sorted()
        for (index, node) in (project["nodes"]?.elements ?? []).enumerated() {
            guard let name = node.text, !names.contains(name) else { continue }
            refuse(
                node,
                (path / "nodes")[index],
                "unknown-node",
                "there is no node \"\(name)\"" + Suggestion.question(name, names)
            )
        }
        if let list = project["nodes"], list.elements?.isEmpty == true {
            refuse(list, path / "nodes", "incomplete", "a project without a node can run nothing")
        }
    }
}
