internal import Model
internal import YAMLTree

/// What a service means once all of its attributes are read.
extension Value {
    /// Brings together what two attributes say of one thing and fills in what is implied.
    func finish(_ draft: inout ServiceDraft) {
        requireImage(&draft.service)
        settleReplicas(&draft)
        settleResources(&draft)
        settleNetworks(&draft.service)
        implyDependencies(&draft.service)
        draft.service.environment = EnvironmentLoader(loading, service: path).environment(of: draft)
    }

    /// Whether the file writes `name` in this service.
    private func wrote(_ name: String) -> Bool { node[name] != nil }

    private func requireImage(_ service: inout Service) {
        guard loading.isComplete, isMapping, !wrote("image"), !wrote("build"), !wrote("extends"),
            !wrote("provider")
        else { return }
        loading.report(
            "missing-attribute",
            "\(path) names no image",
            at: keyLocation,
            field: path,
            fix: "write image:"
        )
    }

    private func settleReplicas(_ draft: inout ServiceDraft) {
        if let scale = draft.scale, let replicas = draft.replicas, scale != replicas {
            conflict("scale", "deploy.replicas")
        }
        draft.service.replicas = draft.replicas ?? draft.scale ?? 1
        if draft.scale != nil, draft.replicas == nil { copyPlace("scale", "deploy", "replicas") }
    }

    /// Source: compose-go's consistency check, for which a limit that isn't written is zero.
    private func settleResources(_ draft: inout ServiceDraft) {
        var resources = draft.resources
        if let limits = draft.limits {
            agree("mem_limit", resources.memory, limits.memory, "limits.memory")
            agree("cpus", resources.nanoCPUs, limits.nanoCPUs, "limits.cpus")
            agree("pids_limit", resources.pids, limits.pids, "limits.pids")
            (resources.memory, resources.nanoCPUs) = (limits.memory, limits.nanoCPUs)
            resources.pids = limits.pids
        }
        if let reservations = draft.reservations {
            agree(
                "mem_reservation",
                resources.reservedMemory,
                reservations.reservedMemory,
                "reservations.memory"
            )
            resources.reservedMemory = reservations.reservedMemory
            resources.reservedNanoCPUs = reservations.reservedNanoCPUs
        }
        draft.service.resources = resources
        copyPlace("mem_limit", "deploy", "resources", "limits", "memory")
        copyPlace("cpus", "deploy", "resources", "limits", "cpus")
        copyPlace("pids_limit", "deploy", "resources", "limits", "pids")
        copyPlace("mem_reservation", "deploy", "resources", "reservations", "memory")
    }

    private func agree<T: Equatable>(_ short: String, _ a: T?, _ b: T?, _ long: String) {
        if a != nil, a != b { conflict(short, "deploy.resources.\(long)") }
    }

    private func conflict(_ short: String, _ long: String) {
        loading.report(
            "conflicting-values",
            "\(path).\(short) and \(path).\(long) say different things",
            at: loading.places.location(of: path / short),
            field: path / short,
            fix: "write one of them"
        )
    }

    /// Gives a value its place under the path of the long form too.
    private func copyPlace(_ short: String, _ long: String...) {
        let longPath = long.reduce(path) { $0 / $1 }
        guard loading.places.wrote(path / short), !loading.places.wrote(longPath),
            let place = loading.places.location(of: path / short)
        else { return }
        loading.places.record(place, at: longPath)
    }

    private func settleNetworks(_ service: inout Service) {
        guard service.privileges.namespaces["network_mode"] != nil else {
            if service.networks.isEmpty { service.networks["default"] = Service.Attachment() }
            return
        }
        if !service.networks.isEmpty {
            loading.report(
                "conflicting-values",
                "\(path) has both network_mode and networks",
                at: loading.places.location(of: path / "network_mode"),
                field: path / "network_mode",
                fix: "remove network_mode"
            )
        }
    }

    /// Source: compose-go; links and shared namespaces need the other service first.
    private func implyDependencies(_ service: inout Service) {
        var needed: [(name: String, place: FieldPath)] = []
        for (index, link) in service.links.enumerated() {
            needed.append((link.service, (path / "links")[index]))
        }
        for (attribute, value) in service.privileges.namespaces.sorted(by: { $0.key < $1.key })
        where value.hasPrefix("service:") {
            needed.append((String(value.dropFirst("service:".count)), path / attribute))
        }
        for (name, place) in needed where service.dependsOn[name] == nil {
            service.dependsOn[name] = Service.Dependency(restart: true)
            let dependency = path / "depends_on" / name
            if let location = loading.places.location(of: place) {
                loading.places.record(location, at: dependency)
            }
        }
    }
}
