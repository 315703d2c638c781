/// A path of the node that a container binds, below the root of the grant that lets it.
package struct GrantedPath: Hashable, Codable, Sendable {
    /// The granted path, without `.` and doubled slashes: the operator vouches for it, and for all
    /// above it.
    package var root: String
    /// What follows, one component after the other; none is empty, and there is at least one.
    package var components: [String]

    package init(root: String, components: [String]) {
        self.root = root
        self.components = components
    }

    /// The first `count` components below the root.
    package func start(_ count: Int) -> String {
        ([root] + components.prefix(count)).joined(separator: "/")
    }
}

/// What has to be free of links before a container mounts it.
package struct Look: Hashable, Codable, Sendable {
    package var container: ContainerRef
    package var paths: [GrantedPath]

    package init(container: ContainerRef, paths: [GrantedPath]) {
        self.container = container
        self.paths = paths
    }
}

/// What there is at a path of a node, links not followed.
package enum PathKind: Hashable, Sendable {
    case folder, link
    /// A file, or something that nothing lies below either.
    case other
}
