package import Model
internal import YAMLTree

extension Settings {
    /// The Swarm that stacks run on.
    package struct SwarmEntry: Hashable, Codable, Sendable {
        /// By name.
        package var managers: [String: NodeEntry]
        package var rules: SwarmRules

        package init(managers: [String: NodeEntry], rules: SwarmRules = SwarmRules()) {
            self.managers = managers
            self.rules = rules
        }
    }

    /// Every engine that is spoken with, by its name in the file.
    package var doors: [String: NodeEntry] { swarm?.managers ?? cluster }
}

extension Settings.SwarmEntry {
    init(reading node: Reading, directory: String, state: String) {
        var managers: [String: Settings.NodeEntry] = [:]
        for (name, manager) in node["managers"].entries {
            managers[name] = Settings.NodeEntry(
                reading: manager,
                directory: directory,
                state: state
            )
        }
        var rules = SwarmRules()
        rules.isEncrypted = node["encrypted"].text.map { $0 == "true" } ?? rules.isEncrypted
        rules.keepsPrivileges =
            node["no_new_privileges"].text.map { $0 == "true" } ?? rules.keepsPrivileges
        self.init(managers: managers, rules: rules)
    }
}

/// What the keys of a Swarm say together.
extension SenseCheck {
    mutating func checkSwarm(_ swarm: Node, _ file: Node) {
        for key in ["engine", "engine_access", "nodes"] {
            guard let node = file[key] else { continue }
            let message = "\"\(key)\" stands for no Swarm; write its managers under \"swarm\""
            refuse(node, FieldPath(key), "contradiction", message)
        }
        let path = FieldPath("swarm", "managers")
        if swarm["managers"]?.entries?.isEmpty == true {
            refuse(swarm, path, "incomplete", "\"managers\" has no manager")
        }
        checkEngines(of: swarm["managers"], at: path, settings.swarm?.managers ?? [:])
    }
}
