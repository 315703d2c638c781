package import Model

extension DockerEngine {
    /// Objects of these kinds whose names begin with `prefix`, with whatever labels or none.
    ///
    /// `prefix` is the name of a compose project or object: letters, digits, `-`, `_` and `.`. The
    /// engine looks for it anywhere in a name, and takes a dot for any character (Engine API
    /// reference, `filters`), so what only resembles it is left out here.
    package func objects(
        named prefix: String,
        _ kinds: Set<OwnedObject.Kind>
    ) async throws -> [NamedObject] {
        var found: [NamedObject] = []
        if kinds.contains(.container) {
            let bytes = try await list("/containers/json", "containers", named: prefix)
            found += try decode([ContainerEntry].self, from: bytes, "list containers").map {
                let container = $0.observed(networks: [:])
                return NamedObject(
                    kind: .container,
                    id: container.id,
                    name: container.name,
                    labels: container.labels
                )
            }
        }
        if kinds.contains(.network) {
            let bytes = try await list("/networks", "networks", named: prefix)
            found += try decode([NetworkEntry].self, from: bytes, "list networks").map {
                NamedObject(
                    kind: .network,
                    id: $0.Id,
                    name: $0.Name,
                    labels: $0.Labels ?? [:],
                    driver: $0.Driver,
                    options: $0.Options ?? [:]
                )
            }
        }
        if kinds.contains(.volume) {
            let bytes = try await list("/volumes", "volumes", named: prefix)
            let listing = try decode(VolumeListing.self, from: bytes, "list volumes")
            found += (listing.Volumes ?? []).map {
                NamedObject(
                    kind: .volume,
                    id: $0.Name,
                    name: $0.Name,
                    labels: $0.Labels ?? [:],
                    driver: $0.Driver,
                    options: $0.Options ?? [:]
                )
            }
        }
        for kind in [OwnedObject.Kind.service, .config, .secret] where kinds.contains(kind) {
            let bytes = try await list("/\(kind.rawValue)s", "\(kind.rawValue)s", named: prefix)
            found += try decode([SwarmNameEntry].self, from: bytes, "list names").map {
                NamedObject(
                    kind: kind,
                    id: $0.ID,
                    name: $0.Spec.Name,
                    labels: $0.Spec.Labels ?? [:],
                    driver: $0.Spec.Driver.map { $0.Name ?? "" }
                )
            }
        }
        return found.filter { $0.name.hasPrefix(prefix) }
    }

    private func list(
        _ path: String,
        _ objects: String,
        named prefix: String
    ) async throws -> [UInt8] {
        var call = EngineCall("GET", path, "list \(objects)")
        call.query = [.init("filters", JSON.object(["name": .strings([prefix])]).text)]
        if path == "/containers/json" { call.query.append(.init("all", "true")) }
        return try await read(call)
    }
}

/// A service, config or secret of a Swarm; names are the API's own.
private struct SwarmNameEntry: Decodable {
    let ID: String
    let Spec: Part

    struct Part: Decodable {
        let Name: String
        let Labels: [String: String]?
        /// Of a secret that a plugin keeps.
        let Driver: Plugin?
    }

    struct Plugin: Decodable {
        let Name: String?
    }
}
