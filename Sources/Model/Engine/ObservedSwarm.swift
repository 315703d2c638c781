/// What a Swarm has that bears our controller's label, beside networks.
package struct ObservedSwarm: Hashable, Codable, Sendable {
    package var services: [ObservedService]
    /// Its configs and secrets.
    package var files: [ObservedFile]

    package init(services: [ObservedService] = [], files: [ObservedFile] = []) {
        self.services = services
        self.files = files
    }
}

/// A service of a Swarm, with its tasks.
package struct ObservedService: Hashable, Codable, Sendable {
    package var id: String
    /// What an update has to name, so that it loses against whoever was faster.
    package var version: Int64
    package var name: String
    package var labels: [String: String]
    /// The `Spec`, as the Swarm tells it.
    package var spec: JSON
    /// The state of its last update, such as `paused`; nil before the first.
    package var update: String?
    /// Why the update is in that state.
    package var message: String
    package var tasks: [ObservedTask]

    package init(
        id: String,
        version: Int64,
        name: String,
        labels: [String: String] = [:],
        spec: JSON,
        update: String? = nil,
        message: String = "",
        tasks: [ObservedTask] = []
    ) {
        self.id = id
        self.version = version
        self.name = name
        self.labels = labels
        self.spec = spec
        self.update = update
        self.message = message
        self.tasks = tasks
    }

    /// The image of its tasks, as it was sent.
    package var image: String? {
        spec["TaskTemplate"]?["ContainerSpec"]?["Image"]?.stringValue
    }

    /// What it is and of which version, as a hold names it that leaves it as it is.
    package var standing: String { "\(id) \(labels[Labels.spec] ?? "")" }

    /// How it is spread over nodes, in the words of `deploy.mode`; nil where that has none for it.
    package var mode: String? {
        let words = [
            "Replicated": "replicated", "Global": "global", "ReplicatedJob": "replicated-job",
            "GlobalJob": "global-job",
        ]
        return (spec["Mode"]?.objectValue ?? [:]).keys.compactMap { words[$0] }.first
    }

    /// How many tasks it is to have, or a job is to end; nil where each node has one.
    package var replicas: Int64? {
        let mode = spec["Mode"]
        return mode?["Replicated"]?["Replicas"]?.intValue
            ?? mode?["ReplicatedJob"]?["TotalCompletions"]?.intValue
    }
}

/// One of a service's tasks: a container that a Swarm wants on some node, or had there.
package struct ObservedTask: Hashable, Codable, Sendable {
    package var id: String
    /// The Swarm's word for what it is doing, such as `preparing` or `running`.
    package var state: String
    /// Whether the Swarm wants it to run, rather than to end.
    package var isWanted: Bool
    package var image: String
    /// Of its containers.
    package var labels: [String: String]
    package var exitCode: Int?
    /// What kept it from running; empty where nothing did.
    package var error: String
    /// The service that it is of, by id.
    package var service = ""
    /// The node that it is on, by id; empty before it has one.
    package var node = ""
    /// Whether its node went or came since it was made, which ends tasks too.
    package var nodeChanged = false
    /// How often its service's tasks had been made anew without another spec: `ForceUpdate`.
    package var round: Int64 = 0
    /// What it mounts of volumes and of its node.
    package var mounts: [ObservedMount] = []
    /// How long it may take to end by itself; nil leaves that to the engine.
    package var grace: Nanoseconds?

    package init(
        id: String,
        state: String,
        isWanted: Bool = true,
        image: String = "",
        labels: [String: String] = [:],
        exitCode: Int? = nil,
        error: String = ""
    ) {
        self.id = id
        self.state = state
        self.isWanted = isWanted
        self.image = image
        self.labels = labels
        self.exitCode = exitCode
        self.error = error
    }

    /// It runs, and is to go on.
    package var isRunning: Bool { state == "running" && isWanted }
    /// Ended of its own accord, as it should.
    package var isComplete: Bool { state == "complete" }
    /// Nothing of it runs any more, or will.
    package var isOver: Bool {
        ["complete", "failed", "rejected", "shutdown", "orphaned", "remove"].contains(state)
    }
    /// Ended otherwise, or could not begin.
    package var hasFailed: Bool { ["failed", "rejected"].contains(state) }
    /// Whether it may have ended with its node alone: killed, given up with it, or not to be
    /// started for what an engine that died has left (128).
    package var mayBeItsNodes: Bool {
        guard nodeChanged, !isComplete, state != "rejected" else { return false }
        return hasFailed ? [nil, 128, 137, 143, 255].contains(exitCode) : !isWanted
    }
}

/// A config or secret of a Swarm; it never changes.
package struct ObservedFile: Hashable, Codable, Sendable {
    /// `config` or `secret`.
    package var kind: OwnedObject.Kind
    package var id: String
    package var name: String
    package var labels: [String: String]

    package init(
        kind: OwnedObject.Kind,
        id: String,
        name: String,
        labels: [String: String] = [:]
    ) {
        self.kind = kind
        self.id = id
        self.name = name
        self.labels = labels
    }
}

/// What the operator says of a Swarm as a whole.
package struct SwarmRules: Hashable, Codable, Sendable {
    /// Networks of stacks are encrypted between nodes.
    package var isEncrypted: Bool
    /// Its engines let no container gain privileges, whatever they are asked.
    package var keepsPrivileges: Bool
    /// None of its engines remaps users.
    package var keepsUsers: Bool

    package init(
        isEncrypted: Bool = true,
        keepsPrivileges: Bool = false,
        keepsUsers: Bool = false
    ) {
        self.keepsUsers = keepsUsers
        self.isEncrypted = isEncrypted
        self.keepsPrivileges = keepsPrivileges
    }
}
