package import Model
internal import YAMLTree

extension Settings {
    /// Who judges the stacks of a project besides the rules, and by which rule; nil for nobody.
    package func agent(of project: String) -> PolicyAgent? {
        guard var agent else { return nil }
        switch projects[project]?.agentRule {
        case "none": return nil
        case let rule?: agent.rule = rule
        case nil: break
        }
        return agent
    }
}

extension PolicyAgent {
    /// nil where none is named.
    init?(reading node: Reading, directory: String) {
        guard let address = node["url"].text.flatMap(Address.init) else { return nil }
        func path(_ reading: Reading) -> String? {
            reading.text.map { Format.path($0, in: directory) }
        }
        self.init(address)
        rule = node["rule"].text ?? rule
        timeout = node["timeout"].duration ?? timeout
        renewal = node["renewal"].duration ?? renewal
        authorities = path(node["ca"])
        certificate = .init(reading: node["client_certificate"], path)
        token =
            path(node["token_file"]).map(SecretReference.file)
            ?? node["token_variable"].text.map(SecretReference.variable)
    }

    /// The files that let whoever reads them in.
    var secretFiles: [String] {
        var files = [certificate?.key].compactMap(\.self)
        if case .file(let path) = token { files.append(path) }
        return files
    }
}

/// What the agent's keys say together.
extension SenseCheck {
    mutating func checkAgent(_ file: Node) {
        guard let node = file["policy"]?["opa"] else { return checkAgentRules(file) }
        let path = FieldPath("policy", "opa")
        if node["token_file"] != nil, let other = node["token_variable"] {
            let message = "\"token_file\" and \"token_variable\" are two places for one token"
            refuse(other, path / "token_variable", "contradiction", message)
        }
        guard case .unix = settings.agent?.address else { return }
        for key in ["ca", "client_certificate"] {
            guard let value = node[key] else { continue }
            let message = "\"\(key)\" is nothing for an agent behind a socket"
            refuse(value, path / key, "contradiction", message)
        }
    }

    /// A project that names a rule of an agent that nobody has named would be judged by none.
    private mutating func checkAgentRules(_ file: Node) {
        for project in file["projects"]?.entries ?? [] {
            guard let node = project.value["opa"], node.text != "none" else { continue }
            refuse(
                node,
                FieldPath("projects", project.key, "opa"),
                "incomplete",
                "\"opa\" names a rule, and \"policy.opa\" names no agent"
            )
        }
    }
}
