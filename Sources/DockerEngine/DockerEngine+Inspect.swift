package import Model

extension DockerEngine {
    /// One container with its details; nil when it is gone.
    package func inspect(_ id: String) async throws -> ObservedContainer? {
        guard let inspection = try await inspection(of: id) else { return nil }
        guard var observed = inspection.observed else {
            throw error(.protocolError, "inspect container \(id)", "an unknown restart policy")
        }
        for (name, network) in observed.networks where network.isEmpty {
            // Never started: the name is all that the engine knows yet.
            observed.networks[name] = known.network(named: name) ?? ""
        }
        return observed
    }

    func inspection(of id: String) async throws -> ContainerInspection? {
        let operation = "inspect container \(id)"
        let call = EngineCall("GET", "/containers/\(PercentEncoding.query(id))/json", operation)
        do {
            return try decode(ContainerInspection.self, from: try await read(call), operation)
        } catch let error as EngineError where error.code == .notFound {
            return nil
        }
    }
}
