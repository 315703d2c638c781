internal import Model

extension StackReader {
    /// Gives each service what those mount that it names in `volumes_from`.
    ///
    /// They become mounts of its own, so that policy, plan and engine see each as if it was
    /// written, and none depends on which container of the other service is there. What a service
    /// mounts itself stays, and of two sources the later one wins. What is taken over counts as
    /// values of the model, about ten for a mount.
    /// Source of the rules: the engine's `registerMountPoints`.
    func takeOverMounts(
        in stack: inout Stack,
        _ model: Value,
        _ places: inout SourceMap
    ) {
        for name in sourcesFirst(stack) {
            guard var service = stack.services[name] else { continue }
            let written = model["services"]?[name]?["volumes_from"]?.listed ?? []
            var targets = Set(service.volumes.map(\.target)).union(service.tmpfs.keys)
            for (index, source) in service.volumesFrom.enumerated().reversed() {
                let place = written.indices.contains(index) ? written[index] : nil
                let mounts = stack.services[source.service]?.volumes ?? []
                guard loading.spend(mounts.count * 10, at: (place ?? model).location) else {
                    return
                }
                for var mount in mounts where targets.insert(mount.target).inserted {
                    guard mount.source != .anonymous else {
                        place?.refuseUnnamed(mount.target, of: source.service)
                        continue
                    }
                    mount.readOnly = mount.readOnly || source.readOnly
                    let path = FieldPath("services", name, "volumes")[service.volumes.count]
                    if let place { places.record(place.location, at: path, as: place.path) }
                    service.volumes.append(mount)
                }
            }
            stack.services[name] = service
        }
    }

    /// The services that take over mounts, each after those it takes them from.
    ///
    /// Without recursion, for a chain may be as long as a file has services.
    private func sourcesFirst(_ stack: Stack) -> [String] {
        var order: [String] = []
        var seen: Set<String> = []
        for first in stack.services.keys.sorted() {
            var pending = [(name: first, areSourcesDone: false)]
            while let (name, areSourcesDone) = pending.popLast() {
                let sources = stack.services[name]?.volumesFrom ?? []
                if areSourcesDone {
                    order.append(name)
                } else if !sources.isEmpty, seen.insert(name).inserted {
                    pending.append((name, true))
                    pending += sources.map { ($0.service, false) }
                }
            }
        }
        return order
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
