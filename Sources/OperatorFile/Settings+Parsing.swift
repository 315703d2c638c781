package import Model
internal import YAMLTree

extension Settings {
    /// Reads a `gyre.yaml` that stands in `directory`, an absolute path.
    ///
    /// A file with any error is refused whole, with all its errors; nothing of it is used.
    package init(
        parsing bytes: [UInt8],
        file: String = "gyre.yaml",
        directory: String
    ) throws(Rejection) {
        let documents = try parseYAML(bytes, file: file)
        guard documents.count == 1, let document = documents.first else {
            throw Rejection(
                Diagnostic(
                    code: "wrong-document",
                    documents.isEmpty
                        ? "the file is empty" : "the file holds more than one document",
                    at: SourceLocation(file: file, line: 1, column: 1),
                    fix: documents.isEmpty
                        ? "write controller:, engine: and projects:" : "remove all but one"
                )
            )
        }
        var shapes = ShapeCheck()
        shapes.check(document, .file)
        let settings = Settings(reading: document, directory: directory)
        var sense = SenseCheck(settings: settings, directory: directory)
        sense.check(document)
        let findings = shapes.findings + sense.findings
        guard !findings.contains(where: { $0.severity == .error }) else {
            throw Rejection(findings)
        }
        self = settings
        warnings = findings.sorted()
    }

    /// What can be read of `node`, with the default for whatever can't.
    private init(reading node: Node, directory: String) {
        let file = Reading(node)
        controller = file["controller"].text ?? controller
        stateDirectory =
            file["state"].text.map { Format.path($0, in: directory) } ?? stateDirectory
        engine = file["engine"].text.flatMap(EngineAddress.init) ?? engine
        engineAccess = EngineAccess(
            reading: file["engine_access"],
            directory: directory,
            state: stateDirectory
        )
        for (name, node) in file["nodes"].entries {
            nodes[name] = NodeEntry(reading: node, directory: directory, state: stateDirectory)
        }
        if !file["swarm"].entries.isEmpty {
            swarm = SwarmEntry(
                reading: file["swarm"],
                directory: directory,
                state: stateDirectory
            )
        }
        subnets = SubnetPool(reading: file["networks"])
        socket =
            file["socket"].text.map { Format.path($0, in: directory) }
            ?? "\(stateDirectory)/gyre.sock"
        polling = file["polling"].duration ?? polling
        defaults = Defaults(reading: file["defaults"])
        ingress = Ingress(reading: file["ingress"])
        git = Git(reading: file["git"], directory: directory, state: stateDirectory)
        docs = file["policy"]["docs"].text
        agent = PolicyAgent(reading: file["policy"]["opa"], directory: directory)
        registries = RegistryAccess.list(
            reading: file["registries"],
            directory: directory,
            place: "registries"
        )
        for (name, value) in file["projects"].entries {
            var project = Project(reading: value, directory: directory, polling: polling)
            project.registries = RegistryAccess.list(
                reading: value["registries"],
                directory: directory,
                place: "projects.\(name).registries"
            )
            projects[name] = project
        }
        for name in projects.keys {
            let others = others(beside: name)
            projects[name]?.policy.meet(others, as: name)
        }
    }
}

extension Settings {
    /// What other projects are called, and what their stacks are taken over under.
    package func others(beside project: String) -> [String] {
        projects.filter { $0.key != project }.flatMap { [$0.key] + $0.value.adoptions.values }
    }
}

extension Settings.Ingress {
    /// nil where nothing is written.
    init?(reading node: Reading) {
        guard let port = node["port"].text.flatMap({ Int($0) }) else { return nil }
        self.init(port: port)
        address = node["address"].text ?? address
        drain = node["drain"].duration ?? drain
    }
}

extension Settings.Defaults {
    fileprivate init(reading node: Reading) {
        stability = node["stability"].duration ?? stability
        afterHealthy = node["after_healthy"].duration ?? afterHealthy
        backoffFirst = node["backoff"]["first"].duration ?? backoffFirst
        backoffLongest = node["backoff"]["longest"].duration ?? backoffLongest
        parallelism = node["parallelism"].int ?? parallelism
        pulls = node["pulls"].int ?? pulls
        if let text = node["unused_images"].text {
            unusedImages = text == "never" ? nil : Format.duration(text) ?? unusedImages
        }
        timeouts.engine = node["timeouts"]["engine"].duration ?? timeouts.engine
        timeouts.pull = node["timeouts"]["pull"].duration ?? timeouts.pull
        timeouts.connect = node["timeouts"]["connect"].duration ?? timeouts.connect
        timeouts.node = node["timeouts"]["node"].duration ?? timeouts.node
        timeouts.progress = node["timeouts"]["progress"].duration ?? timeouts.progress
        loading.memory = node["loading"]["memory"].bytes.map { ByteCount($0) } ?? loading.memory
        loading.time = node["loading"]["time"].duration ?? loading.time
    }
}

extension Settings.Project {
    fileprivate init(reading node: Reading, directory: String, polling: Nanoseconds) {
        self.init(
            repositories: node["repositories"].elements.compactMap {
                Settings.Repository(reading: $0, directory: directory, polling: polling)
            },
            policy: TenantPolicy(reading: node)
        )
        agentRule = node["opa"].text
        nodes = node["nodes"].texts.map(Set.init)
        failover = Set(node["failover"].texts ?? [])
        for (stack, from) in node["adopt"].entries {
            policy.adopted[stack] = from["compose"].text ?? from["stack"].text
        }
        for offer in node["offers"].elements {
            guard let name = offer["name"].text else { continue }
            offers[name, default: []].formUnion(offer["to"].texts ?? [])
        }
    }
}

extension Settings.Repository {
    init?(reading node: Reading, directory: String, polling: Nanoseconds) {
        let url = node["url"].text.flatMap {
            try? RepositoryURL(parsing: $0, relativeTo: directory)
        }
        guard let url else { return nil }
        self.init(
            url: url,
            reference: GitReference(reading: node),
            folder: node["folder"].text.flatMap(Format.folder) ?? "",
            folders: node["folders"].text.flatMap(FolderPattern.init),
            access: RepositoryAccess(reading: node, directory: directory),
            signers: Signers(reading: node["signers"], directory: directory),
            stack: node["stack"].text,
            environments: node["environments"].texts,
            polling: node["polling"].duration ?? polling
        )
    }
}
