/// Where the files of a version were read: they are found there again whatever the operator's file
/// and the repository say by then.
package struct VersionPlace: Hashable, Codable, Sendable {
    package var repository: RepositoryURL
    /// Folder of the stack in the repository; empty for its root.
    package var folder: String
    /// Compose files and files of variables that were read in place of the usual ones.
    private var files: [String]?
    private var environmentFiles: [String]?
    /// Stacks of its project that come before it.
    private var after: [String]?
    /// By what the repository was entered: keys and values as the operator's file has them, which
    /// name credentials and never hold them.
    private var entry: [String: String]

    package init(
        repository: RepositoryURL,
        folder: String,
        chosen: ChosenFiles = ChosenFiles(),
        access: RepositoryAccess = RepositoryAccess(),
        dependencies: [String] = []
    ) {
        self.repository = repository
        self.folder = folder
        // What is empty is not written: entries of before have none of it.
        if !chosen.files.isEmpty { files = chosen.files }
        if !chosen.environmentFiles.isEmpty { environmentFiles = chosen.environmentFiles }
        if !dependencies.isEmpty { after = dependencies }
        entry = [:]
        switch access.credentials {
        case nil: break
        case .password(let user, let reference):
            entry["username"] = user
            note("password", reference)
        case .token(let reference): note("token", reference)
        case .key(let path): entry["key_file"] = path
        }
        entry["ca"] = access.authorities
        entry["certificate_file"] = access.certificate?.file
        entry["certificate_key_file"] = access.certificate?.key
    }

    package var chosen: ChosenFiles {
        ChosenFiles(files: files ?? [], environmentFiles: environmentFiles ?? [])
    }

    package var dependencies: [String] { after ?? [] }

    package var access: RepositoryAccess {
        var access = RepositoryAccess(credentials: credentials, authorities: entry["ca"])
        if let file = entry["certificate_file"], let key = entry["certificate_key_file"] {
            access.certificate = .init(file: file, key: key)
        }
        return access
    }

    private var credentials: RepositoryAccess.Credentials? {
        if let user = entry["username"], let password = reference("password") {
            return .password(user: user, password)
        }
        return reference("token").map { .token($0) } ?? entry["key_file"].map { .key($0) }
    }

    private mutating func note(_ name: String, _ reference: SecretReference) {
        switch reference {
        case .file(let path): entry["\(name)_file"] = path
        case .variable(let variable): entry["\(name)_variable"] = variable
        }
    }

    private func reference(_ name: String) -> SecretReference? {
        entry["\(name)_file"].map { .file($0) } ?? entry["\(name)_variable"].map { .variable($0) }
    }
}
