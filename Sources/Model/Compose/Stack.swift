/// What the files of one compose application mean: plain values, and beside them where each
/// was written.
package struct Stack: Hashable, Codable, Sendable {
    package var id: StackID
    /// The compose files it was read from, in merge order, as paths in the snapshot.
    package var files: [String]
    /// What Compose calls it where it was taken over under a name of its own.
    package var adoptedName: String?
    /// By name.
    package var services: [String: Service]
    /// The networks that services use, by key; `default` is among them when one uses it.
    package var networks: [String: Network]
    /// The declared named volumes, by key.
    package var volumes: [String: Volume]
    /// The declared configs and secrets, by key.
    package var configs: [String: StoredFile] = [:]
    package var secrets: [String: StoredFile] = [:]
    /// Those of them that are the stack's own, whatever they are shipped as.
    package var ownFiles: [OwnFile] = []
    /// Whether it was read to be run on a Swarm.
    package var isForSwarm = false
    /// Bytes of the files it was read from, or of the values that these came to: what is more.
    package var inputBytes = 0
    /// Nodes of these files that aliases stand for, each as often as it is repeated.
    package var repeatedNodes = 0
    /// What stands under `x-…` at the top, variables expanded.
    package var extensions: [String: JSON]
    /// What configs hold that are not files of the commit, by the names of their contents.
    package var texts: [String: ConcealedText] = [:]
    /// ``ContentKey/id`` of the key that digests of secrets are made with.
    package var secretsKey = ""
    package var places: SourceMap
    /// What the loader had to say that is no error.
    package var warnings: [Diagnostic]

    package init(
        id: StackID,
        files: [String] = [],
        services: [String: Service] = [:],
        networks: [String: Network] = [:],
        volumes: [String: Volume] = [:],
        places: SourceMap = SourceMap(),
        warnings: [Diagnostic] = [],
        extensions: [String: JSON] = [:]
    ) {
        self.id = id
        self.files = files
        self.services = services
        self.networks = networks
        self.volumes = volumes
        self.extensions = extensions
        self.places = places
        self.warnings = warnings
    }

    /// A network of the stack.
    package struct Network: Hashable, Codable, Sendable {
        /// The name on the engine; `<compose project name>_<key>` unless the file gives one.
        package var name: String
        /// No way out of the node.
        package var isInternal: Bool
        package var labels: [String: String]
        /// nil: the engine's default.
        package var driver: String?
        package var options: [String: String] = [:]
        package var addressing = Addressing()
        package var isAttachable = false
        /// Somebody else makes it.
        package var isExternal = false
        /// nil: as the engine does it.
        package var hasIPv4: Bool?
        package var hasIPv6: Bool?

        package init(name: String, isInternal: Bool = false, labels: [String: String] = [:]) {
            self.name = name
            self.isInternal = isInternal
            self.labels = labels
        }
    }

    /// A named volume of the stack.
    package struct Volume: Hashable, Codable, Sendable {
        /// The name on the engine; `<compose project name>_<key>` unless the file gives one.
        package var name: String
        package var labels: [String: String]
        /// nil: the engine's own.
        package var driver: String?
        package var options: [String: String] = [:]
        /// Somebody else makes it.
        package var isExternal = false

        package init(name: String, labels: [String: String] = [:]) {
            self.name = name
            self.labels = labels
        }
    }
}

extension Stack {
    /// What Compose calls a project.
    package var composeProjectName: String { adoptedName ?? id.composeProjectName }

    /// What its services mount of the commit, by the volumes that hold it.
    package func contents(controller: String) -> [ContentVolume: Content] {
        let all = services.values.flatMap { $0.contents }.map { content in
            (ContentVolume(of: content, in: id, controller: controller), content)
        }
        return Dictionary(all) { first, second in first.name < second.name ? first : second }
    }
}

extension Stack {
    /// The archive of one of its contents, read again from the commit.
    package func archive(
        of content: Content,
        in snapshot: () async throws -> Snapshot
    ) async throws -> ContentArchive {
        if case .text = content.source { return try archive(ofText: content) }
        return try archive(of: content, in: try await snapshot())
    }

    /// The same, where the files of the commit are at hand.
    package func archive(of content: Content, in snapshot: Snapshot) throws -> ContentArchive {
        guard case .tree(let path) = content.source else { return try archive(ofText: content) }
        guard let attributes = content.attributes else {
            return try ContentArchive(of: path, in: snapshot)
        }
        return try ContentArchive(
            file: try snapshot.read(path),
            attributes,
            isSecret: content.isSecret
        )
    }

    private func archive(ofText content: Content) throws -> ContentArchive {
        try ContentArchive(
            file: Array((texts[content.name]?.text ?? "").utf8),
            content.attributes ?? .init(),
            isSecret: content.isSecret
        )
    }

    /// What its own volumes are called on an engine, those of contents among them.
    package func volumeNames(controller: String) -> Set<String> {
        Set(volumes.values.filter { !$0.isExternal }.map(\.name))
            .union(contents(controller: controller).keys.map(\.name))
    }

    /// Whether who joins the network `key` may be a guest there: somebody else makes it, and its
    /// name is none that Compose derives for a stack of the project.
    ///
    /// A guest answers to no name that another's services may have.
    package func isGuest(on key: String) -> Bool {
        guard let network = networks[key], network.isExternal else { return false }
        return !network.name.hasPrefix(id.project + "_")
    }
}

extension Service {
    /// What it mounts of the commit.
    package var contents: [Content] {
        volumes.compactMap { mount in
            if case .content(let content) = mount.source { content } else { nil }
        }
    }
}
