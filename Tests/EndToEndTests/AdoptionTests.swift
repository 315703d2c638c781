import Foundation
import Testing

/// What Docker Compose brought up becomes a stack, and runs on.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct AdoptionTests {
    private static func compose(_ stage: Stage, web: String = "1.0") -> String {
        """
        services:
          web:
            image: web:\(web)
            stop_grace_period: 2s
            labels: {gyre.test: \(stage.name)}
          keep:
            image: busybox:1.35
            command: ["sh", "-c", "[ -e /data/a ] || echo kept >/data/a; exec sleep 10000"]
            stop_grace_period: 0s
            environment: {PROJECT: "${COMPOSE_PROJECT_NAME}"}
            labels: {gyre.test: \(stage.name)}
            volumes: ["data:/data"]
            healthcheck: {test: ["CMD", "test", "-e", "/data/a"], interval: 1s}
        networks: {default: {labels: {gyre.test: \(stage.name)}}}
        volumes: {data: {labels: {gyre.test: \(stage.name)}}}
        """
    }

    /// What Compose calls it: nothing of the stack's own name.
    private func old(_ stage: Stage) -> String { "old_\(stage.name)" }

    @discardableResult
    private func compose(_ stage: Stage, _ words: String...) async throws -> Program.Output {
        let program = [Environment.compose ?? "docker-compose", "-p", old(stage)]
        let output = try await Program.run(
            program + ["-f", "\(stage.folder)/up.yaml"] + words,
            environment: ["DOCKER_HOST": stage.engine.address]
        )
        #expect(output.isSuccess, "\(output)")
        return output
    }

    private func up(_ stage: Stage, _ text: String) async throws {
        try Files.write(text, to: "\(stage.folder)/up.yaml")
        try await compose(stage, "up", "-d", "--wait")
    }

    /// Its team, whose stack is named in gyre.yaml.
    private func team(_ stage: Stage, _ adopt: String? = nil) async throws -> Team {
        let team = try await Team(named: "team", in: stage.folder)
        try stage.configure(
            "  \(stage.name): {repositories: [{url: \(team.url)}], "
                + "adopt: {\(stage.name): {compose: \(adopt ?? old(stage))}}}"
        )
        return team
    }

    /// Ids by name of all that bears the test's mark.
    private func ids(_ stage: Stage) async throws -> [String: String] {
        let all = try await stage.engine.containers(labelled: stage.mark)
        return Dictionary(all.map { ($0.name, $0.id) }) { first, _ in first }
    }

    private func data(_ stage: Stage) async throws -> String {
        try await stage.engine.docker("exec", "\(old(stage))-keep-1", "cat", "/data/a")
    }

    @Test(.withCompose)
    func `a compose project is taken over as it runs, and kept`() async throws {
        try await Stage.run("adopt") { stage in
            let text = Self.compose(stage)
            try await up(stage, text)
            let before = try await ids(stage)
            let (web, keep) = ("\(old(stage))-web-1", "\(old(stage))-keep-1")
            #expect(before.keys.sorted() == [keep, web])
            let team = try await team(stage)
            let first = try await team.push(text)

            let plan = try await stage.gyre.run("plan")
            #expect(plan.isSuccess, "\(plan)")
            #expect(plan.out.contains("takes over container \(web), unchanged"), "\(plan)")
            #expect(plan.out.contains("takes over container \(keep), unchanged"), "\(plan)")
            #expect(plan.out.contains("takes over network \(old(stage))_default"), "\(plan)")
            #expect(plan.out.contains("volume \(old(stage))_data, with its data"), "\(plan)")
            #expect(!plan.out.contains("create ") && !plan.out.contains("stop "), "\(plan)")

            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            #expect(try await ids(stage) == before)
            #expect(try await data(stage).contains("kept"))
            try await stage.gyre.stop()
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            #expect(try await ids(stage) == before, "a restart of the controller changes nothing")

            // What dies is started again, though it bears no label of ours.
            try await stage.engine.docker("kill", web)
            try await stage.gyre.until("\(web) runs again") { _ in
                try await stage.engine.container(web)?.state.status == "running"
            }
            #expect(try await ids(stage) == before)

            let second = try await team.push(Self.compose(stage, web: "2.0"))
            try await stage.gyre.ready(at: second)
            let after = try await ids(stage)
            #expect(after.keys.sorted() == [keep, web])
            #expect(after[keep] == before[keep] && after[web] != before[web])
            #expect(try await data(stage).contains("kept"))
            let list = try await compose(stage, "ps", "--services")
            #expect(list.out.split(separator: "\n").sorted() == ["keep", "web"], "\(list)")

            // The rest is made anew by Gyre with the same volume.
            let third = try await team.push(
                Self.compose(stage, web: "2.0").replacing("sleep 10000", with: "sleep 9999")
            )
            try await stage.gyre.ready(at: third)
            #expect(try await ids(stage)[keep] != before[keep])
            #expect(try await data(stage).contains("kept"))
            let audit = try await stage.gyre.run("audit", "list", "--kind", "adopted")
            #expect(audit.out.contains(old(stage)), "\(audit)")

            _ = try await team.push(
                "services: {web: {image: \"web:2.0\", labels: {gyre.test: \(stage.name)}}}"
            )
            try await stage.gyre.until("keep is gone") { _ in
                try await ids(stage).keys.sorted() == [web]
            }
            let volumes = try await stage.gyre.run("volumes", stage.name)
            #expect(volumes.out.contains("\(old(stage))_data"), "\(volumes)")
        }
    }

    @Test(.withCompose)
    func `one that runs from other files is shown and waits for a person`() async throws {
        try await Stage.run("adoptother") { stage in
            try await up(stage, Self.compose(stage))
            let before = try await ids(stage)
            let team = try await team(stage)
            let commit = try await team.push(Self.compose(stage, web: "2.0"))
            let plan = try await stage.gyre.run("plan")
            let web = "\(old(stage))-web-1"
            #expect(plan.out.contains("\(web), which isn't what the file says"), "\(plan)")
            #expect(plan.out.contains("replaces 1 of its 2 containers: \(web)"), "\(plan)")
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("unconfirmed")
            #expect(try await ids(stage) == before)
            let change = try #require(problem.change)
            try await stage.gyre.run("confirm", stage.name, change)
            try await stage.gyre.ready(at: commit)
            let after = try await ids(stage)
            #expect(after["\(old(stage))-keep-1"] == before["\(old(stage))-keep-1"])
            #expect(after[web] != nil && after[web] != before[web])
            #expect(try await data(stage).contains("kept"))

            // Somebody goes on driving it with Compose: seen, told, and nothing of theirs removed.
            try await up(stage, Self.compose(stage).replacing("sleep 10000", with: "sleep 8888"))
            let foreign = try await stage.gyre.problem("foreign")
            #expect(foreign.message.contains("-keep-1"), "\(foreign)")
        }
    }

    @Test func `one that is not there changes nothing`() async throws {
        try await Stage.run("adoptnone") { stage in
            let team = try await team(stage)
            _ = try await team.push(Self.compose(stage))
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("foreign")
            #expect(problem.message.contains("of which nothing is"), "\(problem)")
            #expect(try await ids(stage).isEmpty)
        }
    }
}
