package import Model
internal import YAMLTree

extension Settings {
    /// What one project may show to registries: its own entries, and those for everybody.
    package func registries(of project: String) -> Registries {
        let everybodys = registries
        let all = projects.values.flatMap(\.registries) + everybodys
        return Registries(
            accesses: (projects[project]?.registries ?? []) + everybodys,
            closed: Set(all.map(\.host))
        )
    }
}

extension Shape {
    static let registry = Shape.mapping([
        Key(
            "host",
            .value(.registryHost),
            isRequired: true,
            "The registry as image names have it, with its port; `docker.io` is Docker Hub."
        ),
        Key(
            "username",
            .value(.user),
            otherwise: "none: asked without credentials",
            "Who the project is to the registry."
        ),
        Key(
            "password_file",
            .value(.path),
            "File that holds the password or token and nothing else; read at each use."
        ),
        Key(
            "password_variable",
            .value(.variable),
            "Variable of the controller's environment that holds it instead."
        ),
    ])
}

extension RegistryAccess {
    /// Reads one entry that stands at `place`.
    init?(reading node: Reading, directory: String, place: String) {
        guard let host = node["host"].text.map(RegistryAccess.canonical) else { return nil }
        let file = node["password_file"].text.map { Format.path($0, in: directory) }
        let variable = node["password_variable"].text
        let password = file.map(SecretReference.file) ?? variable.map(SecretReference.variable)
        let username = node["username"].text
        let credentials = username.flatMap { name in
            password.map { Credentials(username: name, password: $0) }
        }
        self.init(
            host: host,
            credentials: credentials,
            place: place
        )
    }

    /// Docker Hub has two names.
    fileprivate static func canonical(_ host: String) -> String {
        host == "index.docker.io" ? "docker.io" : host
    }

    /// Reads a list of entries whose key is at `place`.
    static func list(reading node: Reading, directory: String, place: String) -> [Self] {
        node.elements.enumerated().compactMap { index, node in
            RegistryAccess(reading: node, directory: directory, place: "\(place)[\(index)]")
        }
    }
}

/// What is wrong with a list of registries beyond its single values.
struct RegistryCheck {
    private(set) var findings: [Diagnostic] = []

    /// Looks at a list that stands at `path`.
    ///
    /// `grants` is what the project's images may come from; nil for everybody's list.
    mutating func check(_ list: Node?, at path: FieldPath, grants: [String]? = nil) {
        var hosts: [String: SourceLocation] = [:]
        for (index, node) in (list?.elements ?? []).enumerated() {
            let path = path[index]
            checkPassword(node, at: path)
            guard let host = (node["host"]?.text).map(RegistryAccess.canonical) else { continue }
            if let first = hosts[host] {
                add(node, path, "duplicate-registry", "line \(first.line) already names \(host)")
            }
            hosts[host] = hosts[host] ?? node.location
            guard let grants, !grants.contains(where: { $0 == host || $0.hasPrefix(host + "/") })
            else { continue }
            add(
                node,
                path,
                "unused-registry",
                "no grant lets the project use images of \(host)",
                .warning
            )
        }
    }

    private mutating func checkPassword(_ node: Node, at path: FieldPath) {
        let given = ["password_file", "password_variable"].filter { node[$0] != nil }
        let hasUser = node["username"] != nil
        if given.count > 1 {
            add(
                node,
                path,
                "two-passwords",
                "give a password_file or a password_variable, not both"
            )
        } else if hasUser, given.isEmpty {
            add(node, path, "missing-key", "a username needs a password_file or password_variable")
        } else if !hasUser, !given.isEmpty {
            add(node, path, "missing-key", "a password needs a username")
        }
    }

    private mutating func add(
        _ node: Node,
        _ path: FieldPath,
        _ code: String,
        _ message: String,
        _ severity: Diagnostic.Severity = .error
    ) {
        findings.append(
            Diagnostic(severity, code: code, message, at: node.location, field: path)
        )
    }
}
