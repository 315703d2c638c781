import Foundation
import Testing

/// A tenant of a Swarm tries to reach what is not its own: what it pushes is refused, and nothing
/// of it comes to be there.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmEscapeTests {
    @Test func `none of the ways out of a Swarm is one`() async throws {
        try await Swarm.nodes([.manager]) { nodes in
            try await Stage.run("out", on: nodes[0]) { stage in
                let granted = "/global/\(stage.name)"
                let folder = nodes[0].directory + granted
                try Files.makeFolder(folder)
                try await Program.check(["ln", "-s", "/", "\(folder)/link"])
                let team = try await Team(named: "team", in: stage.folder)
                let theirs = try await settle(stage, team, beside: "other-\(stage.name)", granted)

                let before = try await made(on: nodes[0])
                try #require(before.contains { $0.contains(theirs.secretName) })
                let escapes = mounts(granted) + references(theirs) + rights(theirs)
                for escape in escapes {
                    try await stage.refuses(escape, of: team)
                    #expect(try await made(on: nodes[0]) == before, "\(escape.name)")
                }
                #expect(escapes.count >= 12)
                try await stage.gyre.stop()
            }
        }
    }

    /// What another project has on the Swarm.
    private struct Theirs {
        var project: String
        var networkID: String
        var secretName: String
        var secretID: String
    }

    /// Both projects run, the tenant's with what it was granted.
    private func settle(
        _ stage: Stage,
        _ team: Team,
        beside project: String,
        _ granted: String
    ) async throws -> Theirs {
        let other = try await Team(named: "other", in: stage.folder)
        let grants =
            "{ports: [31400-31409], "
            + "mounts: [{path: \(granted), access: read-write, shared: false}]}"
        try stage.configure(
            stage.project(stage.name, team, grants: grants) + "\n" + stage.project(project, other),
            timeouts: "{engine: 6s}",
            swarm: Swarm.settings([stage.testbed])
        )
        let lines = ["deploy: {endpoint_mode: dnsrr}", "networks: {default: {}}"]
        let secret = lines + ["secrets: [token]", "volumes: ['data:/data']"]
        let top = ["secrets: {token: {file: token.txt}}", "volumes: {data: {}}"]
        func compose(_ lines: [String], _ top: [String] = []) -> String {
            let service = Compose.web("1.0", lines.map(Compose.line).joined(separator: "\n"))
            return ([service] + top).joined(separator: "\n")
        }
        let files = ["compose.yaml": compose(secret, top), "token.txt": "canary"]
        let first = try await other.push(files)
        let ours = try await team.push(compose(lines + ["volumes: ['\(granted):/data']"]))
        try await stage.gyre.start()
        try await stage.gyre.ready(at: first, project)
        try await stage.gyre.ready(at: ours, stage.name)

        func told(_ kind: String, _ format: String) async throws -> String {
            let filter = "name=\(project)"
            let text = try await stage.engine.docker(
                kind,
                "ls",
                "--filter",
                filter,
                "--format",
                format
            )
            return try String(#require(text.split(separator: "\n").first))
        }
        return Theirs(
            project: project,
            networkID: try await told("network", "{{.ID}}"),
            secretName: try await told("secret", "{{.Name}}"),
            secretID: try await told("secret", "{{.ID}}")
        )
    }

    /// All that is there: services with the version that they are at, and everything else by id or
    /// name.
    private func made(on node: Testbed) async throws -> Set<String> {
        func list(_ command: String...) async throws -> [String] {
            let text = try await Program.check(["docker", "-H", node.engine.address] + command)
            return text.split(separator: "\n").map(String.init)
        }
        let services = try await list("service", "ls", "-q")
        let format = "{{.ID}} {{.Spec.Name}} {{.Version.Index}}"
        let inspect = ["docker", "-H", node.engine.address, "service", "inspect", "--format"]
        let versions = try await Program.check(inspect + [format] + services)
        var all = Set(versions.split(separator: "\n").map(String.init))
        for kind in ["network", "secret", "config"] {
            all.formUnion(try await list(kind, "ls", "--format", "{{.ID}} {{.Name}}"))
        }
        all.formUnion(try await list("volume", "ls", "-q"))
        all.formUnion(try await list("ps", "-aq", "--no-trunc"))
        return all
    }

    /// Out of what was granted of the node.
    private func mounts(_ granted: String) -> [Escape] {
        let up = #"{{"\x2e\x2e"}}"#
        func bind(_ name: String, _ code: String, _ mount: String) -> Escape {
            Escape(name: name, code: code, place: mount, lines: ["volumes: ['\(mount)']"])
        }
        return [
            bind("a template that climbs", "not-for-swarm", "\(granted)/\(up)/\(up):/node:ro"),
            bind(
                "a template that spells the socket",
                "not-for-swarm",
                #"\#(granted)/\#(up)/\#(up)/run/docker{{""}}.sock:/s"#
            ),
            bind("a link below the grant", "bind-below", "\(granted)/link:/node:ro"),
            bind("what lies above the grant", "bind-granted", "/global:/node:ro"),
            Escape(
                name: "a template as the place of a volume",
                code: "not-for-swarm",
                place: "volumes: ['data",
                lines: [#"volumes: ['data:/{{"proc"}}/sys']"#],
                beside: ["volumes: {data: {}}"]
            ),
            Escape(
                name: "a volume that is a bind",
                code: "volume-driver",
                place: "driver_opts:",
                lines: ["volumes: ['data:/data']"],
                beside: [
                    "volumes:", "  data:", "    driver_opts: {type: none, o: bind, device: /}",
                ]
            ),
        ]
    }

    /// What another project owns, by name and by id.
    private func references(_ theirs: Theirs) -> [Escape] {
        func network(_ name: String, _ reference: String) -> Escape {
            Escape(
                name: name,
                code: "own-name",
                place: "name: \(reference)",
                lines: ["networks: [theirs]"],
                beside: ["networks:", "  theirs:", "    external: true", "    name: \(reference)"]
            )
        }
        func secret(_ name: String, _ reference: String) -> Escape {
            Escape(
                name: name,
                code: "own-name",
                place: "name: \(reference)",
                lines: ["secrets: [theirs]"],
                beside: ["secrets:", "  theirs:", "    external: true", "    name: \(reference)"]
            )
        }
        return [
            network("another project's network", "\(theirs.project)_default"),
            network("another project's network by its id", theirs.networkID),
            network("the node's own network", "host"),
            secret("another project's secret", theirs.secretName),
            secret("another project's secret by its id", theirs.secretID),
            Escape(
                name: "another project's volume",
                code: "own-name",
                place: "name: \(theirs.project)_data",
                lines: ["volumes: ['theirs:/data']"],
                beside: ["volumes:", "  theirs:", "    name: \(theirs.project)_data"]
            ),
        ]
    }

    /// What a Swarm does for a task, and where.
    private func rights(_ theirs: Theirs) -> [Escape] {
        [
            Escape(
                name: "a variable that the node's engine works out",
                code: "not-for-swarm",
                place: "STOLEN",
                lines: ["environment:", #"  STOLEN: '{{env "PATH"}}'"#]
            ),
            Escape(
                name: "a task on a manager",
                code: "placement",
                place: "constraints:",
                lines: ["deploy:", "  placement:", "    constraints: ['node.role == manager']"]
            ),
            Escape(
                name: "another project's namespace",
                code: "label-reserved",
                place: "com.docker.stack.namespace:",
                lines: [
                    "deploy:", "  labels:", "    com.docker.stack.namespace: \(theirs.project)",
                ]
            ),
        ]
    }
}
