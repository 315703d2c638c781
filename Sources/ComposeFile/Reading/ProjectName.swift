internal import Model
internal import YAMLTree

/// The name of a project, from the question, the environment, the files, or their folder.
///
/// Source: compose-go. What people say must be a name; what is found is made one, but for what a
/// file says that is not normalised.
struct ProjectName {
    private let loading: Loading

    init(_ loading: Loading) { self.loading = loading }

    /// The name; empty after reporting that there is none.
    func of(
        _ request: ComposeRequest,
        _ environment: [String: String],
        _ files: [(path: String, documents: [Node])],
        directory: String
    ) -> String {
        let asked = [request.projectName, environment["COMPOSE_PROJECT_NAME"]]
        if let name = asked.compactMap({ $0 }).first(where: { !$0.isEmpty }) {
            // A Swarm's stack may have any name.
            if !loading.isForSwarm, ProjectName.normalized(name) != name {
                loading.report(
                    "project-name",
                    "\"\(name)\" is no name of a project",
                    at: nil,
                    fix: "use lower-case letters, digits, hyphens and underscores, and start with "
                        + "a letter or digit"
                )
            }
            return name
        }
        let written = files.flatMap { $0.documents }.compactMap { $0["name"]?.string }
            .last { !$0.isEmpty }
        var name = CleanPath.name(of: directory)
        if let written, !request.interpolates {
            name = written
        } else if let written {
            let expanded = try? Template.expand(written, budget: &loading.budget) {
                environment[$0]
            }
            name = expanded?.text ?? written
        }
        if written != nil, !request.normalizes { return name }
        let normalized = ProjectName.normalized(name)
        if normalized.isEmpty {
            loading.report(
                "project-name",
                "the project has no name",
                at: files.first.map { SourceLocation(file: $0.path, line: 1, column: 1) },
                fix: "write name: at the top of the file"
            )
        }
        return normalized
    }

    /// `text` in lower case, without what no name holds.
    static func normalized(_ text: String) -> String {
        let kept = text.lowercased().filter { character in
            character.isASCII
                && (character.isLetter || character.isNumber || "_-".contains(character))
        }
        return String(kept.drop { "_-".contains($0) })
    }
}
