package import Model

extension DockerEngine {
    /// Everything that bears the label of `controller`, of all stacks together.
    ///
    /// Containers and networks are two calls. The volumes are listed only when one of `wanted` is
    /// mounted by none of the containers; else the observation holds those of `wanted`, whose
    /// labels nobody asked for. What can't be read whole is an error (law 1).
    package func observe(
        controller: String,
        volumes wanted: Set<String>
    ) async throws -> Observation {
        let time = now()
        // Else each of the two calls would ask for it.
        _ = try await apiVersion()
        let label = "\(Labels.controller)=\(controller)"
        async let containerBytes = list("/containers/json", "containers", label)
        async let networkBytes = list("/networks", "networks", label)
        let networks = try decode(
            [NetworkEntry].self,
            from: try await networkBytes,
            "list networks"
        ).map(\.observed)
        let ids = KnownObjects.ids(of: networks)
        let containers = try decode(
            [ContainerEntry].self,
            from: try await containerBytes,
            "list containers"
        ).map { $0.observed(networks: ids) }
        let observation = Observation(
            time: time,
            engineTime: self.time()?.lowerBound,
            containers: containers,
            networks: networks,
            volumes: try await volumes(wanted, in: containers, label)
        )
        known.remember(observation)
        return observation
    }

    /// Everything that bears Compose's label for the project `name`, whoever made it.
    package func observe(composeProject name: String) async throws -> Observation {
        let time = now()
        _ = try await apiVersion()
        let label = "\(Labels.Compose.project)=\(name)"
        let networks = try decode(
            [NetworkEntry].self,
            from: try await list("/networks", "networks", label),
            "list networks"
        ).map(\.observed)
        let ids = KnownObjects.ids(of: networks)
        let containers = try decode(
            [ContainerEntry].self,
            from: try await list("/containers/json", "containers", label),
            "list containers"
        ).map { $0.observed(networks: ids) }
        return Observation(
            time: time,
            containers: containers,
            networks: networks,
            volumes: try await volumes(label)
        )
    }

    /// What containers listen on now, whoever made them.
    package func boundPorts() async throws -> [BoundPort] {
        let bytes = try await read(EngineCall("GET", "/containers/json", "list ports"))
        return try decode([PortEntry].self, from: bytes, "list ports").flatMap(\.bound)
    }

    /// All networks that there are, whoever made them.
    package func networks() async throws -> [ObservedNetwork] {
        let bytes = try await read(EngineCall("GET", "/networks", "list networks"))
        return try decode([NetworkEntry].self, from: bytes, "list networks").map(\.observed)
    }

    private func volumes(
        _ wanted: Set<String>,
        in containers: [ObservedContainer],
        _ label: String
    ) async throws -> [ObservedVolume] {
        let mounted = Set(containers.flatMap(\.volumes))
        if wanted.isSubset(of: mounted) {
            return wanted.sorted().map { ObservedVolume(name: $0) }
        }
        return try await volumes(label)
    }

    private func volumes(_ label: String) async throws -> [ObservedVolume] {
        let bytes = try await list("/volumes", "volumes", label)
        let listing = try decode(VolumeListing.self, from: bytes, "list volumes")
        return (listing.Volumes ?? []).map {
            ObservedVolume(name: $0.Name, labels: $0.Labels ?? [:])
        }
    }

    private func list(
        _ path: String,
        _ objects: String,
        _ label: String
    ) async throws -> [UInt8] {
        var call = EngineCall("GET", path, "list \(objects)")
        let filters = JSON.object(["label": .strings([label])])
        call.query = [.init("filters", filters.text)]
        if path == "/containers/json" { call.query.append(.init("all", "true")) }
        return try await read(call)
    }
}
