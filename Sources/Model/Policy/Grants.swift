/// What the operator lets one project use, and the policy it is judged by.
package struct TenantPolicy: Hashable, Codable, Sendable {
    /// Which set of rules applies.
    package enum Profile: String, Codable, Sendable {
        case restricted
    }

    package var profile: Profile
    package var grants: Grants

    package init(profile: Profile = .restricted, grants: Grants = Grants()) {
        self.profile = profile
        self.grants = grants
    }
}

/// Parameters of the rules for one project.
package struct Grants: Hashable, Codable, Sendable {
    /// Paths of the node that may be bound.
    package var mounts: [MountGrant]
    /// Registry and path prefixes by component, such as `docker.io/library` or
    /// `registry.example.org/astro`.
    package var registries: [String]
    /// Numeric users and groups that a container with a shared file system may run as.
    package var uids: [ClosedRange<Int>]
    package var gids: [ClosedRange<Int>]
    /// Ports of the node that may be published.
    package var ports: [ClosedRange<Int>]
    /// Capabilities granted to a container without a shared file system.
    package var capabilities: Set<String>
    /// Capabilities granted to one that mounts a shared file system.
    package var sharedCapabilities: Set<String>
    package var memory: Limit
    package var pids: Limit
    /// Containers of one service.
    package var maximumReplicas: Int
    /// Services of one stack.
    package var maximumServices: Int

    /// What a container gets when its file says nothing, and the most that it may ask for.
    package struct Limit: Hashable, Codable, Sendable {
        package var standard: Int64
        package var maximum: Int64

        package init(standard: Int64, maximum: Int64) {
            self.standard = standard
            self.maximum = maximum
        }
    }

    /// The seven that Spin let a service without an external file system add.
    package static let spinCapabilities: Set<String> = [
        "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID", "NET_BIND_SERVICE",
    ]

    /// Nothing of the node is granted; images come from Docker Hub's official repositories.
    package init(
        mounts: [MountGrant] = [],
        registries: [String] = ["docker.io/library"],
        uids: [ClosedRange<Int>] = [],
        gids: [ClosedRange<Int>] = [],
        ports: [ClosedRange<Int>] = [],
        capabilities: Set<String> = Grants.spinCapabilities,
        sharedCapabilities: Set<String> = ["NET_BIND_SERVICE"],
        memory: Limit = Limit(standard: 512 << 20, maximum: 8 << 30),
        pids: Limit = Limit(standard: 512, maximum: 4096),
        maximumReplicas: Int = 20,
        maximumServices: Int = 50
    ) {
        self.mounts = mounts
        self.registries = registries
        self.uids = uids
        self.gids = gids
        self.ports = ports
        self.capabilities = capabilities
        self.sharedCapabilities = sharedCapabilities
        self.memory = memory
        self.pids = pids
        self.maximumReplicas = maximumReplicas
        self.maximumServices = maximumServices
    }
}

/// A directory of the node that a project may bind, with all below it.
package struct MountGrant: Hashable, Codable, Sendable {
    /// Absolute, without `.`, `..` or doubled slashes.
    package var path: String
    package var readOnly: Bool
    /// Whether others keep files there; then identity and capability rules hold.
    package var isShared: Bool

    package init(path: String, readOnly: Bool = false, isShared: Bool = true) {
        self.path = path
        self.readOnly = readOnly
        self.isShared = isShared
    }

    /// Whether `other` is the granted path or lies below it, by whole components.
    package func covers(_ other: String) -> Bool {
        path == "/" || other == path || other.hasPrefix(path + "/")
    }
}
