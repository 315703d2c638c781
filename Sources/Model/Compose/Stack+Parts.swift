extension Stack.Network {
    /// Where a network takes its addresses from: `ipam`.
    package struct Addressing: Hashable, Codable, Sendable {
        package var driver: String?
        /// In the order of `ipam.config`.
        package var pools: [Pool] = []
        package var options: [String: String] = [:]

        package init(
            driver: String? = nil,
            pools: [Pool] = [],
            options: [String: String] = [:]
        ) {
            self.driver = driver
            self.pools = pools
            self.options = options
        }

        package var isEmpty: Bool { self == Addressing() }
    }

    /// A range of addresses.
    package struct Pool: Hashable, Codable, Sendable {
        package var subnet: String?
        package var range: String?
        package var gateway: String?
        /// Addresses that no container gets, by name.
        package var reserved: [String: String] = [:]

        package init(subnet: String? = nil) { self.subnet = subnet }
    }

    /// In the order of `ipam.config`; empty for one without a subnet.
    package var subnets: [String] { addressing.pools.map { $0.subnet ?? "" } }
}

extension Stack {
    /// A config or a secret: what its file holds, and where that comes from.
    package struct StoredFile: Hashable, Codable, Sendable {
        /// Where the content is.
        package enum Origin: Hashable, Codable, Sendable {
            /// A path: of the repository, or of the machine that a person asks on.
            case file(String)
            /// A variable of the environment that the project was read in.
            case variable(String)
            case text(String)
            /// Somebody else makes it.
            case external
        }

        /// The name on the engine.
        package var name: String
        package var origin: Origin
        package var labels: [String: String] = [:]
        package var driver: String?
        package var options: [String: String] = [:]
        package var templateDriver: String?
        /// Read only where it is sent as it is, to a Swarm.
        package var content: [UInt8]?

        package init(name: String, origin: Origin) {
            self.name = name
            self.origin = origin
        }
    }

    /// A config or secret that the files themselves make, as its declaration has it.
    package struct OwnFile: Hashable, Codable, Sendable {
        /// Where it is declared, as `configs.site`.
        package var path: FieldPath
        package var key: String
        package var name: String
        package var labels: [String: String]
        /// Whether a variable holds its content.
        package var isVariable: Bool

        package init(
            path: FieldPath,
            key: String,
            name: String,
            labels: [String: String] = [:],
            isVariable: Bool = false
        ) {
            self.path = path
            self.key = key
            self.name = name
            self.labels = labels
            self.isVariable = isVariable
        }
    }
}
