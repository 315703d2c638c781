import Foundation
import Glibc
import Testing

/// One test's own controller, folder and names on an engine, taken away at its end.
struct Stage: Sendable {
    /// Name of the controller, of its project and of the project's own stack: nobody else's.
    let name: String
    let folder: String
    let testbed: Testbed
    let gyre: Gyre

    var engine: Engine { testbed.engine }
    var label: String { "io.gyre.controller=\(name)" }

    /// Sets a stage up for `body`, and clears it away whatever comes.
    static func run(
        _ name: String,
        on testbed: Testbed? = nil,
        _ body: (Stage) async throws -> Void
    ) async throws {
        await Turnstile.shared.enter()
        let result: Result<Void, any Error>
        do {
            let stage = try await Stage(name, on: testbed ?? .shared())
            do {
                try await body(stage)
                result = .success(())
            } catch {
                result = .failure(error)
            }
            await stage.clear()
        } catch {
            result = .failure(error)
        }
        await Turnstile.shared.leave()
        try result.get()
    }

    private init(_ name: String, on testbed: Testbed) async throws {
        let mark = String(UInt32.random(in: 0...UInt32.max), radix: 36)
        self.name = "\(name)-\(mark)"
        self.testbed = testbed
        folder = try Files.temporaryFolder()
        gyre = try Gyre(in: folder)
    }

    private func clear() async {
        await gyre.end()
        for label in [label, mark] { try? await engine.removeAll(labelled: label) }
        // A controller that was killed leaves its locks, as their holder is gone with it.
        for lock in Files.names(in: "/run/lock/gyre") where lock.hasPrefix("\(name)-") {
            unlink("/run/lock/gyre/\(lock)")
        }
        if Environment.all["GYRE_TEST_KEEP"] == nil {
            _ = try? await Program.check(["rm", "-rf", "--one-file-system", folder])
        } else {
            print("kept: \(name) in \(folder)")
        }
    }

    /// Writes gyre.yaml; `projects` is what stands below that key.
    func configure(
        _ projects: String,
        polling: String = "1s",
        stability: String = "500ms",
        backoff: String = "{first: 500ms, longest: 5s}",
        timeouts: String = "{engine: 10s}",
        git: String = "{}",
        loading: String = "{}",
        unusedImages: String = "never",
        state: String? = nil,
        engine: String? = nil,
        nodes: String? = nil,
        swarm: String? = nil,
        ingress: String? = nil,
        networks: String? = nil
    ) throws {
        try Files.write(
            """
            controller: \(name)
            state: \(state ?? gyre.state)
            \(swarm.map { "swarm: \($0)" } ?? nodes.map { "nodes: \($0)" }
                ?? "engine: \(engine ?? self.engine.address)")
            socket: \(folder)/gyre.sock
            polling: \(polling)
            defaults:
              stability: \(stability)
              after_healthy: 300ms
              backoff: \(backoff)
              timeouts: \(timeouts)
              loading: \(loading)
              unused_images: \(unusedImages)
            git: \(git)
            \(ingress.map { "ingress: \($0)" } ?? "")
            \(networks.map { "networks: \($0)" } ?? "")
            projects:
            \(projects)

            """,
            to: gyre.configuration
        )
    }

    /// Makes a team and writes a gyre.yaml that follows it as the project of the stage's name.
    func team(
        grants: String = "{}",
        profile: String = "restricted",
        stability: String = "500ms"
    ) async throws -> Team {
        let team = try await Team(named: "team", in: folder)
        let project = project(name, team, grants: grants, profile: profile)
        try configure(project, stability: stability)
        return team
    }

    /// A project of gyre.yaml with one repository.
    func project(
        _ name: String,
        _ team: Team,
        grants: String = "{}",
        profile: String = "restricted",
        registries: String = "[]"
    ) -> String {
        "  \(name): {repositories: [{url: \(team.url)}], grants: \(grants), "
            + "profile: \(profile), registries: \(registries)}"
    }

    /// Label of containers that a test runs past Gyre.
    var mark: String { "gyre.test=\(name)" }

    /// Starts a container that Gyre knows nothing of, and gives its id.
    func stranger(_ name: String, _ options: [String] = []) async throws -> String {
        let command = [
            "docker", "-H", engine.address, "run", "-d", "--name", name, "--label", mark,
        ]
        let out = try await Program.check(command + options + ["web:1.0"])
        return String(out.prefix { !$0.isWhitespace })
    }

    /// Everything that bears this controller's label.
    func containers() async throws -> [Container] { try await engine.containers(labelled: label) }

    /// The container of the own project's stack with this end of its name, such as `web-1`.
    func container(_ slot: String) async throws -> Container {
        let full = "\(name)-\(slot)"
        return try #require(try await engine.container(full), "no container \(full)\n\(gyre.tail)")
    }

    /// Starts the controller, pushes a first version and waits for it.
    func deploy(_ compose: String, to team: Team) async throws -> String {
        let commit = try await team.push(compose, "First")
        try await gyre.start()
        try await gyre.ready(at: commit)
        return commit
    }

    /// Sees that nothing runs but these containers, by id.
    func remains(_ ids: [String], for span: Duration = .seconds(3)) async throws {
        try await EndToEndTests.remains("\(ids) run", for: span, tail: { gyre.tail }) {
            let found = try await containers()
            return Set(found.map(\.id)) == Set(ids) && found.allSatisfy(\.isRunning)
        }
    }
}

/// Compose files that many tests use.
enum Compose {
    /// One web server, quick to stop.
    static func web(_ version: String, _ more: String = "") -> String {
        image("web:\(version)", more)
    }

    /// One service of any image.
    static func image(_ name: String, _ more: String = "") -> String {
        """
        services:
          web:
            image: \(name)
            stop_grace_period: 2s
        \(more)
        """
    }

    /// A line of a service, at the right depth.
    static func line(_ text: String) -> String { "    \(text)" }
}
