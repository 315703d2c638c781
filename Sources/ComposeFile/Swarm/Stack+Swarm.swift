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
        loading.isForSwarm = true
        SwarmFiles(loading).check(project.files)
        guard !loading.findings.hasErrors else { throw Rejection(loading.findings.list) }
        try self.init(composing: project, in: tree, id: id)
        let model = Value(project.model, at: FieldPath(), in: loading)
        let reader = SwarmReader(loading, configs: Set(configs.keys))
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
    private let loading: Loading
    /// Those that are declared.
    private let configs: Set<String>

    init(_ loading: Loading, configs: Set<String>) {
        self.loading = loading
        self.configs = configs
    }

    func read(_ value: Value, into service: inout Service?) {
        service?.deployment = value["deploy"]?.deployment ?? Service.Deployment()
        service?.credentialSpec = value["credential_spec"].flatMap(credentialSpec)
        let check = value["healthcheck"]
        if check?.node["disable"]?.scalar == .bool(true) {
            let hasTest = check?.node["test"]?.elements?.isEmpty == false
            service?.disabling = hasTest ? .withTest : .alone
        }
        service?.writtenRestart = value["restart"].flatMap(restart)
        for (index, mount) in (value["volumes"]?.listed ?? []).filter(\.isMapping).enumerated() {
            let written = SwarmMount(mount)
            written.check()
            service?.volumes[index].options.isStated =
                !written.sections.isDisjoint(with: ["bind", "tmpfs"])
        }
        service?.ports = (value["ports"]?.listed ?? []).compactMap(mapping)
        for (index, file) in (value["secrets"]?.listed ?? []).enumerated()
        where file["target"]?.node.location == file.node.location {
            // Nobody wrote it.
            service?.secrets[index].target = nil
        }
    }

    private func credentialSpec(_ value: Value) -> Service.CredentialSpec? {
        func text(_ name: String) -> String? {
            value[name]?.node.string.flatMap { $0.isEmpty ? nil : $0 }
        }
        var spec = Service.CredentialSpec()
        spec.config = text("config")
        spec.file = text("file")
        spec.registry = text("registry")
        let given = [spec.config, spec.file, spec.registry].compactMap { $0 }
        if given.count > 1 {
            value.fail("conflicting-values", "must have one of config, file and registry")
        }
        if let config = spec.config, !configs.contains(config) {
            value["config"]?.fail("undefined-reference", "must be a config of the file")
        }
        return given.isEmpty ? nil : spec
    }

    /// The text, once what is no policy is refused.
    private func restart(_ value: Value) -> String? {
        guard let text = value.node.string else { return nil }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count > 1, parts[0].isEmpty || !parts[1].isEmpty && UInt32(parts[1]) == nil {
            value.fail(
                "invalid-restart",
                "must be a restart policy",
                not: text,
                fix: "write such as on-failure:3"
            )
        }
        return text
    }

    private func mapping(_ port: Value) -> PortMapping? {
        guard var mapping = port.portMapping(isDeployed: false) else { return nil }
        if let published = port["published"], let text = published.node.text,
            UInt16(text) == nil
        {
            published.fail("invalid-port", "must be a port", not: text)
        }
        let transport = port.node["protocol"]
        mapping.protocol = transport?.marks.contains(.filled) == true ? "" : transport?.string ?? ""
        if port.node["mode"]?.marks.contains(.filled) == true { mapping.mode = nil }
        return mapping
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
