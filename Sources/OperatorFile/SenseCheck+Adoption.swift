internal import Model
internal import YAMLTree

/// What stacks are taken over from, and which move from lost nodes.
extension SenseCheck {
    /// A Swarm moves tasks itself.
    mutating func checkFailover(_ file: Node) {
        guard settings.swarm != nil else { return }
        for project in file["projects"]?.entries ?? [] {
            guard let node = project.value["failover"] else { continue }
            let path = FieldPath("projects", project.key) / "failover"
            refuse(node, path, "contradiction", "a Swarm decides itself what becomes of its tasks")
        }
    }

    /// One name is one stack's, and none that another project's stacks could have.
    mutating func checkAdoptions(_ file: Node) {
        var earlier: [String: SourceLocation] = [:]
        for project in file["projects"]?.entries ?? [] {
            let path = FieldPath("projects", project.key) / "adopt"
            for stack in project.value["adopt"]?.entries ?? [] {
                let own = settings.swarm == nil ? "compose" : "stack"
                let other = settings.swarm == nil ? "stack" : "compose"
                if let node = stack.value[other] {
                    let message =
                        settings.swarm == nil
                        ? "an engine alone runs no docker stack: name a compose project"
                        : "a Swarm runs no compose projects: name a docker stack, with stack:"
                    refuse(node, path / stack.key / other, "contradiction", message)
                    continue
                }
                guard let node = stack.value[own], let name = node.text else {
                    refuse(stack.value, path / stack.key, "missing-key", "needs the key \"\(own)\"")
                    continue
                }
                let path = path / stack.key / own
                if let first = earlier[name] {
                    let message = "line \(first.line) already takes over \(name)"
                    refuse(node, path, "duplicate-name", message)
                }
                earlier[name] = earlier[name] ?? node.location
                // Containers are called by it and a hyphen, whichever of two names is the longer.
                let others = settings.projects.keys.sorted().filter { other in
                    other == String(name.prefix { $0 != "_" }) || name.hasPrefix(other + "-")
                        || other.hasPrefix(name + "-")
                }
                guard let owner = others.first(where: { $0 != project.key }) else { continue }
                refuse(
                    node,
                    path,
                    "taken-name",
                    "\(name) is what a stack of the project \(owner) is called"
                )
            }
        }
    }
}
