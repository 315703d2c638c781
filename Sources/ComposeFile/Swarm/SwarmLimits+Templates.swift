internal import Model

/// Templates: a Swarm's nodes expand some of what they are sent, long after it was judged.
///
/// Source: swarmkit's `template.ExpandContainerSpec`, which expands mounts, variables and the host
/// name, and moby's executor, which expands what a task has of a network.
extension SwarmLimits {
    func checkTemplates(_ service: Service, _ path: FieldPath) {
        for (index, mount) in service.volumes.enumerated() {
            var texts = [mount.target] + mount.options.labels.flatMap { [$0.key, $0.value] }
            if case .bind(let source) = mount.source { texts.append(source) }
            if case .volume(let key) = mount.source, let volume = stack.volumes[key] {
                texts += [volume.name]
                texts += volume.labels.merging(volume.options) { $0 + $1 }.map { $0.key + $0.value }
            }
            if texts.contains(where: GoTemplate.isPresent) {
                refuse(SwarmLimits.isTemplate, at: (path / "volumes")[index], "write it out")
            }
        }
        for target in service.tmpfs.keys.sorted() where GoTemplate.isPresent(in: target) {
            refuse(SwarmLimits.isTemplate, at: path / "tmpfs", "write it out")
        }
        for (key, network) in service.networks.sorted(by: { $0.key < $1.key }) {
            let texts = network.aliases + network.options.map { $0.key + $0.value }
            guard texts.contains(where: GoTemplate.isPresent) else { continue }
            refuse(SwarmLimits.isTemplate, at: path / "networks" / key, "write it out")
        }
        let names = "write none but \(SwarmLimits.offered)"
        for (name, value) in service.environment.sorted(by: { $0.key < $1.key })
        where !GoTemplate.isPlain("\(name)=\(value ?? "")", GoTemplate.taskNames) {
            refuse(SwarmLimits.isTemplate, at: path / "environment" / name, names)
        }
        if let name = service.hostname, !GoTemplate.isPlain(name, GoTemplate.taskNames) {
            refuse(SwarmLimits.isTemplate, at: path / "hostname", names)
        }
    }

    private static let isTemplate = "has \"{{\", which nodes of a Swarm take for a template"
    private static let offered = GoTemplate.taskNames.sorted().map { "{{\($0)}}" }
        .joined(separator: ", ")
}
