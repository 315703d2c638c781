extension Service {
    /// `deploy` as a Swarm takes it; an engine alone takes replicas, limits and restarts of it.
    package struct Deployment: Hashable, Codable, Sendable {
        /// nil is `replicated`.
        package var mode: String?
        package var replicas: Int64?
        package var labels: [String: String] = [:]
        package var endpointMode: String?
        package var update: Update?
        package var rollback: Update?
        package var restart: Restart?
        package var placement = Placement()
        package var limits: Share?
        package var reservations: Share?

        package init() {}

        /// Whether its tasks are to end, and are not run again once they did.
        package var isJob: Bool { mode == "replicated-job" || mode == "global-job" }
        /// Whether each node has a task, whatever their number.
        package var isOnEachNode: Bool { mode == "global" || mode == "global-job" }
    }

    /// How one version of a service takes over from another.
    package struct Update: Hashable, Codable, Sendable {
        package var parallelism: Int64?
        package var delay: Nanoseconds?
        package var failureAction: String?
        package var monitor: Nanoseconds?
        package var maximumFailureRatio: Double = 0
        package var order: String?

        package init() {}
    }

    /// How a healthcheck is disabled; a Swarm refuses one that has a test too.
    package enum Disabling: String, Codable, Sendable {
        case alone
        case withTest
    }

    /// A restart policy by its name.
    package struct WrittenPolicy: Hashable, Codable, Sendable {
        package var name: String
        package var retries: Int64

        package init(name: String, retries: Int64 = 0) {
            self.name = name
            self.retries = retries
        }
    }

    /// When a Swarm starts a task again.
    package struct Restart: Hashable, Codable, Sendable {
        package var condition: String?
        package var delay: Nanoseconds?
        package var attempts: Int64?
        package var window: Nanoseconds?

        package init() {}
    }

    /// The nodes that a task may run on.
    package struct Placement: Hashable, Codable, Sendable {
        package var constraints: [String] = []
        /// Labels of nodes over whose values tasks are spread.
        package var spreads: [String] = []
        package var maximumPerNode: Int64 = 0

        package init() {}
    }

    /// What a task may take of its node, or what is kept for it.
    package struct Share: Hashable, Codable, Sendable {
        package var nanoCPUs: Int64 = 0
        package var memory: Int64 = 0
        package var pids: Int64 = 0
        /// Things that a node declares a number of, by kind.
        package var generic: [Generic] = []

        package init() {}
    }

    /// A number of things that nodes declare.
    package struct Generic: Hashable, Codable, Sendable {
        package var kind: String
        package var value: Int64

        package init(kind: String, value: Int64) {
            self.kind = kind
            self.value = value
        }
    }

    /// Who a container of Windows is: one of three, as written.
    package struct CredentialSpec: Hashable, Codable, Sendable {
        package var config: String?
        package var file: String?
        package var registry: String?

        package init() {}
    }
}
