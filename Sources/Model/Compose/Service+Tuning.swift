extension Service {
    /// A limit of processes, of one kind; -1 is none.
    package struct Ulimit: Hashable, Codable, Sendable {
        package var soft: Int64
        package var hard: Int64

        package init(soft: Int64, hard: Int64) {
            self.soft = soft
            self.hard = hard
        }
    }

    /// A name that the container's resolver knows.
    package struct HostEntry: Hashable, Codable, Sendable {
        package var name: String
        /// As written; the engine replaces `host-gateway`.
        package var address: String

        package init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    /// Where the engine keeps what the container prints.
    package struct Logging: Hashable, Codable, Sendable {
        /// nil: the one that Gyre writes anyway.
        package var driver: String?
        package var options: [String: String]

        package init(driver: String? = nil, options: [String: String] = [:]) {
            self.driver = driver
            self.options = options
        }
    }

    /// The mounts of another service of the stack.
    package struct VolumesFrom: Hashable, Codable, Sendable {
        /// A service; with `container:` before it, a container of somebody's.
        package var service: String
        package var readOnly: Bool

        package init(service: String, readOnly: Bool = false) {
            self.service = service
            self.readOnly = readOnly
        }
    }
}
