package import Model
internal import YAMLTree

extension TenantFile {
    /// Reads a `.gyre.yaml`; `file` is its path in the repository.
    ///
    /// Pure, and bounded: a tenant wrote it. One with any error is refused whole, with all its
    /// errors.
    package init(parsing bytes: [UInt8], file: String = name) throws(Rejection) {
        let documents: [Node]
        do {
            documents = try parseYAML(bytes, file: file, bounds: Self.bounds)
        } catch {
            throw Rejection(error.diagnostics.map(Self.mended))
        }
        guard documents.count == 1, let document = documents.first else {
            throw Rejection(
                Diagnostic(
                    code: "wrong-document",
                    documents.isEmpty
                        ? "the file is empty" : "the file holds more than one document",
                    at: SourceLocation(file: file, line: 1, column: 1),
                    fix: documents.isEmpty
                        ? "write stacks: and below it the names of stacks, or remove the file"
                        : "remove all but one"
                )
            )
        }
        var shapes = ShapeCheck()
        shapes.check(document, .tenantFile)
        let stacks = (document["stacks"]?.entries ?? []).map { entry in
            (entry.key, DeclaredStack(reading: entry))
        }
        self.init(stacks: Dictionary(stacks) { first, _ in first })
        var findings = shapes.findings
        if stacks.isEmpty, findings.isEmpty {
            let fix = "write the name of a stack below it, or remove the file"
            let place = document["stacks"]?.location ?? document.location
            findings.append(Diagnostic(code: "no-stacks", "it names no stack", at: place, fix: fix))
        }
        findings += sense()
        guard findings.isEmpty else { throw Rejection(findings.map(Self.mended).sorted()) }
    }

    /// With what to do, where the finding has none.
    private static func mended(_ finding: Diagnostic) -> Diagnostic {
        guard finding.fix == nil else { return finding }
        var finding = finding
        let keys = finding.field?.components.compactMap { component in
            if case .key(let name) = component { name } else { nil }
        }
        finding.fix =
            switch keys?.last {
            case nil: "write it as YAML has it; Docs/Configuration.md has an example"
            case _ where finding.code == "invalid-name":
                "give it a name of lowercase letters, digits and hyphens between them"
            case "folder": "write where the folder is from here, such as apps/web"
            case "files", "env_files":
                "write where the file is from the stack's folder, such as compose.prod.yaml"
            default: "write a name of lowercase letters, digits and hyphens between them"
            }
        return finding
    }

    /// Far more than the largest repository needs.
    private static let bounds = YAMLBounds(bytes: 1 << 20, levels: 16, nodes: 50_000, findings: 100)

    /// Stacks that one depends on, and files that all stacks name together: far more than anybody
    /// has, and few enough for what the controller works out about all of them with each poll.
    private static let mostDependencies = 50
    private static let mostFiles = 5_000

    /// What is wrong with how much it says.
    private func excess() -> [Diagnostic] {
        let named = stacks.sorted { $0.key < $1.key }
        guard named.count <= Self.mostStacks else {
            return [
                Diagnostic(
                    code: "too-many-stacks",
                    "it names \(named.count) stacks, more than \(Self.mostStacks)",
                    at: named[0].value.folder.place,
                    field: FieldPath("stacks"),
                    fix: "split the repository's folders among several projects"
                )
            ]
        }
        let files = named.reduce(0) { $0 + $1.value.fileCount }
        guard files <= Self.mostFiles else {
            return [
                Diagnostic(
                    code: "too-many-files",
                    "it names \(files) files, more than \(Self.mostFiles)",
                    at: named[0].value.folder.place,
                    field: FieldPath("stacks"),
                    fix: "name those alone that are read besides what is read anyhow"
                )
            ]
        }
        return named.filter { $0.value.dependencies.count > Self.mostDependencies }.map {
            let count = $0.value.dependencies.count
            return Diagnostic(
                code: "too-many-dependencies",
                "\($0.key) depends on \(count) stacks, more than \(Self.mostDependencies)",
                at: $0.value.dependencies[0].place,
                field: FieldPath("stacks", $0.key) / "depends_on",
                fix: "name those that it can't start without"
            )
        }
    }

    /// What no single value shows.
    private func sense() -> [Diagnostic] {
        var findings = excess()
        guard findings.isEmpty else { return findings }
        for (name, stack) in stacks {
            let path = FieldPath("stacks", name)
            var seen: Set<String> = []
            for (index, other) in stack.dependencies.enumerated() {
                let isTwice = !seen.insert(other.text).inserted
                guard isTwice else { continue }
                findings.append(
                    Diagnostic(
                        code: "duplicate-name",
                        "\(name) depends on \(other.text) twice",
                        at: other.place,
                        field: (path / "depends_on")[index],
                        fix: "remove one"
                    )
                )
            }
            if let environment = stack.environment, let known = stack.environments,
                known[environment.text] == nil
            {
                findings.append(
                    Diagnostic(
                        code: "unknown-environment",
                        "\(name) is for \(environment.text), which its environments don't name"
                            + Suggestion.question(environment.text, known.keys),
                        at: environment.place,
                        field: path / "environment",
                        fix: "write \(environment.text): {} below environments:, if nothing "
                            + "differs there"
                    )
                )
            }
        }
        return findings + StackCycle.diagnostics(in: stacks.mapValues(\.dependencies))
    }

    /// The JSON Schema of `.gyre.yaml`, for editors that complete and check it.
    package static var jsonSchema: JSON { Shape.tenantFile.jsonSchema(title: name) }

    /// The reference of all keys as rows of a Markdown table.
    package static var reference: String { Shape.tenantFile.reference }
}

extension DeclaredStack {
    /// How many files it names in all environments.
    fileprivate var fileCount: Int {
        let overlays = environments ?? [:]
        return overlays.values.reduce(files.count + environmentFiles.count) {
            $0 + $1.files.count + $1.environmentFiles.count
        }
    }

    /// What can be read of it.
    fileprivate init(reading entry: Node.Entry) {
        let node = Reading(entry.value)
        let folder = node["folder"].written.map {
            WrittenText(Format.folder($0.text) ?? $0.text, at: $0.place)
        }
        self.init(folder: folder ?? WrittenText(entry.key, at: entry.location))
        files = node["files"].allWritten
        environmentFiles = node["env_files"].allWritten
        environment = node["environment"].written
        dependencies = node["depends_on"].allWritten
        guard node.node?["environments"] != nil else { return }
        let overlays = node["environments"].entries.map { name, value in
            let files = value["files"].allWritten
            return (name, Overlay(files: files, environmentFiles: value["env_files"].allWritten))
        }
        environments = Dictionary(overlays) { first, _ in first }
    }
}

extension Reading {
    fileprivate var written: WrittenText? {
        guard let text, let node else { return nil }
        return WrittenText(text, at: node.location)
    }

    fileprivate var allWritten: [WrittenText] { elements.compactMap(\.written) }
}
