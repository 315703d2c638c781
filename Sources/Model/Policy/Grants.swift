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
    /// CPUs of a container whose file says nothing, in billionths; nil: without a limit, unless
    /// there is a maximum.
    package var standardCPUs: Int64?
    /// The most CPUs that a file may ask for.
    package var maximumCPUs: Int64?
    /// Containers of one service.
    package var maximumReplicas: Int
    /// Services of one stack.
    package var maximumServices: Int
    /// Ports that one stack may publish.
    package var maximumPorts = 64
    /// Bytes of the files of one stack, and of the values that variables and aliases make of them.
    package var maximumInput: Int64 = 1 << 20
    /// Beginnings of labels that a file may not use, besides those that are always reserved.
    package var reservedLabels: Set<String> = []
    /// What objects may be called besides the names that Compose derives, by their beginnings,
    /// such as `astro-`; also those that exist already.
    package var names: [String] = []
    /// Host names, each with all below it, that a router of the ingress may match.
    package var hosts: [String] = []
    /// Of those, each with all below it, what people outside the site can't reach.
    package var siteHosts: [String] = []
    /// The beginning of the names of routers, services and middlewares of the ingress.
    package var routes: String?
    package var networkDrivers: Set<String> = ["bridge"]
    /// Networks may take their addresses from these, as `172.28.0.0/16`.
    package var subnets: [String] = []
    package var logDrivers: Set<String> = ["json-file", "local"]
    /// Bytes of the log of one container that its node keeps.
    package var maximumLogs: Int64 = 4 << 30
    package var sysctls = Grants.safeSysctls
    /// Open files of one process, and the most that `nofile` may be.
    package var openFiles: Int64 = 1_048_576
    /// Ports that people outside the site can reach; services that publish one may write to no
    /// shared file system.
    package var publicPorts: [ClosedRange<Int>] = []
    /// Ports of the node that Gyre chooses from where a file publishes a port without one.
    package var allocatedPorts: [ClosedRange<Int>] = []
    /// The engine's own pools end at about thirty networks, and all projects share them.
    package var quota = Quota(networks: Grants.standardNetworks)
    package static let standardNetworks = 10
    /// Networks and volumes of other projects, by the name on the engine, that their owners and
    /// the operator share with this one.
    package var shared: Set<String> = []

    package var imageTags = ImageTags.any

    /// How exactly a file has to say which image it means.
    package enum ImageTags: String, Codable, Sendable, CaseIterable {
        case any
        /// By a digest, or a tag that is written and isn't `latest`.
        case named
        case digest
    }

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

    /// What Kubernetes counts as safe: each belongs to a namespace of the container's own.
    ///
    /// Source: the Pod Security Standards, profile baseline.
    package static let safeSysctls: Set<String> = [
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies",
        "net.ipv4.ping_group_range", "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
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
    /// Whether what lies below may be bound where nobody can look for links on the way.
    package var trustsLinks: Bool

    package init(
        path: String,
        readOnly: Bool = false,
        isShared: Bool = true,
        trustsLinks: Bool = false
    ) {
        self.path = path
        self.readOnly = readOnly
        self.isShared = isShared
        self.trustsLinks = trustsLinks
    }

    /// Whether `other` is the granted path or lies below it, by whole components.
    package func covers(_ other: String) -> Bool {
        path == "/" || other == path || other.hasPrefix(path + "/")
    }
}
