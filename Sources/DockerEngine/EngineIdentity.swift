package import Model

/// Which engine answers, and what it can do.
package struct EngineIdentity: Hashable, Codable, Sendable {
    /// The engine's own id; it stays when the engine is updated.
    package var id: String
    /// Host name of the node.
    package var name: String
    /// Such as `20.10.24`.
    package var version: String
    /// The version of the API that was agreed on.
    package var apiVersion: String
    /// `1` or `2`.
    package var cgroupVersion: String
    /// Where the engine keeps its data.
    package var dataRoot: String
    package var cpus: Int
    package var memory: Int64
    /// Names of the active security options, such as `seccomp`, `rootless`, `userns`.
    package var securityOptions: [String]

    package init(
        id: String,
        name: String = "",
        version: String = "",
        apiVersion: String = "",
        cgroupVersion: String = "",
        dataRoot: String = "",
        cpus: Int = 0,
        memory: Int64 = 0,
        securityOptions: [String] = []
    ) {
        self.id = id
        self.name = name
        self.version = version
        self.apiVersion = apiVersion
        self.cgroupVersion = cgroupVersion
        self.dataRoot = dataRoot
        self.cpus = cpus
        self.memory = memory
        self.securityOptions = securityOptions
    }
}

extension DockerEngine {
    /// Returns when the engine answers; it has a third of any call's time for that.
    ///
    /// It is asked before they agree on a version: a silent one would take a whole call's time for
    /// that first.
    package func ping() async throws {
        var call = EngineCall("GET", "/_ping", "ask whether it answers")
        call.deadline = deadlines.call / 3
        _ = try await exchange(call)
        _ = try await apiVersion()
    }

    /// Asks the engine who it is.
    package func identity() async throws -> EngineIdentity {
        let operation = "ask who it is"
        let bytes = try await read(EngineCall("GET", "/info", operation))
        let info = try decode(InfoReply.self, from: bytes, operation)
        guard !info.ID.isEmpty else { throw error(.protocolError, operation, "it has no id") }
        return EngineIdentity(
            id: info.ID,
            name: info.Name,
            version: info.ServerVersion,
            apiVersion: try await apiVersion().description,
            cgroupVersion: info.CgroupVersion ?? "1",
            dataRoot: info.DockerRootDir,
            cpus: info.NCPU,
            memory: info.MemTotal,
            securityOptions: (info.SecurityOptions ?? []).compactMap(InfoReply.name)
        )
    }
}

extension DockerEngine {
    /// What the node is, as far as services may ask for it.
    package func node() async throws -> NodeFacts {
        let operation = "ask what its node is"
        let bytes = try await read(EngineCall("GET", "/info", operation))
        let info = try decode(InfoReply.self, from: bytes, operation)
        let labels = (info.Labels ?? []).map { label in
            let parts = label.split(separator: "=", maxSplits: 1).map(String.init)
            return (parts.first ?? "", parts.count > 1 ? parts[1] : "")
        }
        let platform = try await platform()
        var facts = NodeFacts(
            id: info.ID,
            name: info.Name,
            os: platform.os,
            architecture: platform.architecture,
            labels: Dictionary(labels) { first, _ in first },
            apiVersion: try await apiVersion(),
            users: NodeUsers(
                securityOptions: (info.SecurityOptions ?? []).compactMap(InfoReply.name)
            ),
            version: info.ServerVersion,
            memory: info.MemTotal,
            nanoCPUs: Int64(min(max(0, info.NCPU), 1_000_000)) * 1_000_000_000
        )
        facts.swarmNode = info.Swarm?.NodeID ?? ""
        return facts
    }
}

/// Names are the API's own.
private struct InfoReply: Decodable {
    let ID: String
    let Name: String
    let ServerVersion: String
    let CgroupVersion: String?
    let DockerRootDir: String
    let NCPU: Int
    let MemTotal: Int64
    let SecurityOptions: [String]?
    /// `name=value`.
    let Labels: [String]?
    let Swarm: Membership?

    struct Membership: Decodable {
        let NodeID: String?
    }

    /// The name in `name=seccomp,profile=default`.
    static func name(ofOption option: String) -> String? {
        option.split(separator: ",").first { $0.hasPrefix("name=") }.map { String($0.dropFirst(5)) }
    }
}
