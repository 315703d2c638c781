internal import ComposeFile
internal import Model
internal import Planning

extension EngineCalls {
    /// What Docker Compose would send for `project`, read from `tree`.
    ///
    /// A hash that depends on where the folder is stands as a token.
    init(
        of project: ComposeProject,
        in tree: some FileTree,
        _ request: ComposeRequest,
        api: APIVersion
    )
        throws
    {
        let id = try StackID(project: "nobody", stack: "nobody")
        let stack = try Stack(composing: project, in: tree, id: id)
        func hashes(_ hashes: [String: String], _ part: String) -> [String: String] {
            let placed = project.placed(in: part)
            return Dictionary(
                hashes.map { ($0, placed.contains($0) ? EngineToken.hash : $1) }
            ) { first, _ in first }
        }
        let identity = ComposeIdentity(
            name: project.name,
            directory: project.directory,
            files: project.files,
            environmentFiles: request.environmentFiles.map {
                $0.hasPrefix("/") ? $0 : "\(request.directory)/\($0)"
            },
            services: hashes(project.createdHashes, "services"),
            networks: hashes(project.networkHashes, "networks"),
            volumes: hashes(project.volumeHashes, "volumes")
        )
        self = ComposeCalls(stack, identity, api: api).calls
    }
}

extension SwarmCalls {
    /// What `docker stack deploy` would send for the files of `request`.
    init(_ request: ComposeRequest, in tree: some FileTree) throws {
        let id = try StackID(project: "nobody", stack: "nobody")
        var named = request
        named.isForSwarm = true
        let name = try ComposeProject(named, in: tree).name
        self.init(try Stack(forSwarm: request, in: tree, id: id), named: name)
    }
}

extension JSON {
    /// The value with `token` for `folder` wherever it stands in a text or a name.
    func writing(_ token: String, for folder: String) -> JSON {
        switch self {
        case .string(let text): .string(text.replacing(folder, with: token))
        case .array(let values): .array(values.map { $0.writing(token, for: folder) })
        case .object(let members):
            .object(
                Dictionary(
                    members.map {
                        ($0.replacing(folder, with: token), $1.writing(token, for: folder))
                    }
                ) { first, _ in first }
            )
        case .null, .bool, .int, .double: self
        }
    }
}
