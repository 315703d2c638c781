/// A config or secret that a service mounts, a Swarm keeps and somebody else makes.
///
/// What it holds the Swarm alone knows; what it is called there, its declaration says.
package struct ExternalFile: Hashable, Codable, Sendable {
    /// Of its declaration.
    package var key: String
    package var isSecret: Bool
    package var attributes: Content.Attributes

    package init(key: String, isSecret: Bool, attributes: Content.Attributes = .init()) {
        self.key = key
        self.isSecret = isSecret
        self.attributes = attributes
    }

    package var kind: OwnedObject.Kind { isSecret ? .secret : .config }
}

extension Stack {
    /// What the Swarm calls it.
    package func name(of file: ExternalFile) -> String {
        (file.isSecret ? secrets : configs)[file.key]?.name ?? file.key
    }
}
