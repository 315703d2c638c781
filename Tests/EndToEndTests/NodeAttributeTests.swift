import Testing

/// What a service asks of its node and only the operator's own projects get, seen on the engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct NodeAttributeTests {
    /// The first API that has the attributes of newer engines that are asked for here.
    private static let newer = 44

    private static func compose(_ version: String, isNewer: Bool) -> String {
        """
        services:
          web:
            image: web:\(version)
            runtime: runc
            cgroup_parent: gyre-test.slice
            device_cgroup_rules: ["c 1:3 mr"]
            devices: ["/dev/null:/dev/nothing:rw"]
            blkio_config: {weight: 100}
            \(isNewer ? "annotations: {org.example.note: seen}" : "")
            \(isNewer ? "mac_address: 02:42:ac:11:65:43" : "")
            networks: {default: {link_local_ips: [169.254.8.8]}}
            volumes:
              - type: bind
                source: /usr/share
                target: /share
                read_only: true
                bind: {propagation: private, recursive: disabled, create_host_path: false}
              - {type: volume, target: /kept, volume: {labels: {org.example.of: web}}}
        """
    }

    private func configure(_ stage: Stage, _ team: Team, _ profile: String) throws {
        try stage.configure(
            "  \(stage.name): {repositories: [{url: \(team.url)}], profile: \(profile)}"
        )
    }

    private func told(_ stage: Stage, _ format: String) async throws -> String {
        let name = "\(stage.name)-web-1"
        let out = try await stage.engine.docker("inspect", "--format", format, name)
        return out.split { $0.isWhitespace }.joined(separator: " ")
    }

    private func isNewer(_ engine: Engine) async throws -> Bool {
        let version = try await engine.docker("version", "-f", "{{.Server.APIVersion}}")
        let parts = version.split { !$0.isNumber }.compactMap { Int($0) }
        return parts.count == 2 && parts[1] >= Self.newer
    }

    @Test func `an operator's own stack gets them, another is denied`() async throws {
        try await Stage.run("node") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            let isNewer = try await isNewer(stage.engine)
            try configure(stage, team, "privileged")
            let first = try await team.push(Self.compose("1.0", isNewer: isNewer))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            try await seeContainer(stage)
            try await seeDisks(stage)
            if isNewer { try await seeNewer(stage) }

            try await stage.gyre.stop()
            try configure(stage, team, "restricted")
            try await team.push(Self.compose("2.0", isNewer: isNewer))
            try await stage.gyre.start()
            let codes = try await stage.gyre.problem("denied").diagnostics.map(\.code)
            let wanted: Set = ["runtime", "cgroup-parent", "device", "bind-option", "endpoint"]
            #expect(wanted.isSubset(of: codes), "\(codes)")
            #expect(try await stage.container("web-1").isRunning)
        }
    }

    private func seeContainer(_ stage: Stage) async throws {
        #expect(
            try await told(
                stage,
                """
                {{.HostConfig.Runtime}} {{.HostConfig.CgroupParent}} \
                {{.HostConfig.DeviceCgroupRules}} \
                {{range .HostConfig.Devices}}{{.PathOnHost}}:{{.PathInContainer}}{{end}} \
                {{range .Mounts}}{{if eq .Type "bind"}}{{.Propagation}} {{.RW}}{{end}}{{end}} \
                {{range .NetworkSettings.Networks}}{{.IPAMConfig.LinkLocalIPs}}{{end}}
                """
            ) == "runc gyre-test.slice [c 1:3 mr] /dev/null:/dev/nothing private false "
                + "[169.254.8.8]"
        )
        let name = try await told(
            stage,
            "{{range .Mounts}}{{if eq .Type \"volume\"}}{{.Name}}{{end}}{{end}}"
        )
        let labels = try await stage.engine.docker("volume", "inspect", "-f", "{{.Labels}}", name)
        #expect(labels.contains("org.example.of:web"))
    }

    /// A kernel without weights of disks has the engine leave them out.
    private func seeDisks(_ stage: Stage) async throws {
        let weight = try await told(stage, "{{.HostConfig.BlkioWeight}}")
        #expect(["0", "100"].contains(weight))
    }

    private func seeNewer(_ stage: Stage) async throws {
        #expect(
            try await told(stage, "{{.HostConfig.Annotations}}") == "map[org.example.note:seen]"
        )
        #expect(
            try await told(stage, "{{range .NetworkSettings.Networks}}{{.MacAddress}}{{end}}")
                == "02:42:ac:11:65:43"
        )
    }

    @Test func `what an older engine would drop is told before anything is done`() async throws {
        try await Stage.run("older") { stage in
            guard try await !isNewer(stage.engine) else { return }
            let team = try await Team(named: "team", in: stage.folder)
            try configure(stage, team, "privileged")
            try await team.push(Self.compose("1.0", isNewer: true))
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("missing")
            #expect(problem.diagnostics.map(\.code) == ["node-unfit", "node-unfit"], "\(problem)")
            #expect(try await stage.containers().isEmpty)
        }
    }

    /// Which a bind of Docker Compose's would make, as root's.
    @Test func `a directory that isn't there is not made on the node`() async throws {
        try await Stage.run("nodir") { stage in
            let team = try await Team(named: "team", in: stage.folder)
            let place = "/var/tmp/\(stage.name)"
            try stage.configure(
                "  \(stage.name): {repositories: [{url: \(team.url)}], "
                    + "grants: {mounts: [{path: \(place), access: read-write, shared: false}]}}"
            )
            try await team.push(Compose.web("1.0", Compose.line("volumes: [\"\(place):/data\"]")))
            try await stage.gyre.start()
            try await stage.gyre.until("it is told that \(place) isn't there") {
                try $0.stack().problems.contains { $0.message.contains(place) }
            }
            #expect(try await stage.containers().isEmpty)
        }
    }
}
