package import Model
internal import YAMLTree

extension Stack {
    /// Reads the stack that `folder` of `snapshot` declares, to be run.
    ///
    /// As ``StackReading``; refused with everything that is wrong.
    package init(
        reading snapshot: Snapshot,
        at folder: String,
        id: StackID,
        key: ContentKey = ContentKey()
    ) throws(Rejection) {
        let reading = try StackReading(of: snapshot, at: folder, id: id, key: key)
        guard reading.errors.isEmpty else {
            throw Rejection(reading.errors + reading.stack.warnings)
        }
        self = reading.stack
    }
}

extension StackReading {
    /// Reads the stack that `folder` of `snapshot` declares, to be run.
    ///
    /// Pure: the same snapshot, folder and id give the same stack. Everything that is wrong is
    /// gathered, what Gyre doesn't render among it (see `Rendered`); what is only worth saying is
    /// in ``Stack/warnings``. Files of which nothing can be made at all are thrown. Where profiles
    /// leave services out, the files are read once more with all of them on.
    package init(
        of snapshot: Snapshot,
        at folder: String,
        id: StackID,
        chosen: ChosenFiles = ChosenFiles(),
        key: ContentKey = ContentKey(),
        isForSwarm: Bool = false,
        adoptedName: String? = nil
    ) throws(Rejection) {
        let name = adoptedName ?? id.composeProjectName
        var request = ComposeRequest.stack(at: CleanPath.withoutDots(folder), name, chosen)
        request.keepsUnused = true
        let project = try ComposeProject(reading: request, in: snapshot)
        self.init(project, of: snapshot, at: folder, id, adoptedName, chosen, key, isForSwarm)
        guard !project.disabled.isEmpty else { return }
        request.profiles = ["*"]
        let whole = try ComposeProject(reading: request, in: snapshot)
        let reading = StackReading(
            whole,
            of: snapshot,
            at: folder,
            id,
            adoptedName,
            chosen,
            key,
            isForSwarm
        )
        dormant = Dormant(reading.stack, errors: reading.errors, services: project.disabled)
    }

    /// All that `request` asks for.
    package init(
        answering request: LoadRequest,
        key: ContentKey = ContentKey()
    ) throws(Rejection) {
        let (snapshot, folder) = (request.snapshot, request.folder)
        try self.init(
            of: snapshot,
            at: folder,
            id: request.id,
            chosen: request.chosen,
            key: key,
            isForSwarm: request.isForSwarm,
            adoptedName: request.adoptedName
        )
        guard request.wantsConfig || request.adoptedName != nil else { return }
        let project = try ComposeProject(
            reading: snapshot,
            at: folder,
            id: request.id,
            chosen: request.chosen,
            called: request.adoptedName
        )
        if request.wantsConfig { config = project.config }
        guard let name = request.adoptedName else { return }
        if request.isForSwarm {
            var asked = ComposeRequest.stack(at: folder, name, request.chosen)
            // `docker stack` reads no `.env`; who has one gives it to the shell.
            asked.environment = project.environment
            dockerStack = (try? Stack(forSwarm: asked, in: snapshot, id: request.id))?.bare
            return
        }
        let placed = project.placed(in: "services")
        hashes = Hashes(
            services: project.createdHashes.filter { !placed.contains($0.key) },
            networks: project.networkHashes
        )
    }

    private init(
        _ project: ComposeProject,
        of snapshot: Snapshot,
        at folder: String,
        _ id: StackID,
        _ adoptedName: String?,
        _ chosen: ChosenFiles,
        _ key: ContentKey,
        _ isForSwarm: Bool
    ) {
        let base = CleanPath.withoutDots(folder)
        let loading = Loading(tree: snapshot)
        project.findings.list.forEach { loading.findings.add($0.asDeployed) }
        let model = Value(project.model, at: FieldPath(), in: loading)
        DeploymentCheck(loading, isForSwarm: isForSwarm).check(project.model)
        let reader = StackReader(
            loading,
            id,
            ContentReader(
                snapshot,
                environment: project.environment,
                key,
                isForSwarm: isForSwarm
            ),
            isForSwarm: isForSwarm,
            adoptedName: adoptedName
        )
        var stack = reader.stack(model, files: project.files)
        stack.inputBytes = project.inputBytes
        stack.repeatedNodes = project.repeatedNodes
        stack.isForSwarm = isForSwarm
        if project.isRead, model["services"] == nil {
            // Version 1 of the format had them at the top.
            let isOld = model.node.entries?.contains {
                $0.value["image"] != nil || $0.value["build"] != nil
            }
            loading.report(
                "missing-attribute",
                "the file declares no services",
                at: model.node.location,
                fix: "write services:" + (isOld == true ? " and what is at the top below it" : "")
            )
        }
        let labels = RancherLabels(model)
        labels.applyOwn(to: &stack)
        RancherCompose(loading, folder: base).apply(to: &stack)
        let unused = reader.takeUnused(from: &stack, model)
        labels.applyNumbers(to: &stack)
        DeploymentRules(stack, loading).check()
        if isForSwarm { SwarmLimits(stack, loading).check() }
        let variables =
            chosen.environmentFiles.isEmpty ? [".env"] : chosen.environmentFiles
        for file in variables {
            let path = CleanPath.joined(base, file)
            StackReading.checkVariables(path, of: &stack, in: snapshot, at: base, chosen, loading)
        }
        let findings = loading.findings.list.sorted()
        stack.warnings = findings.filter { $0.severity == .warning }
        self.init(stack, errors: findings.filter { $0.severity == .error })
        self.unused = unused
    }

    /// Refuses a file of variables that calls the stack otherwise; an empty name is none.
    ///
    /// One that has other files read than the folder's own is noted, for policy.
    private static func checkVariables(
        _ path: String,
        of stack: inout Stack,
        in snapshot: Snapshot,
        at folder: String,
        _ chosen: ChosenFiles,
        _ loading: Loading
    ) {
        let own = stack.composeProjectName
        // What is wrong with the file itself was reported when its variables were read.
        let variables = EnvironmentReader(Loading(tree: snapshot)).variables(of: path, named: nil) {
            $0 == "COMPOSE_PROJECT_NAME" ? own : nil
        }
        // By what was read, not by what the variable holds: its separator is the file's to choose.
        let usual = StackFolder.usualFiles(in: folder, of: snapshot)
        if let named = variables.last(where: { $0.name == "COMPOSE_FILE" && !$0.value.isEmpty }),
            chosen.files.isEmpty, !usual.starts(with: stack.files)
        {
            stack.places.record(named.location, at: FieldPath("COMPOSE_FILE"))
        }
        let given = variables.last { $0.name == "COMPOSE_PROJECT_NAME" }
        guard let given, !given.value.isEmpty, given.value != own else { return }
        loading.report(
            "project-name",
            "COMPOSE_PROJECT_NAME must be the stack's own name, \"\(own)\"",
            at: given.location,
            fix: "remove the line, or write \"\(own)\""
        )
    }
}

extension Stack {
    /// Without what comparing it doesn't take: places, and what files hold.
    fileprivate var bare: Stack {
        var stack = self
        stack.places = SourceMap()
        stack.warnings = []
        for key in configs.keys { stack.configs[key]?.content = nil }
        for key in secrets.keys { stack.secrets[key]?.content = nil }
        return stack
    }
}

extension Diagnostic {
    /// Warnings of what Compose drops without a word, where dropping would lift a limit, or leave
    /// to another reader what a tag asks for.
    fileprivate var asDeployed: Diagnostic {
        guard ["invalid-size", "unknown-tag", "other-encoding"].contains(code) else { return self }
        var finding = self
        finding.severity = .error
        return finding
    }
}
