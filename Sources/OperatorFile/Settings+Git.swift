package import Model
internal import YAMLTree

extension Settings {
    /// What holds for every repository that is not a path of the node.
    package struct Git: Hashable, Codable, Sendable {
        package var schemes: Set<RepositoryURL.Scheme> = [.file, .https, .ssh]
        /// Where a server may send us besides itself.
        package var hosts: Set<String> = []
        /// Subnets in which no server may be: by default what is local to a link, where clouds tell
        /// machines their secrets.
        package var refusedAddresses = ["169.254.0.0/16", "fe80::/10", "fd00:ec2::/32"]
        /// Absolute path of the authorities trusted instead of the system's; nil for those.
        package var authorities: String?
        /// nil for none.
        package var proxy: String?
        /// Hosts that are spoken with directly although there is a proxy.
        package var directHosts: Set<String> = []
        /// Absolute path of the ssh host keys that are accepted.
        package var knownHosts = "/var/lib/gyre/known_hosts"
        /// Conversations with one host at a time.
        package var connections = 4
        /// In whose name commits are written, as `name <address>`.
        package var author = "Gyre <gyre@localhost>"
        /// Absolute path of the ssh key that signs these commits; nil where they aren't signed.
        package var signingKey: String?
        package var limits = Limits()

        package init() {}
    }

    /// What a single fetch may bring.
    package struct Limits: Hashable, Codable, Sendable {
        package var pack = ByteCount.gibibytes(1)
        package var objects = 2_000_000
        package var file = ByteCount.mebibytes(1)
        package var refs = 100_000
        package var time = Nanoseconds.seconds(600)

        package init() {}
    }
}

extension Settings.Git {
    /// What can be read of `node`, with the default for whatever can't.
    init(reading node: Reading, directory: String, state: String) {
        schemes =
            node["schemes"].texts.map { Set($0.compactMap(RepositoryURL.Scheme.init)) } ?? schemes
        hosts = node["hosts"].texts.map(Set.init) ?? hosts
        refusedAddresses = node["refused_addresses"].texts ?? refusedAddresses
        authorities = node["ca"].text.map { Format.path($0, in: directory) }
        proxy = node["proxy"].text
        directHosts = node["no_proxy"].texts.map(Set.init) ?? directHosts
        knownHosts =
            node["known_hosts"].text.map { Format.path($0, in: directory) }
            ?? "\(state)/known_hosts"
        connections = node["connections"].int ?? connections
        author = node["author"].text ?? author
        signingKey = node["signing_key"].text.map { Format.path($0, in: directory) }
        let bounds = node["limits"]
        limits.pack = bounds["pack"].bytes.map { ByteCount($0) } ?? limits.pack
        limits.objects = bounds["objects"].int ?? limits.objects
        limits.file = bounds["file"].bytes.map { ByteCount($0) } ?? limits.file
        limits.refs = bounds["refs"].int ?? limits.refs
        limits.time = bounds["time"].duration ?? limits.time
    }
}

extension GitReference {
    /// A branch, a tag or a range of versions; the branch `main` where nothing is said.
    init(reading node: Reading) {
        if let tag = node["tag"].text {
            self = .tag(tag)
        } else if let range = node["semver"].text.flatMap(VersionRange.init) {
            self = .versions(range)
        } else {
            self = .branch(node["branch"].text ?? "main")
        }
    }
}

extension RepositoryAccess {
    init(reading node: Reading, directory: String) {
        func path(_ reading: Reading) -> String? {
            reading.text.map { Format.path($0, in: directory) }
        }
        self.init(
            credentials: Credentials(reading: node["credentials"], path),
            authorities: path(node["ca"]),
            certificate: Certificate(reading: node["client_certificate"], path)
        )
    }
}

extension Signers {
    /// nil where nobody has to sign.
    init?(reading node: Reading, directory: String) {
        guard node.node?.isNull == false else { return nil }
        self.init(
            ssh: node["ssh"].text.map { Format.path($0, in: directory) },
            openPGP: node["openpgp"].text.map { Format.path($0, in: directory) }
        )
    }
}

extension RepositoryAccess.Credentials {
    fileprivate init?(reading node: Reading, _ path: (Reading) -> String?) {
        func secret(_ name: String) -> SecretReference? {
            path(node["\(name)_file"]).map { .file($0) }
                ?? node["\(name)_variable"].text.map { .variable($0) }
        }
        if let key = path(node["key_file"]) {
            self = .key(key)
        } else if let token = secret("token") {
            self = .token(token)
        } else if let user = node["username"].text, let password = secret("password") {
            self = .password(user: user, password)
        } else {
            return nil
        }
    }
}

extension RepositoryAccess.Certificate {
    /// nil unless both files are named; `path` finds the one that a value means.
    init?(reading node: Reading, _ path: (Reading) -> String?) {
        guard let file = path(node["certificate_file"]), let key = path(node["key_file"]) else {
            return nil
        }
        self.init(file: file, key: key)
    }
}
