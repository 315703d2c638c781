internal import Model

extension StackReader {
    /// Gives each service what those mount that it names in `volumes_from`.
    ///
    /// They become mounts of its own, so that policy, plan and engine see each as if it was
    /// written, and none depends on which container of the other service is there. What a service
    /// mounts itself stays, and of two sources the later one wins.
    /// Source of the rules: the engine's `registerMountPoints`.
    func takeOverMounts(
        in stack: inout Stack,
        _ model: Value,
        _ places: inout SourceMap
    ) {
        var seen: Set<String> = []
        func visit(_ name: String) {
            guard seen.insert(name).inserted, var service = stack.services[name] else { return }
            let written = model["services"]?[name]?["volumes_from"]?.listed ?? []
            var targets = Set(service.volumes.map(\.target)).union(service.tmpfs.keys)
            for (index, source) in service.volumesFrom.enumerated().reversed() {
                visit(source.service)
                let place = written.indices.contains(index) ? written[index] : nil
                for var mount in stack.services[source.service]?.volumes ?? []
                where targets.insert(mount.target).inserted {
                    guard mount.source != .anonymous else {
                        place?.refuseUnnamed(mount.target, of: source.service)
                        continue
                    }
                    mount.readOnly = mount.readOnly || source.readOnly
                    let path = FieldPath("services", name, "volumes")[service.volumes.count]
                    if let place { places.record(place.location, at: path) }
                    service.volumes.append(mount)
                }
            }
            stack.services[name] = service
        }
        for name in stack.services.keys.sorted() { visit(name) }
    }
}

extension Value {
    /// A volume without a name belongs to one container, which comes and goes.
    fileprivate func refuseUnnamed(_ target: String, of service: String) {
        fail(
            "unnamed-volume",
            "takes over \(target) of the service \"\(service)\", a volume without a name",
            fix: "give it a name in volumes: of \(service)"
        )
    }
}
