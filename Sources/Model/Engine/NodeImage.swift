/// An image that a node has.
package struct NodeImage: Hashable, Codable, Sendable {
    /// `sha256:` and 64 hexadecimal digits.
    package var id: String
    /// What it is called there, tags and digests of registries, as the engine writes them.
    package var names: Set<String>

    package init(id: String, names: Set<String>) {
        self.id = id
        self.names = names
    }
}

/// What the journal knows of an image that Gyre brought to a node.
package struct BroughtImage: Hashable, Codable, Sendable {
    /// What it was pulled by.
    package var names: Set<String> = []
    /// Since when no container is made of it, as far as somebody looked; nil while one is.
    package var unusedSince: Instant?

    package init(names: Set<String> = [], unusedSince: Instant? = nil) {
        self.names = names
        self.unusedSince = unusedSince
    }

    /// Whether each name of `image` is one that Gyre pulled it by, or the digest that its registry
    /// has for it: a name that somebody else gave it is somebody's reason to keep it.
    ///
    /// All are of one repository: an image that several have an engine removes only by force.
    package func accounts(for image: NodeImage) -> Bool {
        let own = names.compactMap(ImageReference.init)
        let repositories = Set(image.names.map { ImageReference($0)?.name })
        return repositories.count <= 1
            && image.names.allSatisfy { text in
                guard let name = ImageReference(text) else { return false }
                return own.contains {
                    $0.name == name.name && (name.tag == nil || ($0.tag ?? "latest") == name.tag)
                }
            }
    }
}
