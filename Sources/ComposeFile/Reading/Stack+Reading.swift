package import Model
internal import YAMLTree

extension Stack {
    /// Reads the stack that `folder` of `snapshot` declares.
    ///
    /// Pure: the same snapshot, folder and id give the same stack. Everything that is wrong is
    /// gathered before it is refused; what is only worth saying is in ``Stack/warnings``.
    package init(
        reading snapshot: Snapshot,
        at folder: String,
        id: StackID
    ) throws(Rejection) {
        let base = CleanPath.withoutDots(folder)
        let loading = Loading(snapshot: snapshot, folder: base, id: id)
        let file = try loading.composeFile()
        loading.variables = EnvironmentLoader(loading).projectVariables()
        var draft = StackDraft(stack: Stack(id: id, files: [loading.path(of: file)]))
        if let node = loading.document(file) {
            let top = Value(Interpolator(loading).expand(node), at: FieldPath(), in: loading)
            top.readStack(into: &draft)
        }
        RancherCompose(loading).apply(to: &draft)
        self = draft.stack
        for (name, service) in draft.services { services[name] = service.service }
        networks = usedNetworks(of: draft)
        places = loading.places
        if loading.isComplete { Consistency(self, declared: draft.networks, loading).check() }
        guard !loading.findings.hasErrors else { throw Rejection(loading.findings.list) }
        warnings = loading.findings.list.sorted()
    }

    /// The declared networks that services join, and the default one that needs no declaration.
    private func usedNetworks(of draft: StackDraft) -> [String: Network] {
        var used = Set(services.values.flatMap(\.networks.keys))
        used.formIntersection(Set(draft.networks.keys).union(["default"]))
        return Dictionary(
            uniqueKeysWithValues: used.map { key in
                (key, draft.networks[key] ?? Network(name: "\(id.composeProjectName)_\(key)"))
            }
        )
    }
}

extension Value {
    fileprivate func readStack(into draft: inout StackDraft) {
        guard isMapping else { return failType("a mapping") }
        loading.isComplete = node["include"] == nil
        Schema.stack.read(self, into: &draft)
        for member in members where member.name.hasPrefix("x-") {
            draft.stack.extensions[member.name] = member.json
        }
        let names = Set(members.map(\.name))
        if names.isDisjoint(with: ["services", "include"]) {
            fail("missing-attribute", "the file declares no services", fix: "write services:")
        }
    }

    private var json: JSON {
        switch node.content {
        case .sequence: return .array((elements ?? []).map(\.json))
        case .mapping:
            return .object(
                Dictionary(members.map { ($0.name, $0.json) }) { _, last in last }
            )
        case .scalar: break
        }
        return switch node.scalar {
        case .bool(let value): .bool(value)
        case .int(let value): Int64(exactly: value).map(JSON.int) ?? .double(Double(value))
        case .double(let value): value.isFinite ? .double(value) : .string(node.text ?? "")
        case .string(let value): .string(value)
        case .null, nil: .null
        }
    }
}

extension Loading {
    /// The name of the compose file in the folder; reports others that are not read.
    fileprivate func composeFile() throws(Rejection) -> String {
        let files = StackFolder.files(StackFolder.composeFiles, in: folder, of: snapshot)
        guard let file = files.first else {
            let place = folder.isEmpty ? "the repository" : folder
            throw Rejection(
                Diagnostic(
                    code: "no-compose-file",
                    "\(place) holds no compose file",
                    fix: "add \(path(of: StackFolder.composeFiles[0]))"
                )
            )
        }
        for other in files.dropFirst() {
            warn(
                "several-compose-files",
                "\(other) is not read, because \(file) is there",
                at: SourceLocation(file: path(of: other), line: 1, column: 1),
                fix: "remove one"
            )
        }
        for other in StackFolder.files(StackFolder.overrideFiles, in: folder, of: snapshot) {
            report(
                "not-supported",
                "\(other) would be merged over \(file), which is not handled yet",
                at: SourceLocation(file: path(of: other), line: 1, column: 1),
                fix: "write its values into \(file), or rename it"
            )
        }
        return file
    }
}
