import Testing

/// Registries that refuse, lie, hang or are strangers, beside one that is well.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct RegistryFaultTests {
    /// What a registry does or an image is, and what is said of it.
    private struct Fault {
        var name: String
        var image: String
        var words: String
        /// What the project says of the registry.
        var registries = "[]"
    }

    private func faults(
        _ stage: Stage,
        _ registry: PrivateRegistry,
        _ servers: GitServers
    ) async throws -> [Fault] {
        let wrong = "\(stage.folder)/wrong"
        try Files.write("wrong", to: wrong, 0o600)
        let mine = try await registry.publish("web:2.0", as: "\(stage.name)/mine:1")
        try await registry.publish("web:2.0", as: "\(stage.name)/arch:1", "--arch", "s390x")
        func mute(_ setting: String, _ number: Int = 1) -> Fault {
            let name = setting.split(separator: "_")[1].lowercased()
            return Fault(
                name: "\(name)\(number)",
                image: "\(servers[setting])/\(stage.name)/web:\(number)",
                words: servers[setting]
            )
        }
        return [
            Fault(
                name: "wrong",
                image: mine,
                words: "\(registry.host) refuses",
                registries: registry.entry(passwordFile: wrong)
            ),
            Fault(name: "absent", image: mine, words: "the project has none"),
            Fault(
                name: "missing",
                image: "\(registry.host)/\(stage.name)/missing:1",
                words: "has no",
                registries: registry.entry()
            ),
            Fault(
                name: "arch",
                image: "\(registry.host)/\(stage.name)/arch:1",
                words: "linux/s390x",
                registries: registry.entry()
            ),
            Fault(
                name: "stranger",
                image: "\(registry.stranger)/\(stage.name)/mine:1",
                words: "does not trust"
            ),
            Fault(
                name: "down",
                image: "\(Self.nobody(stage))/\(stage.name)/web:1",
                words: Self.nobody(stage)
            ),
            mute("HOSTILE_CUT"), mute("HOSTILE_FLOOD"), mute("HOSTILE_DRIP"),
            // As many as may be pulled at once.
            mute("HOSTILE_SILENT", 1), mute("HOSTILE_SILENT", 2), mute("HOSTILE_SILENT", 3),
        ]
    }

    /// A place where nobody listens.
    private static func nobody(_ stage: Stage) -> String { "\(stage.testbed.host):9" }

    @Test func `whatever is wrong with a registry is told and holds up no other`() async throws {
        try await Stage.run("registries") { stage in
            let registry = try await PrivateRegistry(on: stage.testbed)
            let servers = try await GitServers("hostile", on: stage.testbed)
            let faults = try await faults(stage, registry, servers)
            let hosts = Set(["SILENT", "DRIP", "CUT", "FLOOD"].map { servers["HOSTILE_\($0)"] })
            let others = [registry.host, registry.stranger, Self.nobody(stage)]
            let places = (hosts.sorted() + others).map { "'\($0)/\(stage.name)'" }
            let grants = "{registries: [docker.io/library, \(places.joined(separator: ", "))]}"
            let entry = "{host: '\(registry.host)', username: \(registry.user), "
            let sound = Fault(
                name: "sound",
                image: "",
                words: "",
                registries: "[\(entry)password_variable: REGISTRY_PASSWORD}]"
            )
            var projects: [(fault: Fault, name: String, team: Team)] = []
            for fault in [sound] + faults {
                let team = try await Team(named: fault.name, in: stage.folder)
                projects.append((fault, "\(stage.name)-\(fault.name)", team))
            }
            try stage.configure(
                projects.map {
                    stage.project($0.name, $0.team, grants: grants, registries: $0.fault.registries)
                }.joined(separator: "\n")
            )
            for project in projects { try await project.team.push(Compose.web("1.0")) }
            try await stage.gyre.start(["REGISTRY_PASSWORD": registry.password])
            for project in projects {
                try await stage.gyre.ready(at: try await project.team.head(), project.name)
            }
            let before = Set(try await stage.containers().map(\.id))

            for project in projects.dropFirst() {
                try await project.team.push(Compose.image(project.fault.image))
            }
            try await stage.gyre.until("the silent registry is asked") { status in
                let steps = status.stacks.compactMap(\.run?.step)
                return steps.count { $0.contains(servers["HOSTILE_SILENT"]) } > 2
            }
            // New on the node, so it has to be pulled beside those that hang.
            let image = try await registry.publish("web:2.0", as: "\(stage.name)/sound:1")
            let next = try await projects[0].team.push(Compose.image(image))
            try await stage.gyre.ready(at: next, projects[0].name)

            for (fault, name, _) in projects.dropFirst() {
                let problem = try await stage.gyre.problem("image", name)
                #expect(problem.message.contains(fault.words), "\(name): \(problem)")
                #expect(problem.remedy.contains("gyre sync \(name)"), "\(name): \(problem)")
            }
            let after = Set(try await stage.containers().filter(\.isRunning).map(\.id))
            #expect(after.count == projects.count && before.subtracting(after).count == 1)
        }
    }
}
