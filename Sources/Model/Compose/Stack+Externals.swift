extension Stack {
    /// The names of what it uses and somebody else makes.
    package var externalNames: ExternalNames {
        func names(of files: [String: StoredFile]) -> Set<String> {
            Set(files.values.filter { $0.origin == .external }.map(\.name))
        }
        return ExternalNames(
            networks: Set(networks.values.filter(\.isExternal).map(\.name)),
            volumes: Set(volumes.values.filter(\.isExternal).map(\.name)),
            configs: names(of: configs),
            secrets: names(of: secrets)
        )
    }

    /// Names by kind: an engine may have a network and a volume of one name.
    package struct ExternalNames: Hashable, Sendable {
        package var networks: Set<String>
        package var volumes: Set<String>
        package var configs: Set<String>
        package var secrets: Set<String>

        package init(
            networks: Set<String> = [],
            volumes: Set<String> = [],
            configs: Set<String> = [],
            secrets: Set<String> = []
        ) {
            self.networks = networks
            self.volumes = volumes
            self.configs = configs
            self.secrets = secrets
        }

        package var isEmpty: Bool {
            networks.isEmpty && volumes.isEmpty && configs.isEmpty && secrets.isEmpty
        }
    }
}

/// Under which ids an engine has what a stack uses and somebody else makes: networks, and of a
/// Swarm configs and secrets.
///
/// As they were found by name before the first step. A service names them by id, so that nothing
/// that has the name later comes to be used in their place.
package struct ExternalIDs: Hashable, Codable, Sendable {
    private var ids: [OwnedObject.Kind: [String: String]] = [:]

    package init() {}

    package init(networks: [String: String]) { ids[.network] = networks }

    /// The id of what is called `name`; nil where nobody looked, or found it.
    package subscript(kind: OwnedObject.Kind, name: String) -> String? {
        get { ids[kind]?[name] }
        set { ids[kind, default: [:]][name] = newValue }
    }

    /// Under which name it was found that it has this id.
    package func name(of id: String, _ kind: OwnedObject.Kind) -> String? {
        ids[kind]?.filter { $0.value == id }.keys.min()
    }

    /// All of them, in no order.
    package var all: [(kind: OwnedObject.Kind, name: String, id: String)] {
        ids.flatMap { kind, named in named.map { (kind, $0.key, $0.value) } }
    }
}
