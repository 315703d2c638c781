/// What a service mounts, and where.
package struct Mount: Hashable, Codable, Sendable {
    /// What is mounted.
    package enum Source: Hashable, Codable, Sendable {
        /// A path of the node, absolute and without `.`, `..`, or doubled slashes.
        case bind(path: String)
        /// A declared volume of the stack, by key.
        case volume(key: String)
        /// A volume without a name that lives as long as its container.
        case anonymous
        /// A file or folder of the commit; always mounted for reading alone.
        case content(Content)
    }

    package var source: Source
    /// Absolute path in the container.
    package var target: String
    package var readOnly: Bool

    package init(source: Source, target: String, readOnly: Bool = false) {
        self.source = source
        self.target = target
        self.readOnly = readOnly
    }
}
