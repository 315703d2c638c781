/// One service of a stack, after merging, interpolation and casting; nil or empty where the
/// file says nothing.
package struct Service: Hashable, Codable, Sendable {
    /// As written, such as `httpd` or `registry.example.org/team/app:1.2`.
    package var image: String
    /// Overrides the image's; `[]` clears it, nil leaves it.
    package var command: [String]?
    package var entrypoint: [String]?
    /// `env_file` and `environment` together; a nil value removes the variable from the image's.
    package var environment: [String: String?] = [:]
    package var ports: [PortMapping] = []
    /// Ports that are exposed but not published: `80/tcp`.
    package var expose: [String] = []
    package var volumes: [Mount] = []
    /// Path in the container to mount options, such as `/run: "size=64m"`.
    package var tmpfs: [String: String] = [:]
    /// Key of a network of the stack to how it is joined.
    package var networks: [String: Attachment] = [:]
    package var links: [Link] = []
    package var dependsOn: [String: Dependency] = [:]
    package var healthcheck: Healthcheck?
    package var restart: RestartPolicy?
    package var user: String?
    package var workingDirectory: String?
    package var hostname: String?
    package var labels: [String: String] = [:]
    /// As written; Admission normalises.
    package var capAdd: [String] = []
    package var capDrop: [String] = []
    package var readOnly = false
    /// A init process of the engine as pid 1; nil is the engine's default.
    package var initProcess: Bool?
    package var tty = false
    package var stopSignal: String?
    package var stopGracePeriod: Nanoseconds?
    /// Number of containers, from `deploy.replicas`, `scale` or rancher-compose's `scale`.
    package var replicas = 1
    package var resources = Resources()
    /// False: containers are created and wait to be started by hand (rancher-compose).
    package var startOnCreate = true
    /// How a newer version takes over; nil where the file says nothing of it.
    package var rollout: Rollout?
    /// How this version takes over when a newer one has failed.
    package var rollback: Rollout?
    /// `x-gyre: ingress`; nil where nothing leads to it from outside.
    package var ingress: Ingress?
    /// Groups besides the user's, as written.
    ///
    /// From here on: the loader refuses what may not be run yet (ComposeFile's `Rendered`).
    package var groups: [String] = []
    package var sysctls: [String: String] = [:]
    package var ulimits: [String: Ulimit] = [:]
    package var hostEntries: [HostEntry] = []
    package var logging: Logging?
    /// The size of `/dev/shm`.
    package var sharedMemory: ByteCount?
    /// How soon the kernel kills it when memory is short: `oom_score_adj`.
    package var killScore: Int64?
    /// `oom_kill_disable`.
    package var isSparedFromKilling = false
    /// Own services whose mounts it takes over.
    package var volumesFrom: [VolumesFrom] = []
    /// Constraints on the node.
    package var placement: [String] = []
    package var domainName: String?
    /// `stdin_open`.
    package var keepsInputOpen = false
    /// How its containers find names.
    package var resolver = Resolver()
    package var scheduling = Scheduling()
    package var blockIO = BlockIO()
    /// `mem_swappiness`.
    package var swappiness: Int64?
    package var controlGroupParent: String?
    /// `use_api_socket`.
    package var usesEngineSocket = false
    /// `vendor/os/architecture`, as written.
    package var platform: String?
    package var containerName: String?
    package var annotations: [String: String] = [:]
    package var storageOptions: [String: String] = [:]
    package var runtime: String?
    package var isolation: String?
    package var externalLinks: [ExternalLink] = []
    /// On the first of its networks.
    package var macAddress: String?
    /// `deploy.resources.reservations.devices`.
    package var deviceRequests: [DeviceRequest] = []
    package var gpus: [DeviceRequest] = []
    package var deviceRules: [String] = []
    /// As a Swarm takes it; nil where nobody asked for that, as the next three.
    ///
    /// Where Gyre runs the service on an engine: mode and labels alone, since policy judges them
    /// all the same.
    package var deployment: Deployment?
    package var credentialSpec: CredentialSpec?
    /// What `healthcheck.disable` stands beside.
    package var disabling: Disabling?
    /// `restart` as written.
    package var writtenRestart: String?
    /// What Docker Compose makes of `restart` and `deploy`, also what no engine takes; nil where
    /// the service is to be run by Gyre.
    package var writtenPolicy: WrittenPolicy?
    package var configs: [MountedFile] = []
    package var secrets: [MountedFile] = []
    /// Asks that no policy grants, recognised so that they are denied with their place rather
    /// than as unknown.
    package var privileges = Privileges()

    package init(image: String) { self.image = image }

    /// How a service joins one of its networks.
    package struct Attachment: Hashable, Codable, Sendable {
        /// Names it answers to there besides its own.
        package var aliases: [String]
        package var ipv4Address: String?
        package var ipv6Address: String?
        package var linkLocalAddresses: [String] = []
        package var macAddress: String?
        package var options: [String: String] = [:]
        /// The network of the highest is the first that a container joins.
        package var priority: Int64 = 0
        /// The network of the highest is the way out of the container.
        package var gatewayPriority: Int64 = 0
        /// What its interface is called in the container.
        package var interfaceName: String?
        /// The option of a network's driver that says so to an engine.
        package static let interfaceOption = "com.docker.network.endpoint.ifname"

        package init(aliases: [String] = []) { self.aliases = aliases }
    }

    /// Another service of the stack, reachable under a name of one's own.
    package struct Link: Hashable, Codable, Sendable {
        package var service: String
        package var alias: String

        package init(service: String, alias: String) {
            self.service = service
            self.alias = alias
        }
    }

    /// What must be true of another service before this one starts.
    package struct Dependency: Hashable, Codable, Sendable {
        /// Compose's three conditions.
        package enum Condition: String, Codable, Sendable {
            case started = "service_started"
            case healthy = "service_healthy"
            case completed = "service_completed_successfully"
        }

        package var condition: Condition
        /// Re-create this service's containers when the other's were.
        package var restart: Bool
        /// False: only a warning when the other is missing or fails.
        package var required: Bool

        package init(
            condition: Condition = .started,
            restart: Bool = false,
            required: Bool = true
        ) {
            self.condition = condition
            self.restart = restart
            self.required = required
        }
    }

    /// A healthcheck of the file; what it leaves out, the image's or the engine's default fills.
    package struct Healthcheck: Hashable, Codable, Sendable {
        /// `["CMD", …]`, `["CMD-SHELL", …]` or `["NONE"]`, which disables the image's; nil
        /// keeps the image's.
        package var test: [String]?
        package var interval: Nanoseconds?
        package var timeout: Nanoseconds?
        package var startPeriod: Nanoseconds?
        /// Between checks while it starts; engines before 25 don't know it.
        package var startInterval: Nanoseconds?
        package var retries: Int?

        package init(
            test: [String]? = nil,
            interval: Nanoseconds? = nil,
            timeout: Nanoseconds? = nil,
            startPeriod: Nanoseconds? = nil,
            retries: Int? = nil
        ) {
            self.test = test
            self.interval = interval
            self.timeout = timeout
            self.startPeriod = startPeriod
            self.retries = retries
        }

        package var isDisabled: Bool { test?.first == "NONE" }
    }

    /// `restart:` as Docker has it.
    package enum RestartPolicy: Hashable, Codable, Sendable, CustomStringConvertible {
        case no
        case always
        case unlessStopped
        /// Zero retries means without limit.
        case onFailure(retries: Int)

        /// As Compose writes it.
        package var description: String {
            switch self {
            case .no: "no"
            case .always: "always"
            case .unlessStopped: "unless-stopped"
            case .onFailure(0): "on-failure"
            case .onFailure(let retries): "on-failure:\(retries)"
            }
        }
    }

    /// Limits and reservations per container.
    package struct Resources: Hashable, Codable, Sendable {
        /// Billionths of a CPU.
        package var nanoCPUs: Int64?
        package var memory: ByteCount?
        package var pids: Int64?
        /// `memswap_limit`, in bytes; -1 is no limit.
        package var memoryAndSwap: Int64?
        package var reservedMemory: ByteCount?
        package var reservedNanoCPUs: Int64?

        package init(
            nanoCPUs: Int64? = nil,
            memory: ByteCount? = nil,
            pids: Int64? = nil,
            reservedMemory: ByteCount? = nil,
            reservedNanoCPUs: Int64? = nil
        ) {
            self.nanoCPUs = nanoCPUs
            self.memory = memory
            self.pids = pids
            self.reservedMemory = reservedMemory
            self.reservedNanoCPUs = reservedNanoCPUs
        }
    }

    /// Ways out of the container that a file may ask for.
    package struct Privileges: Hashable, Codable, Sendable {
        package var privileged = false
        /// Attribute to value, such as `network_mode: host`, as written.
        package var namespaces: [String: String] = [:]
        /// `source[:target[:permissions]]`, or a name of the Container Device Interface.
        package var devices: [String] = []
        package var securityOptions: [String] = []

        package init() {}
    }
}
