/// What a service may ask of the node that it runs on.
extension Service {
    /// How names are found: servers, options of the resolver, and domains to search.
    package struct Resolver: Hashable, Codable, Sendable {
        package var servers: [String] = []
        package var options: [String] = []
        package var search: [String] = []

        package init() {}
    }

    /// How the kernel shares out processors; zero says nothing.
    package struct Scheduling: Hashable, Codable, Sendable {
        package var shares: Int64 = 0
        package var quota: Int64 = 0
        package var period: Int64 = 0
        package var realtimePeriod: Int64 = 0
        package var realtimeRuntime: Int64 = 0
        /// On Windows alone, as the next.
        package var count: Int64 = 0
        package var percent: Double = 0
        /// The processors that it may run on, such as `0-3,7`.
        package var set: String?

        package init() {}
    }

    /// How many processors it may use, in billionths; nil without a limit.
    package var processors: Int64? {
        if let count = resources.nanoCPUs { return count }
        guard scheduling.quota > 0 else { return nil }
        // The kernel's own period is a tenth of a second.
        let period = scheduling.period > 0 ? scheduling.period : 100_000
        let (product, isTooLarge) = scheduling.quota.multipliedReportingOverflow(by: 1_000_000_000)
        return isTooLarge ? .max : product / period
    }

    /// How the kernel shares out disks.
    package struct BlockIO: Hashable, Codable, Sendable {
        /// What a device may take.
        package struct Rate: Hashable, Codable, Sendable {
            package var path: String
            package var value: Int64

            package init(path: String, value: Int64) {
                self.path = path
                self.value = value
            }
        }

        package var weight: Int64 = 0
        package var deviceWeights: [Rate] = []
        package var readBytes: [Rate] = []
        package var readOperations: [Rate] = []
        package var writeBytes: [Rate] = []
        package var writeOperations: [Rate] = []

        package init() {}
    }

    /// Devices that a driver of the engine chooses.
    package struct DeviceRequest: Hashable, Codable, Sendable {
        package var driver: String?
        /// -1 is all of them.
        package var count: Int64
        package var ids: [String]
        package var capabilities: [String]
        package var options: [String: String]

        package init(
            driver: String? = nil,
            count: Int64 = 0,
            ids: [String] = [],
            capabilities: [String] = [],
            options: [String: String] = [:]
        ) {
            self.driver = driver
            self.count = count
            self.ids = ids
            self.capabilities = capabilities
            self.options = options
        }
    }

    /// A container of somebody's, reachable under a name of one's own.
    package struct ExternalLink: Hashable, Codable, Sendable {
        package var container: String
        package var alias: String

        package init(container: String, alias: String) {
            self.container = container
            self.alias = alias
        }
    }

    /// A config or secret of the stack as a file in the container.
    package struct MountedFile: Hashable, Codable, Sendable {
        /// Key of the config or secret.
        package var source: String
        /// As written; nil where the file leaves it out.
        package var target: String?
        package var user: String?
        package var group: String?
        package var mode: Int64?

        package init(source: String, target: String? = nil) {
            self.source = source
            self.target = target
        }
    }
}
