import Foundation
import Testing
import Transport

/// A tenant whose sound version runs on an engine of its own, beside a project that it must not
/// reach, with canaries in all that is closed to it.
struct Scene: Sendable {
    let stage: Stage
    let team: Team
    let canaries: Canaries
    /// What the page of the sound version says.
    let sound = "1.0\n"
    /// What the controller starts.
    let executions: Executions
    private let port = 31_005
    private let registry: PrivateRegistry?

    /// What there is on the engine, by id or name.
    struct Made: Equatable {
        var containers: Set<Substring>
        var networks: Set<Substring>
        var volumes: Set<Substring>
        var images: Set<Substring>
    }

    static func run(
        _ name: String,
        withRegistry: Bool = false,
        _ body: (Scene) async throws -> Void
    ) async throws {
        try await Testbed.own { testbed in
            try await Stage.run(name, on: testbed) { stage in
                try await body(Scene(on: stage, withRegistry: withRegistry))
            }
        }
    }

    private init(on stage: Stage, withRegistry: Bool) async throws {
        self.stage = stage
        let mark = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        canaries = Canaries(
            granted: "/global/\(stage.name)",
            closed: "/global/closed",
            file: "\(stage.folder)/canary.env",
            variable: "GYRE_TEST_CANARY",
            neighbour: "other-\(stage.name)",
            texts: ["node", "volume", "file", "variable"].map { "canary-of-\($0)-\(mark)" }
        )
        registry = withRegistry ? try await PrivateRegistry(on: stage.testbed) : nil
        executions = try await Executions(in: stage.folder)
        team = try await Team(named: "team", in: stage.folder)
        try await layOut()
        try await settle()
    }

    /// The closed directory, the granted one with a file of root's in it, and the file beside the
    /// repository.
    private func layOut() async throws {
        let node = stage.testbed.directory
        try Files.makeFolder(node + canaries.closed)
        try Files.write(canaries.texts[0], to: "\(node)\(canaries.closed)/canary", 0o600)
        try await Program.check(["chmod", "700", node + canaries.closed])
        try Files.makeFolder(node + canaries.granted)
        try Files.write(canaries.texts[0], to: "\(node)\(canaries.granted)/of-root", 0o600)
        try await Program.check(["chmod", "755", node + canaries.granted])
        try Files.write("CANARY=\(canaries.texts[2])\n", to: canaries.file, 0o600)
    }

    /// Both projects run, and the other one can read what the tenant must not: the canaries live.
    private func settle() async throws {
        let other = try await Team(named: "other", in: stage.folder)
        try stage.configure(tenant + "\n" + neighbour(other))
        let theirs = try await other.push(
            """
            services:
              web:
                image: web:1.0
                stop_grace_period: 2s
                volumes: ["data:/data", "\(canaries.closed):/closed:ro"]
            volumes: {data: {}}
            """
        )
        let ours = try await team.push(compose("web:1.0"), "First")
        let variables = [canaries.variable: canaries.texts[3]]
        try await stage.gyre.start(variables, under: executions.tracer)
        try await stage.gyre.ready(at: theirs, canaries.neighbour)
        try await stage.gyre.ready(at: ours, stage.name)
        let name = "\(canaries.neighbour)-web-1"
        let write = "echo \(canaries.texts[1]) >/data/canary; cat /data/canary /closed/canary"
        let seen = try await stage.engine.docker("exec", "-u", "0", name, "sh", "-c", write)
        try #require(seen.contains(canaries.texts[0]) && seen.contains(canaries.texts[1]))
        try #require(try await page() == sound)
    }

    /// The tenant's project, in the profile that is the default.
    private var tenant: String {
        var images = "docker.io/library"
        if let registry { images += ", '\(registry.host)/\(stage.name)'" }
        let grants = """
            {registries: [\(images)], ports: 31000-31010, \
            identities: {uids: 40000-49999, gids: 5000}, \
            mounts: [{path: \(canaries.granted), access: read-write}]}
            """
        return stage.project(
            stage.name,
            team,
            grants: grants,
            registries: registry?.entry() ?? "[]"
        )
    }

    private func neighbour(_ team: Team) -> String {
        let grants = "{mounts: [{path: \(canaries.closed), access: read-only, shared: false}]}"
        return "  \(canaries.neighbour): {repositories: [{url: \(team.url)}], "
            + "profile: privileged, grants: \(grants)}"
    }

    /// A version that keeps to the grants, with more lines of its service.
    func compose(_ image: String, _ lines: [String] = []) -> String {
        let own = [
            "user: '41000:5000'", "ports: ['\(port):8080']",
            "volumes: ['\(canaries.granted):/data']",
        ]
        return Compose.image(image, (own + lines).map(Compose.line).joined(separator: "\n"))
    }

    /// Pushes what is tried, and sees that it is refused for its reason, at its place.
    func refuses(_ escape: Escape) async throws {
        try await stage.refuses(escape, of: team)
        let plan = try await stage.gyre.run("plan", stage.name, "--json")
        #expect(plan.status == 3, "\(escape.name): \(plan)")
        let status = try await stage.gyre.run("status", "--json")
        tellsNothing(plan.out + plan.err + status.out + status.err, "\(escape.name)")
    }

    /// Sees that no canary's text is in the log and in what people can ask for.
    func tellsNothing() async throws {
        tellsNothing(Files.text(of: stage.gyre.log), "the log")
        for command in ["status", "plan", "diff", "history"] {
            let output = try await stage.gyre.run(command, "--json")
            tellsNothing(output.out + output.err, command)
        }
    }

    private func tellsNothing(_ told: String, _ what: String) {
        for text in canaries.texts { #expect(!told.contains(text), "\(what) tells \(text)") }
    }

    func page() async throws -> String {
        let url = "http://\(stage.testbed.host):\(port)/"
        let response = try await HTTPClient(connections: 1).send(HTTPRequest("GET", url))
        return String(decoding: response.body, as: UTF8.self)
    }

    /// What the kernel says of a container's first process, spaces made one.
    func process(_ slot: String) async throws -> [String: String] {
        let name = try await stage.container(slot).name
        let status = try await stage.engine.docker("exec", name, "cat", "/proc/1/status")
        return status.split(separator: "\n").reduce(into: [:]) { result, line in
            let parts = line.split(separator: ":", maxSplits: 1)
            let words = parts.last?.split { $0.isWhitespace } ?? []
            result[String(parts[0])] = words.joined(separator: " ")
        }
    }

    func made() async throws -> Made {
        func list(_ command: String...) async throws -> Set<Substring> {
            let out = try await Program.check(["docker", "-H", stage.engine.address] + command)
            return Set(out.split { $0.isWhitespace })
        }
        return try await Made(
            containers: list("ps", "-aq", "--no-trunc"),
            networks: list("network", "ls", "-q", "--no-trunc"),
            volumes: list("volume", "ls", "-q"),
            images: list("image", "ls", "-q", "--no-trunc")
        )
    }

    /// Puts an image with changes of its own, as `docker commit --change` takes them, where the
    /// tenant may have images from.
    func publish(_ changes: [String], tag: String = "1") async throws -> String {
        let registry = try #require(registry)
        let settings = try await stage.testbed.start("registry")
        let login = try #require(settings["GYRE_TEST_PRIVATE_REGISTRY_CONFIG"])
        let reference = "\(registry.host)/\(stage.name)/own:\(tag)"
        let docker = ["docker", "-H", stage.engine.address, "--config", login]
        try await Program.check(docker + ["create", "--name", "maker", "web:1.0"])
        let options = changes.flatMap { ["--change", $0] }
        try await Program.check(docker + ["commit"] + options + ["maker", reference])
        try await Program.check(docker + ["push", reference])
        try await Program.check(docker + ["rm", "maker"])
        try await Program.check(docker + ["image", "rm", reference])
        return reference
    }
}

extension Stage {
    /// Pushes what the project of the stage's name tries, and sees that it is refused for its
    /// reason, at its place.
    func refuses(_ escape: Escape, of team: Team) async throws {
        let files = ["compose.yaml": escape.compose].merging(escape.files) { $1 }
        let head = try await team.push(files, links: escape.links)
        var found: Status.Problem?
        try await gyre.until("\(escape.name) is refused") { status in
            let stack = try status.stack(name)
            guard stack.head?.id == head else { return false }
            found = stack.problem("denied") ?? stack.problem("invalid")
            return found != nil
        }
        let findings = found?.diagnostics ?? []
        let finding = findings.first { $0.code == escape.code && $0.location?.line == escape.line }
        #expect(finding != nil, "\(escape.name), at line \(escape.line ?? 0): \(findings)")
        #expect(finding?.location?.file == "compose.yaml", "\(escape.name)")
    }
}
