/// What an engine says of itself and of the node that it runs on.
package struct NodeFacts: Hashable, Sendable {
    /// The engine's own id.
    package var id: String
    /// The node's host name.
    package var name: String
    /// `linux` and the like, in the words of the OCI image specification.
    package var os: String
    /// `amd64` and the like, in the same words.
    package var architecture: String
    /// Labels that the operator gave to the engine.
    package var labels: [String: String]
    package var apiVersion: APIVersion
    package var users: NodeUsers
    /// The engine's version, such as `20.10.24`.
    package var version: String
    /// What all containers can have together; zero where the engine didn't say.
    package var memory: Int64
    package var nanoCPUs: Int64
    /// What a Swarm calls the node; empty where it is in none.
    package var swarmNode = ""

    package init(
        id: String = "",
        name: String = "",
        os: String = "",
        architecture: String = "",
        labels: [String: String] = [:],
        apiVersion: APIVersion = .oldest,
        users: NodeUsers = .asShown,
        version: String = "",
        memory: Int64 = 0,
        nanoCPUs: Int64 = 0
    ) {
        self.id = id
        self.name = name
        self.os = os
        self.architecture = architecture
        self.labels = labels
        self.apiVersion = apiVersion
        self.users = users
        self.version = version
        self.memory = memory
        self.nanoCPUs = nanoCPUs
    }
}
