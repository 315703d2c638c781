package import Model
internal import YAMLTree

extension Stack {
    /// The typed stack that `docker stack deploy` would make of the files of `request`.
    ///
    /// It reads otherwise than Docker Compose: no `.env`, commands split by another library, all
    /// profiles on, an older schema. `id` stands for a stack that no project owns.
    package init(
        forSwarm request: ComposeRequest,
        in tree: some FileTree,
        id: StackID
    ) throws(Rejection) {
        var request = request
        request.isForSwarm = true
        request.profiles = ["*"]
        // A Swarm gets every config and secret that is declared.
        request.keepsUnused = true
        let project = try ComposeProject(request, in: tree)
        let loading = Loading(tree: tree)
        SwarmFiles(loading).check(project.files)
        guard !loading.findings.hasErrors else { throw Rejection(loading.findings.list) }
        try self.init(composing: project, in: tree, id: id)
        let model = Value(project.model, at: FieldPath(), in: loading)
        let reader = SwarmReader(project, loading)
        for service in model["services"]?.members ?? [] {
            reader.read(service, into: &services[service.name])
        }
        configs = configs.mapValues(reader.withContent)
        secrets = secrets.mapValues(reader.withContent)
        guard !loading.findings.hasErrors else { throw Rejection(loading.findings.list) }
    }
}

/// What only a Swarm wants to know of a settled model.
private struct SwarmReader {
    private let project: ComposeProject
    private let loading: Loading

    init(_ project: ComposeProject, _ loading: Loading) {
        self.project = project
        self.loading = loading
    }

    func read(_ value: Value, into service: inout Service?) {
        service?.deployment = value["deploy"]?.deployment ?? Service.Deployment()
        service?.credentialSpec = value["credential_spec"].map { value in
            var spec = Service.CredentialSpec()
            spec.config = value["config"]?.node.string
            spec.file = value["file"]?.node.string
            spec.registry = value["registry"]?.node.string
            return spec
        }
        let check = value["healthcheck"]
        if check?.node["disable"]?.scalar == .bool(true) {
            service?.disabling = check?.node["test"] != nil ? .withTest : .alone
        }
        service?.writtenRestart = value["restart"]?.node.string
        for (index, mount) in (value["volumes"]?.listed ?? []).filter(\.isMapping).enumerated() {
            let section = ["bind", "tmpfs"].compactMap { mount[$0] }.first
            // All parts of a short form stand where its text does.
            let place = mount["target"]?.node.location
            service?.volumes[index].options.isStated =
                section.map { $0.node.location != place } ?? false
        }
        let ports = (value["ports"]?.listed ?? []).flatMap(mappings)
        service?.ports = ports
        if project.files.count > 1 { service?.settleMerged() }
    }

    /// A range of published ports is each of them.
    private func mappings(_ port: Value) -> [PortMapping] {
        guard var mapping = port.portMapping(isDeployed: false) else { return [] }
        let transport = port.node["protocol"]
        mapping.protocol = transport?.marks.contains(.filled) == true ? "" : transport?.string ?? ""
        if port.node["mode"]?.marks.contains(.filled) == true { mapping.mode = nil }
        let ends = (mapping.candidates ?? "").split(separator: "-").compactMap { UInt16($0) }
        guard ends.count == 2, ends[0] <= ends[1] else { return [mapping] }
        mapping.candidates = nil
        return (ends[0]...ends[1]).map { published in
            var each = mapping
            each.published = published
            return each
        }
    }

    func withContent(_ file: Stack.StoredFile) -> Stack.StoredFile {
        guard case .file(let path) = file.origin, file.driver == nil else { return file }
        var file = file
        do {
            file.content = try loading.tree.read(path)
        } catch {
            loading.unreadable(path, error, nil)
        }
        return file
    }
}

extension Service {
    /// Where files are merged, ports are told apart by what they are published as, configs and
    /// secrets by their source, and mounts are in the order of their targets.
    fileprivate mutating func settleMerged() {
        func last<Key: Hashable & Comparable, Element>(
            _ elements: [Element],
            by key: (Element) -> Key
        ) -> [Element] {
            let byKey = Dictionary(elements.map { (key($0), $0) }) { $1 }
            return byKey.sorted { $0.key < $1.key }.map(\.value)
        }
        ports = last(ports) { $0.published ?? 0 }
        configs = last(configs) { $0.source }
        secrets = last(secrets) { $0.source }
        volumes = last(volumes) { $0.target }
    }
}
