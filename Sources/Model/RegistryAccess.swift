/// A registry as the operator's file has it for one project: references to credentials, never
/// those themselves.
package struct RegistryAccess: Hashable, Codable, Sendable {
    /// As image names have it: host and port, `docker.io` for Docker Hub.
    package var host: String
    /// nil: the registry is asked without any.
    package var credentials: Credentials?
    /// Where the file says so, such as `projects.shop.registries[0]`, for people.
    package var place: String

    package init(host: String, credentials: Credentials? = nil, place: String = "") {
        self.host = host
        self.credentials = credentials
        self.place = place
    }

    /// Who somebody is to a registry.
    package struct Credentials: Hashable, Codable, Sendable {
        package var username: String
        package var password: SecretReference

        package init(username: String, password: SecretReference) {
            self.username = username
            self.password = password
        }
    }
}

/// What one project may show to registries, and which of them ask everybody.
package struct Registries: Hashable, Codable, Sendable {
    /// The project's own and everybody's; the first of a host counts.
    package var accesses: [RegistryAccess]
    /// Hosts that the file names for anybody at all.
    ///
    /// What the node has of them may have come there for another project, so having it proves
    /// nothing.
    package var closed: Set<String>

    package init(accesses: [RegistryAccess] = [], closed: Set<String> = []) {
        self.accesses = accesses
        self.closed = closed
    }

    /// What the project may show to the registry of an image.
    package func access(to image: ImageReference) -> RegistryAccess? {
        accesses.first { $0.host == image.registry }
    }

    /// Whether the registry has to say who may use the image.
    package func isClosed(_ image: ImageReference) -> Bool { closed.contains(image.registry) }
}
