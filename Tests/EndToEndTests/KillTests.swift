import Testing

/// The controller killed at each step of a plan: whatever is left, the next start goes the rest of
/// the way.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct KillTests {
    /// Stacks that are worked on side by side, each taking every third step.
    private static let lanes = 3

    private static func compose(_ version: String, replicas: Int) -> String {
        """
        services:
          db:
            image: busybox:1.35
            command: ["sh", "-c", "trap 'exit 0' TERM; touch /data/here; sleep 3600 & wait"]
            stop_grace_period: 2s
            volumes: ["data:/data"]
            networks: [back]
            healthcheck:
              test: ["CMD", "test", "-e", "/data/here"]
              interval: 1s
              timeout: 2s
              retries: 10
          web:
            image: web:\(version)
            scale: \(replicas)
            stop_grace_period: 2s
            networks: [back]
            depends_on: {db: {condition: service_healthy}}
          front:
            image: web:\(version)
            stop_grace_period: 2s
            environment: {UPSTREAM: "web:8080"}
            volumes: ["./front.txt:/front.txt:ro"]
            networks: [back, default]
            depends_on: [web]
        networks:
          back: {}
        volumes:
          data: {}
        """
    }

    private static func files(_ version: String, replicas: Int) -> [String: String] {
        ["compose.yaml": compose(version, replicas: replicas), "front.txt": "front \(version)"]
    }

    @Test(arguments: 0..<lanes)
    func `a first deployment survives a kill at each step`(_ lane: Int) async throws {
        try await Stage.run("first\(lane)") { stage in
            let team = try await stage.team(stability: "300ms")
            let commit = try await team.push(KillTests.files("1.0", replicas: 1))
            let steps = try await stage.gyre.plan().map(\.text)
            #expect(steps.count > 10, "\(steps)")
            for (index, step) in steps.enumerated() where index % KillTests.lanes == lane {
                if index != lane { try await startOver(stage) }
                try await die(stage, at: step, number: index, beside: commit)
                try await settle(stage, commit, "1.0", replicas: 1, after: step)
            }
        }
    }

    @Test(arguments: 0..<lanes)
    func `a rollout survives a kill at each step`(_ lane: Int) async throws {
        try await Stage.run("roll\(lane)") { stage in
            let team = try await stage.team(stability: "300ms")
            let first = try await team.push(KillTests.files("1.0", replicas: 2))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let volume = try await dataClaims(stage)
            let db = try await stage.container("db-1").id
            try await stage.gyre.stop()
            // Else the first plan has one step more than those that follow.
            try await stage.engine.docker("pull", "-q", "web:2.0")
            // Each roll back is the same plan with the two versions changed about.
            var version = "2.0"
            _ = try await team.push(KillTests.files(version, replicas: 2), "To \(version)")
            let count = try await stage.gyre.plan().count
            #expect(count > 15)
            for index in 0..<count where index % KillTests.lanes == lane {
                let commit = try await team.head()
                let steps = try await stage.gyre.plan().map(\.text)
                #expect(steps.count == count, "\(steps)")
                try await die(stage, at: steps[index], number: index, beside: commit)
                try await settle(stage, commit, version, replicas: 2, after: steps[index])
                #expect(try await stage.container("db-1").id == db, "it did not change")
                version = version == "1.0" ? "2.0" : "1.0"
                _ = try await team.push(KillTests.files(version, replicas: 2), "To \(version)")
            }
            let now = try await dataClaims(stage)
            #expect(now == volume, "the volume is the one that \(first) made")
        }
    }

    /// Kills the controller when the step begins, while the engine is at it, and when it has
    /// finished: three lives, each of which may get as far as the step.
    private func die(
        _ stage: Stage,
        at step: String,
        number: Int,
        beside commit: String
    ) async throws {
        let pause = Duration.milliseconds(number * 37 % 200)
        for (event, pause) in [
            ("step begins", .zero), ("step begins", pause), ("step finished", .zero),
        ] {
            let offset = Files.size(of: stage.gyre.log)
            try await stage.gyre.serve()
            // The step may have been done before the first kill, and is not in the rest then.
            try await stage.gyre.logs(
                event,
                and: "step=\"\(step)\"",
                after: offset,
                unless: { $0.contains("stack is ready commit=\(commit.prefix(8))") }
            )
            try await Task.sleep(for: pause)
            await stage.gyre.end()
        }
    }

    /// Starts once more, and sees that everything is as if nothing had happened.
    private func settle(
        _ stage: Stage,
        _ commit: String,
        _ version: String,
        replicas: Int,
        after step: String
    ) async throws {
        try await stage.gyre.start()
        try await stage.gyre.ready(at: commit)
        #expect(try await stage.gyre.status().frozen == nil, "after \(step)")
        #expect(try await stage.gyre.plan().isEmpty, "after \(step)")
        try await stage.gyre.stop()

        let project = stage.name
        let slots = ["db-1", "front-1"] + (1...replicas).map { "web-\($0)" }
        let found = try await stage.containers()
        #expect(found.map(\.name) == slots.map { "\(project)-\($0)" }.sorted(), "after \(step)")
        #expect(found.allSatisfy { $0.isRunning }, "after \(step)")
        for container in found where container.service != "db" {
            #expect(container.labels["io.gyre.service"] == container.service)
            #expect(container.variable("VERSION") == version, "after \(step)")
        }
        let networks = try await stage.engine.networks(labelled: stage.label).map(\.name)
        #expect(networks.sorted() == ["\(project)_back", "\(project)_default"], "after \(step)")
        let front = try await stage.container("front-1").networks
        #expect(front.keys.sorted() == networks.sorted(), "after \(step)")
        for endpoint in front.values {
            #expect(endpoint.aliases?.contains("front") ?? false, "after \(step)")
        }
        let volumes = try await stage.engine.volumes(labelled: stage.label).map(\.name)
        #expect(volumes.filter { !$0.hasPrefix("gyre.") } == ["\(project)_data"], "after \(step)")
        #expect(volumes.count == 2, "one content is there: \(volumes), after \(step)")
        try await logAgrees(with: found.map(\.id), stage, after: step)
        let shown = try await stage.engine.docker("exec", "\(project)-front-1", "cat", "/front.txt")
        #expect(shown == "front \(version)", "after \(step)")
    }

    /// Whatever was cut off, the log is whole, and knows each container as made or as found.
    private func logAgrees(with ids: [String], _ stage: Stage, after step: String) async throws {
        let proof = try await stage.gyre.run("audit", "verify")
        #expect(proof.isSuccess, "\(proof) after \(step)")
        let log = try await stage.gyre.run("audit", "list", "--limit", "0", "--json").out
        let lines = log.split(separator: "\n").filter {
            $0.contains("\"kind\":\"applied\"") || $0.contains("\"kind\":\"adopted\"")
        }
        for id in ids {
            #expect(lines.contains { $0.contains(id) }, "\(id) is in no entry, after \(step)")
        }
    }

    /// The token of the volume that holds data.
    private func dataClaims(_ stage: Stage) async throws -> [String] {
        try await stage.engine.volumes(labelled: stage.label)
            .filter { !$0.name.hasPrefix("gyre.") }.map(\.claim)
    }

    /// Takes away all that there is, the journal too, as on a new machine.
    private func startOver(_ stage: Stage) async throws {
        try await stage.engine.removeAll(labelled: stage.label)
        try await Program.check(["rm", "-rf", stage.gyre.state])
    }
}
