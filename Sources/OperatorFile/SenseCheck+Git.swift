internal import Model
internal import YAMLTree

/// What a repository's keys say together.
extension SenseCheck {
    /// Looks at how one repository is reached and what of it is followed.
    mutating func checkAccess(_ node: Node, _ url: RepositoryURL, at path: FieldPath) {
        checkAlternatives(node, ["branch", "tag", "semver"], at: path)
        checkAlternatives(node, ["folder", "folders"], at: path)
        if node["folders"] != nil, let name = node["stack"] {
            let message = "many folders can't share the name of one stack; remove \"stack\""
            refuse(name, path / "stack", "contradiction", message)
        }
        if !settings.git.schemes.contains(url.scheme) {
            refuse(
                node["url"] ?? node,
                path / "url",
                "scheme-forbidden",
                "\(url.scheme.rawValue) is not among \"git.schemes\"; add it there, or give "
                    + "another URL"
            )
        }
        for key in ["ca", "client_certificate"] where url.scheme != .https {
            guard let value = node[key] else { continue }
            refuse(value, path / key, "contradiction", "only https has certificates")
        }
        if let signers = node["signers"], signers["ssh"] == nil, signers["openpgp"] == nil {
            let message = "\"\(path / "signers")\" needs \"ssh\" or \"openpgp\", else nobody counts"
            refuse(signers, path / "signers", "contradiction", message)
        }
        if let credentials = node["credentials"] {
            checkCredentials(credentials, url, at: path / "credentials")
        }
    }

    /// At most one of `keys`.
    private mutating func checkAlternatives(_ node: Node, _ keys: [String], at path: FieldPath) {
        let given = keys.filter { node[$0] != nil }
        guard given.count > 1, let last = given.last else { return }
        let names = given.map { "\"\($0)\"" }.joined(separator: " and ")
        refuse(node[last] ?? node, path / last, "contradiction", "give one of \(names)")
    }

    private mutating func checkCredentials(
        _ node: Node,
        _ url: RepositoryURL,
        at path: FieldPath
    ) {
        let passwords = ["password_file", "password_variable"]
        let secrets = passwords + ["token_file", "token_variable", "key_file"]
        let given = secrets.filter { node[$0] != nil }
        guard given.count == 1, let kind = given.first else {
            let message = "needs one of \(secrets.map { "\"\($0)\"" }.joined(separator: ", "))"
            return refuse(node, path, "contradiction", "\"\(path)\" \(message)")
        }
        let isPassword = passwords.contains(kind)
        if isPassword != (node["username"] != nil) {
            let message =
                isPassword
                ? "a password needs a \"username\"" : "a \"username\" is for a password"
            refuse(node, path, "contradiction", message)
        }
        let fits: Set<RepositoryURL.Scheme> = kind == "key_file" ? [.ssh] : [.http, .https]
        guard fits.contains(url.scheme) else {
            let places = kind == "key_file" ? "ssh" : "https"
            let message = "\"\(kind)\" is for \(places), and the URL is another"
            return refuse(node[kind] ?? node, path / kind, "contradiction", message)
        }
        guard url.scheme == .http else { return }
        let message = "credentials over http can be read by everybody on the way; use https"
        warn(node, path, "unencrypted-credentials", message)
    }
}
