/// What one engine had, read at one time: every object that bears our controller's label.
package struct Observation: Hashable, Codable, Sendable {
    package var time: Instant
    /// What the engine's own clock showed then, at the least: what it dates containers by.
    package var engineTime: Instant
    package var containers: [ObservedContainer]
    package var networks: [ObservedNetwork]
    /// nil when nothing asked for the volumes.
    package var volumes: [ObservedVolume]?
    /// What only a Swarm has; nil of an engine.
    package var swarm: ObservedSwarm?

    package init(
        time: Instant,
        engineTime: Instant? = nil,
        containers: [ObservedContainer] = [],
        networks: [ObservedNetwork] = [],
        volumes: [ObservedVolume]? = nil,
        swarm: ObservedSwarm? = nil
    ) {
        self.time = time
        self.engineTime = engineTime ?? time
        self.containers = containers
        self.networks = networks
        self.volumes = volumes
        self.swarm = swarm
    }

    /// Only what bears the labels of `stack`.
    package func of(_ stack: StackID) -> Observation {
        func isOurs(_ labels: [String: String]) -> Bool {
            labels[Labels.project] == stack.project && labels[Labels.stack] == stack.stack
        }
        return Observation(
            time: time,
            engineTime: engineTime,
            containers: containers.filter { isOurs($0.labels) },
            networks: networks.filter { isOurs($0.labels) },
            volumes: volumes?.filter { isOurs($0.labels) },
            swarm: swarm.map { swarm in
                ObservedSwarm(
                    services: swarm.services.filter { isOurs($0.labels) },
                    files: swarm.files.filter { isOurs($0.labels) }
                )
            }
        )
    }
}

/// A container as a listing shows it, and as an inspect does where one was made.
package struct ObservedContainer: Hashable, Codable, Sendable {
    /// The engine's words for what a container is doing.
    package enum State: String, Codable, Sendable {
        case created, running, paused, restarting, removing, exited, dead
    }

    /// What the last health checks came to, in the engine's words.
    package enum Health: String, Codable, Sendable {
        case starting, healthy, unhealthy
    }

    package var id: String
    /// Without the leading slash.
    package var name: String
    package var labels: [String: String]
    /// The engine's id of the image it was created from.
    package var imageID: String
    package var state: State
    /// nil without a health check.
    package var health: Health?
    /// nil unless it has exited.
    package var exitCode: Int?
    package var created: Instant
    /// Name of each network it is attached to, to that network's engine id.
    package var networks: [String: String]
    /// By name of the network, its IPv4 address there; none while it doesn't run.
    package var addresses: [String: String] = [:]
    /// Names of the volumes it mounts.
    package var volumes: [String]
    /// What it mounts of the node, but for volumes without a name.
    package var mounts: [ObservedMount]
    /// Ports of the node that it listens on, or would if it ran.
    package var ports: Set<HostPort>
    /// The same, each with what of the container it leads to.
    package var bindings: Set<PortBinding>
    /// From an inspect; nil when none was made since the container was last touched.
    package var details: Details?

    package init(
        id: String,
        name: String,
        labels: [String: String] = [:],
        imageID: String = "",
        state: State = .running,
        health: Health? = nil,
        exitCode: Int? = nil,
        created: Instant = Instant(milliseconds: 0),
        networks: [String: String] = [:],
        volumes: [String] = [],
        mounts: [ObservedMount] = [],
        ports: Set<HostPort> = [],
        bindings: Set<PortBinding> = [],
        details: Details? = nil
    ) {
        self.id = id
        self.name = name
        self.labels = labels
        self.imageID = imageID
        self.state = state
        self.health = health
        self.exitCode = exitCode
        self.created = created
        self.networks = networks
        self.volumes = volumes
        self.mounts = mounts
        self.ports = ports
        self.bindings = bindings
        self.details = details
    }

    /// What only an inspect tells.
    package struct Details: Hashable, Codable, Sendable {
        /// nil when it never started.
        package var started: Instant?
        /// What the create call named as its image: a name, a name with a digest, or an image's id.
        package var image: String
        package var restartCount: Int
        /// Why the engine could not start it; empty when it could.
        package var error: String
        package var outOfMemory: Bool
        /// What the last health check came to; nil when there was none.
        package var lastCheck: HealthCheck?
        package var limits: Limits
        /// How long it may take to end when it is stopped; nil is the engine's default.
        package var stopTimeout: Nanoseconds?
        /// Names that it answers to on some network.
        package var aliases: [String]
        /// Whom it runs as, empty where the image says; nil where nobody looked.
        package var user: String?
        /// What it was given of capabilities, without `CAP_`; nil where nobody looked.
        package var capabilities: Set<String>?

        package init(
            started: Instant?,
            image: String = "",
            restartCount: Int = 0,
            error: String = "",
            outOfMemory: Bool = false,
            lastCheck: HealthCheck? = nil,
            limits: Limits = Limits(),
            stopTimeout: Nanoseconds? = nil,
            aliases: [String] = [],
            user: String? = nil,
            capabilities: Set<String>? = nil
        ) {
            self.started = started
            self.image = image
            self.restartCount = restartCount
            self.error = error
            self.outOfMemory = outOfMemory
            self.lastCheck = lastCheck
            self.limits = limits
            self.stopTimeout = stopTimeout
            self.aliases = aliases
            self.user = user
            self.capabilities = capabilities
        }
    }

    /// One run of a container's health check.
    package struct HealthCheck: Hashable, Codable, Sendable, CustomStringConvertible {
        package var exitCode: Int
        /// The first line or two of what it wrote.
        package var output: String

        package init(exitCode: Int, output: String) {
            self.exitCode = exitCode
            self.output = output
        }

        /// `with status 7: Failed to connect`.
        package var description: String {
            "with status \(exitCode)" + (output.isEmpty ? "" : ": \(output)")
        }
    }

    /// What `docker update` can change behind our back.
    package struct Limits: Hashable, Codable, Sendable {
        package var nanoCPUs: Int64
        package var memory: Int64
        package var memoryReservation: Int64
        /// Zero or less: without limit.
        package var pids: Int64
        package var restart: Service.RestartPolicy
        /// Memory and swap together, where a file asks for them; nil: no swap beside the memory.
        package var memoryAndSwap: Int64?
        /// nil where nobody looked.
        package var processors: Processors?

        package init(
            nanoCPUs: Int64 = 0,
            memory: Int64 = 0,
            memoryReservation: Int64 = 0,
            pids: Int64 = 0,
            restart: Service.RestartPolicy = .no,
            memoryAndSwap: Int64? = nil,
            processors: Processors? = nil
        ) {
            self.nanoCPUs = nanoCPUs
            self.memory = memory
            self.memoryReservation = memoryReservation
            self.pids = pids
            self.restart = restart
            self.memoryAndSwap = memoryAndSwap
            self.processors = processors
        }
    }

    /// How processors are shared out, besides their number; zero and empty say nothing.
    package struct Processors: Hashable, Codable, Sendable {
        package var shares: Int64
        package var quota: Int64
        package var period: Int64
        /// Those that it may run on, such as `0-3,7`.
        package var set: String

        package init(shares: Int64 = 0, quota: Int64 = 0, period: Int64 = 0, set: String = "") {
            self.shares = shares
            self.quota = quota
            self.period = period
            self.set = set
        }
    }
}

/// What a container mounts of the node.
package struct ObservedMount: Hashable, Codable, Sendable {
    /// Name of a volume, or a path.
    package var source: String
    package var readOnly: Bool

    package init(source: String, readOnly: Bool) {
        self.source = source
        self.readOnly = readOnly
    }
}

/// A network as a listing shows it.
package struct ObservedNetwork: Hashable, Codable, Sendable {
    package var id: String
    package var name: String
    package var labels: [String: String]
    /// No way out of the node; nil when the engine did not say.
    package var isInternal: Bool?
    /// Where its addresses lie; empty when the engine did not say.
    package var subnets: [String]

    package init(
        id: String,
        name: String,
        labels: [String: String] = [:],
        isInternal: Bool? = nil,
        subnets: [String] = []
    ) {
        self.id = id
        self.name = name
        self.labels = labels
        self.isInternal = isInternal
        self.subnets = subnets
    }
}

/// A volume as a listing shows it; its name is all the identity it has.
package struct ObservedVolume: Hashable, Codable, Sendable {
    package var name: String
    package var labels: [String: String]

    package init(name: String, labels: [String: String] = [:]) {
        self.name = name
        self.labels = labels
    }
}
