internal import Model

/// `environment` and `env_file`.
extension Value {
    /// `environment`; in a list only texts, with no blank before the `=`.
    var environment: [String: String?]? {
        guard let assignments else { return nil }
        for name in assignments.keys.sorted() {
            guard let problem = EnvironmentFile.problem(withName: name) else { continue }
            loading.report(
                "invalid-environment",
                problem,
                at: loading.places.location(of: path / name),
                field: path / name,
                fix: "write NAME=value"
            )
        }
        return assignments
    }

    /// `env_file`: a path, or a list of paths or of path, required and format.
    var environmentFiles: [EnvironmentFileReference] {
        guard isList else {
            return string.map { [EnvironmentFileReference(path: $0, value: self)] } ?? []
        }
        return (elements ?? []).compactMap { element in
            var reference = EnvironmentFileReference(value: element)
            guard element.isMapping else {
                guard let path = element.nonEmptyString else { return nil }
                reference.path = path
                return reference
            }
            Schema.environmentFile.read(element, into: &reference)
            if reference.path.isEmpty {
                element.fail("missing-attribute", "lacks path")
                return nil
            }
            return reference
        }
    }

    fileprivate var environmentFileFormat: EnvironmentFileReference.Format? {
        guard let string else { return nil }
        if let format = EnvironmentFileReference.Format(rawValue: string) { return format }
        fail(
            "invalid-value",
            "must be raw or left out",
            not: string
        )
        return nil
    }
}

extension Schema where Target == EnvironmentFileReference {
    fileprivate static let environmentFile = Schema(
        "an env_file",
        handled: [
            Attribute("path") { $1.path = $0.nonEmptyString ?? "" },
            Attribute("required") { $1.isRequired = $0.bool ?? true },
            Attribute("format") { $1.format = $0.environmentFileFormat ?? .standard },
        ]
    )
}
