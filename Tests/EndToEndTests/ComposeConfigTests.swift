import Testing

/// `gyre compose config` beside `docker compose config`: the same bytes for the same arguments.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct ComposeConfigTests {
    private static let digest = String(repeating: "0123456789abcdef", count: 4)

    private static let file = """
        name: demo
        x-top: ${A:-one}
        services:
          web:
            image: "httpd:${VERSION:-2.4}"
            command: ["echo", "$$HOME", "${A}"]
            environment: {B: "${A?needs A}", C: }
            env_file: web.env
            ports: ["${PORT:-80}:80", "81"]
            deploy: {replicas: "${N:-2}"}
            volumes: ["./x:/x", "${V:-v}:/v"]
            healthcheck: {test: curl, interval: "${I:-10s}"}
            depends_on: [db]
          db:
            image: postgres@sha256:\(digest)
            profiles: [p]
            devices: ["${D:-/dev/null}:/dev/x"]
        networks: {default: {name: "${NET:-n}"}}
        volumes: {v: }
        """

    private static let pinned = """
        name: pinned
        services:
          web: {image: "httpd@sha256:\(digest)", ports: ["80:80"]}
          db: {image: "registry.example.org/team/db:1@sha256:\(digest)"}
        """

    @Test(
        .withCompose,
        arguments: [
            [], ["--no-interpolate"], ["--no-interpolate", "--format", "json"],
            ["--no-interpolate", "--no-normalize"], ["--format", "json"], ["--quiet"],
            ["--services", "--images"], ["--quiet", "--services"], ["--hash", "web,db"],
            ["--hash", "*", "--images"], ["--environment"], ["--no-env-resolution"],
            ["--no-normalize", "--no-path-resolution"], ["--dry-run"], ["db"], ["--profiles"],
        ]
    )
    func asCompose(arguments: [String]) async throws {
        try await compare(["-f", "compose.yaml"], arguments)
    }

    @Test(
        .withCompose,
        arguments: [
            ["--lock-image-digests"], ["--resolve-image-digests"],
            ["--lock-image-digests", "--format", "json"], ["--lock-image-digests", "db"],
        ]
    )
    func digests(arguments: [String]) async throws {
        try await compare(["-f", "pinned.yaml"], arguments)
    }

    private func compare(_ files: [String], _ arguments: [String]) async throws {
        let folder = try Files.temporaryFolder()
        try Files.write(Self.file, to: "\(folder)/compose.yaml")
        try Files.write(Self.pinned, to: "\(folder)/pinned.yaml")
        try Files.write("A=from-env\nZ=$A\n", to: "\(folder)/.env")
        try Files.write("W=1\n", to: "\(folder)/web.env")
        let compose = Environment.compose ?? "docker-compose"
        let ours = try await answer([Environment.gyre, "compose"], folder, files, arguments)
        let theirs = try await answer([compose], folder, files, arguments)
        #expect(ours.status == theirs.status, "\(ours.err)")
        // Docker Compose ends JSON without a new line, which helps nobody.
        #expect(ours.out == theirs.out + (theirs.out.hasSuffix("}") ? "\n" : ""))
        try await Program.check(["rm", "-r", folder])
    }

    private func answer(
        _ program: [String],
        _ folder: String,
        _ files: [String],
        _ arguments: [String]
    ) async throws -> Program.Output {
        let command =
            ["env", "-i", "-C", folder, "PATH=/usr/bin:/bin", "HOME=/root", "COMPOSE_PROFILES=p"]
            + ["PWD=\(folder)"]
        return try await Program.run(command + program + files + ["config"] + arguments)
    }
}
