package import Model
internal import YAMLTree

extension Settings {
    /// The Swarm that stacks run on.
    package struct SwarmEntry: Hashable, Codable, Sendable {
        /// By name.
        package var managers: [String: NodeEntry]
        package var rules: SwarmRules
        /// Whether controllers on several machines take turns.
        package var isShared: Bool

        package init(
            managers: [String: NodeEntry],
            rules: SwarmRules = SwarmRules(),
            isShared: Bool = false
        ) {
            self.managers = managers
            self.rules = rules
            self.isShared = isShared
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
        rules.keepsUsers = node["users_as_shown"].text.map { $0 == "true" } ?? rules.keepsUsers
        self.init(
            managers: managers,
            rules: rules,
            isShared: node["shared"].text == "true"
        )
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
        checkName(of: swarm, file)
        checkEngines(of: swarm["managers"], at: path, settings.swarm?.managers ?? [:])
    }

    /// A Swarm's names have 64 characters, and those of records end with two numbers.
    private static let longestSharedName = 40

    private mutating func checkName(of swarm: Node, _ file: Node) {
        let longest = SenseCheck.longestSharedName
        guard settings.swarm?.isShared == true, settings.controller.utf8.count > longest else {
            return
        }
        refuse(
            file["controller"] ?? swarm,
            FieldPath("controller"),
            "name-too-long",
            "controllers that share a Swarm have a name of at most \(longest) characters"
        )
    }
}
