internal import Model
internal import YAMLTree

/// What a file declares at its top and no service uses.
///
/// Source: compose-go's `WithoutUnnecessaryResources`; Docker Compose neither makes nor looks for
/// it. It is kept apart for policy, which says what it would deny if a service came to use it.
extension StackReader {
    /// Takes out of `stack` what none of its services uses, and remarks on files that could not be
    /// mounted.
    ///
    /// - Returns: What was taken out; nil where there is nothing.
    func takeUnused(from stack: inout Stack, _ model: Value) -> Stack? {
        let uses = Uses(stack, model)
        var unused = Stack(id: id)
        for network in model["networks"]?.members ?? []
        where network.isMapping && stack.networks[network.name] == nil {
            unused.networks[network.name] = self.network(network)
        }
        for key in stack.volumes.keys where !uses.volumes.contains(key) {
            unused.volumes[key] = stack.volumes.removeValue(forKey: key)
        }
        for key in stack.configs.keys where !uses.configs.contains(key) {
            unused.configs[key] = stack.configs.removeValue(forKey: key)
        }
        for key in stack.secrets.keys where !uses.secrets.contains(key) {
            unused.secrets[key] = stack.secrets.removeValue(forKey: key)
        }
        unused.ownFiles = stack.ownFiles.filter { !uses.has($0) }
        stack.ownFiles.removeAll { !uses.has($0) }
        for part in ["networks", "volumes", "configs", "secrets"] {
            for member in model[part]?.members ?? [] where unused.declares(member.name, in: part) {
                unused.places.record(member.keyLocation, at: member.path)
                member.recordPlaces(in: &unused.places)
                remark(on: member)
            }
        }
        return unused.places == SourceMap() ? nil : unused
    }

    private func remark(on declaration: Value) {
        guard let contents, let file = declaration["file"] else { return }
        let trial = Loading(tree: loading.tree)
        contents.look(at: Value(file.node, at: file.path, key: file.keyLocation, in: trial))
        for var finding in trial.findings.list {
            // Where it leads to is nobody's to name, whether it is read or not.
            let leadsAway = ["file-outside", "content-of-node"].contains(finding.code)
            finding.severity = leadsAway ? .error : .warning
            finding.message += "; no service uses it"
            loading.findings.add(finding)
        }
    }
}

/// What services use of what stands beside them, by key.
private struct Uses {
    let volumes: Set<String>
    let configs: Set<String>
    let secrets: Set<String>

    /// By what could be read of the services, and by what they write besides.
    init(_ stack: Stack, _ model: Value) {
        let services = model["services"]?.members ?? []
        func sources(_ part: String) -> [String] {
            services.flatMap { $0[part]?.listed ?? [] }.compactMap { $0.node["source"]?.string }
        }
        let mounted = stack.services.values.flatMap(\.volumes).compactMap { mount in
            if case .volume(let key) = mount.source { key } else { nil }
        }
        volumes = Set(mounted + sources("volumes"))
        configs = Set(sources("configs"))
        secrets = Set(sources("secrets"))
    }

    func has(_ file: Stack.OwnFile) -> Bool {
        (file.path.components.first == .key("configs") ? configs : secrets).contains(file.key)
    }
}

extension Stack {
    fileprivate func declares(_ key: String, in part: String) -> Bool {
        switch part {
        case "networks": networks[key] != nil
        case "volumes": volumes[key] != nil
        case "configs": configs[key] != nil || ownFiles.contains { $0.path == FieldPath(part, key) }
        default: secrets[key] != nil || ownFiles.contains { $0.path == FieldPath(part, key) }
        }
    }
}
