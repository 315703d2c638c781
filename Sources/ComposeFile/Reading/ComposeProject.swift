package import Model
internal import YAMLTree

/// What the files of one compose application say, as Docker Compose 5 reads them: every attribute
/// of the specification in its long form, each value with its place.
package struct ComposeProject: Sendable {
    /// What Compose calls the project.
    package internal(set) var name: String
    /// The folder that relative paths start from.
    package let directory: String
    /// The files it was read from, in merge order.
    package let files: [String]
    /// What interpolation knew.
    package let environment: [String: String]
    /// What the loader had to say that is no error, and what it found wrong.
    let findings: Findings
    /// The model; what is wrong in it is marked.
    var model: Node
    /// Bytes of the files, or of all values that these came to: what is more.
    let inputBytes: Int
    /// Nodes of the files that aliases stand for, each as often as it is repeated.
    let repeatedNodes: Int
    /// Whether any file could be read.
    let isRead: Bool
    /// Whether variables were replaced.
    let isInterpolated: Bool
    /// The names of services that profiles leave out.
    let disabled: Set<String>
    /// The profiles that any service names, sorted.
    package let profiles: [String]

    /// Reads the project that `request` asks for.
    ///
    /// Pure: the same files and the same request give the same project. Everything that is wrong
    /// is gathered before it is refused.
    package init(_ request: ComposeRequest, in tree: some FileTree) throws(Rejection) {
        try self.init(reading: request, in: tree)
        guard !findings.hasErrors else { throw Rejection(findings.list) }
    }

    /// What is only worth saying, sorted by place.
    package var warnings: [Diagnostic] {
        findings.list.filter { $0.severity == .warning }.sorted()
    }

    /// Reads a project that may be wrong, for who has more to say of it.
    init(reading request: ComposeRequest, in tree: some FileTree) throws(Rejection) {
        let loading = Loading(tree: tree, keepsShortForms: !request.makesProject)
        loading.isForSwarm = request.isForSwarm
        let basis = try ProjectEnvironment(request, loading)
        let documents = basis.files.map { file in
            (path: file, documents: loading.documents(file, at: basis.filesPlace, mayBeEmpty: true))
        }
        let name = ProjectName(loading).of(
            request,
            basis.environment,
            documents,
            directory: basis.directory
        )
        var environment = basis.environment
        if !request.isForSwarm { environment["COMPOSE_PROJECT_NAME"] = name }
        let scope = Scope(
            environment: environment,
            environmentFile: basis.environmentFile,
            isInterpolating: request.interpolates,
            isCasting: request.makesProject
        )
        var reader = ModelReader(
            loading: loading,
            scope: scope,
            directory: basis.directory,
            resolvesPaths: request.resolvesPaths
        )
        reader.checksShape = request.checksShape
        let start = SourceLocation(file: basis.files[0], line: 1, column: 1)
        let read = reader.model(of: consume documents)
        // Source: compose-go refuses a model without any member. Docker's client for a Swarm
        // does so only where there is no model at all.
        isRead = read.map { loading.isForSwarm || $0.entries?.isEmpty == false } ?? false
        if !isRead, !loading.findings.hasErrors { loading.reportEmpty(at: start) }
        var model = (consume read) ?? Node(.mapping([]), location: start)
        if request.normalizes {
            model = Normalizer(loading, name: name, scope).normalize(model)
        }
        if request.makesProject {
            let value = Value(model, at: FieldPath(), in: loading)
            model = Rewriting.settled(value, .model) ?? model
        } else if request.normalizes {
            model = model.setting("name", to: Node(.text(name), like: model))
        }
        profiles = Set(
            (model["services"]?.entries ?? []).flatMap {
                $0.value["profiles"]?.elements?.compactMap(\.string) ?? []
            }
        ).sorted()
        // Source: Docker Compose's `runConfigNoInterpolate`, which prints all that the files say.
        disabled =
            request.makesProject
            ? Self.choose(from: &model, request, basis.profiles, environment, loading) : []
        if !request.resolvesPaths { model = model.relative(to: basis.directory) }
        self.name = name
        inputBytes = max(loading.taken, model.byteCount)
        repeatedNodes = loading.repeatedNodes
        isInterpolated = request.interpolates
        self.directory = basis.directory
        self.files = basis.files
        self.environment = environment
        self.model = model
        self.findings = loading.findings
    }

    /// Leaves of `model` what was asked for, checked as a whole; returns the services that
    /// profiles leave out.
    private static func choose(
        from model: inout Node,
        _ request: ComposeRequest,
        _ profiles: Set<String>,
        _ environment: [String: String],
        _ loading: Loading
    ) -> Set<String> {
        let selection = Selection(loading)
        let disabled: Set<String>
        (model, disabled) = selection.enabled(model, profiles, naming: request.services)
        if request.checksConsistency {
            let value = Value(model, at: FieldPath(), in: loading)
            Consistency(value, disabled: disabled).check()
            model = Consistency.scaled(value)
        }
        if request.followsDependencies { selection.checkDependencies(model) }
        model = selection.selected(model, request.services)
        if request.checksConsistency, request.checksContainerNames, !request.isForSwarm {
            Consistency.checkNames(Value(model, at: FieldPath(), in: loading))
        }
        model = withFiles(model, request, environment, loading)
        if !request.keepsUnused { model = selection.used(model) }
        return disabled
    }

    private static func withFiles(
        _ model: Node,
        _ request: ComposeRequest,
        _ environment: [String: String],
        _ loading: Loading
    ) -> Node {
        var files = ServiceFiles(loading: loading, environment: environment)
        files.readsEnvironment = request.readsEnvironmentFiles
        return Value(model, at: FieldPath(), in: loading).eachMember { part in
            guard part.name == "services" else { return part.node }
            return part.eachMember { service in
                service.isMapping && !service.isUnresolved ? files.read(service) : service.node
            }
        }
    }
}

extension ComposeProject {
    /// The project of a stack, as the controller reads it: without any environment but the
    /// folder's own `.env`.
    package init(
        reading snapshot: Snapshot,
        at folder: String,
        id: StackID,
        chosen: ChosenFiles = ChosenFiles(),
        called name: String? = nil
    ) throws(Rejection) {
        try self.init(.stack(at: folder, name ?? id.composeProjectName, chosen), in: snapshot)
    }
}

extension ComposeRequest {
    /// What the controller asks of a stack's folder.
    static func stack(
        at folder: String,
        _ name: String,
        _ chosen: ChosenFiles = ChosenFiles()
    ) -> ComposeRequest {
        var request = ComposeRequest(directory: CleanPath.withoutDots(folder))
        request.projectName = name
        request.environment["COMPOSE_PROJECT_NAME"] = name
        request.files = chosen.files
        request.environmentFiles = chosen.environmentFiles
        // Wherever the first of its files is.
        if !chosen.files.isEmpty { request.projectDirectory = "." }
        return request
    }
}

extension Node {
    /// Bytes of all scalars in it, those that aliases repeat each time.
    fileprivate var byteCount: Int {
        if let text { return text.utf8.count }
        let elements = (elements ?? []).reduce(0) { $0 + $1.byteCount }
        return (entries ?? []).reduce(elements) { $0 + $1.value.byteCount }
    }
}
