internal import Model
internal import YAMLTree

/// Reads environment files from the snapshot and settles what a service's variables are.
struct EnvironmentLoader {
    private let loading: Loading
    private let service: FieldPath

    init(_ loading: Loading, service: FieldPath = FieldPath()) {
        self.loading = loading
        self.service = service
    }

    /// The variables of the folder's `.env`; none when there is no such file.
    func projectVariables() -> [String: String] {
        let path = loading.path(of: ".env")
        if let error = readError(path), error == .missing || error == .isDirectory { return [:] }
        let start = SourceLocation(file: path, line: 1, column: 1)
        let loading = loading
        guard let text = text(of: path, at: start, field: nil),
            let file = parse(
                text,
                file: path,
                lookup: { $0 == "COMPOSE_PROJECT_NAME" ? loading.variable($0) : nil }
            )
        else { return [:] }
        checkProjectName(file)
        return file.values
    }

    /// `COMPOSE_PROJECT_NAME` of a `.env`, by which Compose would call the stack otherwise; an
    /// empty one is none.
    private func checkProjectName(_ file: EnvironmentFile) {
        let name = loading.id.composeProjectName
        let given = file.variables.last { $0.name == "COMPOSE_PROJECT_NAME" }
        guard let given, !given.value.isEmpty, given.value != name else { return }
        loading.report(
            "project-name",
            "COMPOSE_PROJECT_NAME must be the stack's own name, \"\(name)\"",
            at: given.location,
            fix: "remove the line, or write \"\(name)\""
        )
    }

    /// The files of `env_file` in order, each over the one before, and `environment` over them.
    ///
    /// A name without a value takes the project's, and no file's.
    func environment(of draft: ServiceDraft) -> [String: String?] {
        var result: [String: String?] = [:]
        for reference in draft.environmentFiles {
            for variable in variables(of: reference, own: draft.environment, earlier: result) {
                result.updateValue(variable.value, forKey: variable.name)
                let place = service / "environment" / variable.name
                if draft.environment.index(forKey: variable.name) == nil {
                    loading.places.record(variable.location, at: place)
                }
            }
        }
        for (name, value) in draft.environment {
            result.updateValue(value ?? loading.variable(name), forKey: name)
        }
        return result
    }

    private func variables(
        of reference: EnvironmentFileReference,
        own: [String: String?],
        earlier: [String: String?]
    ) -> [EnvironmentFile.Variable] {
        let path = loading.path(of: reference.path)
        let isAbsolute = reference.path.hasPrefix("/")
        guard !isAbsolute else {
            reference.value.fail(
                "env-file-outside",
                "is a path of a node, not of the repository",
                fix: "name a file beside the compose file"
            )
            return []
        }
        if !reference.isRequired, readError(path) == .missing { return [] }
        guard
            let text = text(
                of: path,
                at: reference.value.node.location,
                field: reference.value.path
            )
        else { return [] }
        let loading = loading
        let lookup = { (name: String) -> String? in
            loading.variable(name) ?? (own[name] ?? nil)
        }
        let isRaw = reference.format == .raw
        let file =
            isRaw
            ? parseRaw(text, file: path, lookup: lookup)
            : parse(text, file: path) { lookup($0) ?? (earlier[$0] ?? nil) }
        return file?.variables ?? []
    }

    private func readError(_ path: String) -> Snapshot.ReadError? {
        do {
            _ = try loading.snapshot.read(path)
            return nil
        } catch {
            return error
        }
    }

    private func text(of path: String, at place: SourceLocation, field: FieldPath?) -> String? {
        let bytes: [UInt8]
        do {
            bytes = try loading.snapshot.read(path)
        } catch {
            report(error, path, at: place, field: field)
            return nil
        }
        let start = SourceLocation(file: path, line: 1, column: 1)
        guard bytes.count <= EnvironmentFile.mostBytes else {
            loading.report(
                "env-file-too-large",
                "the file has more than \(EnvironmentFile.mostBytes) bytes",
                at: start
            )
            return nil
        }
        guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
            loading.report(
                "env-file-syntax",
                "the file is not valid UTF-8 text",
                at: start,
                fix: "save it as UTF-8"
            )
            return nil
        }
        return text
    }

    private func report(
        _ error: Snapshot.ReadError,
        _ path: String,
        at place: SourceLocation,
        field: FieldPath?
    ) {
        guard error == .outsideTree else {
            loading.report(
                "env-file-missing",
                "\(path) can't be read: \(error.reason)",
                at: place,
                field: field
            )
            return
        }
        loading.report(
            "env-file-outside",
            "\(path) leads out of the repository",
            at: place,
            field: field,
            fix: "commit the file itself, without a link or .. that leaves the repository"
        )
    }

    private func parse(
        _ text: String,
        file: String,
        lookup: @escaping (String) -> String?
    ) -> EnvironmentFile? {
        var parser = EnvironmentParser(text, file: file, lookup: lookup)
        var result: EnvironmentFile?
        do {
            result = EnvironmentFile(variables: try parser.parse(budget: &loading.budget))
        } catch {
            error.diagnostics.forEach { loading.findings.add($0) }
        }
        for (name, location) in parser.unset {
            loading.warn(
                "unset-variable",
                "the variable \(name) is not set; it becomes empty text",
                at: location,
                fix: "set it before this line"
            )
        }
        return result
    }

    private func parseRaw(
        _ text: String,
        file: String,
        lookup: (String) -> String?
    ) -> EnvironmentFile? {
        do {
            return try EnvironmentFile(raw: text, file: file, lookup: lookup)
        } catch {
            error.diagnostics.forEach { loading.findings.add($0) }
            return nil
        }
    }
}

extension EnvironmentFile {
    init(variables: [Variable]) { self.variables = variables }
}
