import Foundation
import Testing

/// How a new version takes over, as its file says it.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct RolloutTests {
    private static func compose(_ version: String, _ update: String, _ more: String = "") -> String
    {
        """
        services:
          web:
            image: web:1.0
            environment: {VERSION: "\(version)"}
            stop_grace_period: 1s
            \(more)
            deploy:
              replicas: 3
              update_config: {\(update)}
        volumes: {data: {}}
        """
    }

    /// Of a new version one container comes up, whichever is the first, until somebody lets all.
    private static func single(_ version: String, _ update: String) -> String {
        let start =
            version == "1"
            ? "exec web" : "test -e /data/all || mkdir /data/\(version) || exit 7; exec web"
        return compose(
            version,
            update,
            "volumes: [\"data:/data\"]\n    command: [sh, -c, '\(start)']"
        )
    }

    /// Such as an engine writes: `2026-01-31T12:00:00.123456789Z`.
    private static let times = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private func versions(_ stage: Stage) async throws -> [String] {
        try await stage.containers().filter(\.isRunning).map { $0.variable("VERSION") ?? "" }
    }

    @Test func `start-first never has fewer containers than the file wants`() async throws {
        try await Stage.run("beside") { stage in
            let team = try await stage.team(stability: "300ms")
            let update = "order: start-first, parallelism: 2, delay: 1s"
            let files = { RolloutTests.compose($0, update) }
            _ = try await stage.deploy(files("1"), to: team)
            let next = try await team.push(files("2"))
            var least = Int.max
            var most = 0
            try await stage.gyre.until("the new version is ready") { status in
                let count = try await stage.containers().count(where: \.isRunning)
                least = min(least, count)
                most = max(most, count)
                return try status.stack().isReady(at: next)
            }
            #expect(least == 3 && most > 3 && most <= 5, "\(least) to \(most)")
            #expect(try await versions(stage) == ["2", "2", "2"])
            #expect(try await stage.gyre.plan().isEmpty)
            let names = try await stage.containers().map(\.name)
            #expect(names == (1...3).map { "\(stage.name)-web-\($0)" })
        }
    }

    @Test func `two of four are replaced at a time, and so long apart`() async throws {
        try await Stage.run("batches") { stage in
            let team = try await stage.team(stability: "300ms")
            let files = { (version: String) in
                RolloutTests.compose(version, "parallelism: 2, delay: 4s")
                    .replacing("replicas: 3", with: "replicas: 4")
            }
            _ = try await stage.deploy(files("1"), to: team)
            let next = try await team.push(files("2"))
            var least = Int.max
            try await stage.gyre.until("the new version is ready") { status in
                least = min(least, try await stage.containers().count(where: \.isRunning))
                return try status.stack().isReady(at: next)
            }
            #expect(least >= 2)
            let starts = try await stage.containers().compactMap { container in
                try? Date(container.state.startedAt, strategy: RolloutTests.times)
            }.sorted()
            #expect(starts.count == 4)
            #expect(starts[2].timeIntervalSince(starts[1]) >= 4, "\(starts)")
            #expect(try await versions(stage) == ["2", "2", "2", "2"])
        }
    }

    @Test func `the old one serves until the new one is healthy`() async throws {
        try await Stage.run("healthy") { stage in
            let team = try await stage.team(stability: "300ms")
            let files = { (version: String) in
                RolloutTests.compose(
                    version,
                    "order: start-first, parallelism: 0",
                    """
                    command: [sh, -c, "sleep 3; touch /tmp/ready; exec web"]
                        healthcheck: {test: "test -e /tmp/ready", interval: 1s, retries: 20}
                    """
                )
            }
            _ = try await stage.deploy(files("1"), to: team)
            let next = try await team.push(files("2"))
            var least = Int.max
            var sawBoth = false
            try await stage.gyre.until("the new version is ready") { status in
                // One listing: of containers that are looked at one by one, the first may have
                // become healthy and the last made way for it meanwhile.
                let filter = "label=\(stage.label)"
                let format = "{{.Status}}"
                let shown = try await stage.engine.docker(
                    "ps",
                    "--filter",
                    filter,
                    "--format",
                    format
                )
                let healthy = shown.split(separator: "\n").count { $0.contains("(healthy)") }
                least = min(least, healthy)
                let running = try await stage.containers().filter(\.isRunning)
                sawBoth = sawBoth || Set(running.map { $0.variable("VERSION") }).count == 2
                return try status.stack().isReady(at: next)
            }
            #expect(least == 3 && sawBoth, "\(least)")
            #expect(try await versions(stage) == ["2", "2", "2"])
        }
    }

    @Test func `a bad version beside a good one goes, is held, and takes nothing down`()
        async throws
    {
        try await Stage.run("bad") { stage in
            let team = try await stage.team(stability: "300ms")
            let update = "order: start-first, parallelism: 2, failure_action: rollback"
            let good = try await stage.deploy(RolloutTests.compose("1", update), to: team)
            let before = try await stage.containers()
            let bad = RolloutTests.compose("2", update, "command: [sh, -c, \"exit 7\"]")
            _ = try await team.push(bad)
            let problem = try await stage.gyre.problem("held")
            #expect(problem.message.contains("status 7"), "\(problem)")
            try await stage.gyre.until("nothing of it is left") { status in
                let stack = try status.stack()
                let left = try await stage.containers().map(\.id)
                return stack.target == good && stack.run == nil && left == before.map(\.id)
            }
            let after = try await stage.containers()
            #expect(after.map(\.state.startedAt) == before.map(\.state.startedAt))
            try await stage.remains(before.map(\.id))
        }
    }

    @Test func `start-first survives a kill at each step`() async throws {
        try await Stage.run("besides") { stage in
            let team = try await stage.team(stability: "300ms")
            let files = { RolloutTests.compose($0, "order: start-first, parallelism: 2") }
            _ = try await stage.deploy(files("1"), to: team)
            try await stage.gyre.stop()
            var commit = try await team.push(files("2"))
            let count = try await stage.gyre.plan().count
            #expect(count > 15)
            for index in stride(from: 0, to: count, by: 2) {
                let step = try await stage.gyre.plan().map(\.text)[index]
                let offset = Files.size(of: stage.gyre.log)
                try await stage.gyre.serve()
                try await stage.gyre.logs("step begins", and: "step=\"\(step)\"", after: offset)
                await stage.gyre.end()
                let left = try await stage.containers().count(where: \.isRunning)
                #expect(left >= 3, "after \(step)")

                try await stage.gyre.start()
                try await stage.gyre.ready(at: commit)
                #expect(try await stage.gyre.plan().isEmpty, "after \(step)")
                try await stage.gyre.stop()
                let found = try await stage.containers()
                let names = (1...3).map { "\(stage.name)-web-\($0)" }
                #expect(found.map(\.name) == names, "after \(step)")
                #expect(found.allSatisfy { $0.isRunning }, "after \(step)")
                commit = try await team.push(files("\(index + 3)"))
            }
        }
    }

    @Test func `a rollout that fails is paused, and goes on once it is released`() async throws {
        try await Stage.run("pause") { stage in
            let team = try await stage.team(stability: "300ms")
            let update = "failure_action: pause, monitor: 1s"
            _ = try await stage.deploy(RolloutTests.single("1", update), to: team)
            let next = try await team.push(RolloutTests.single("2", update))
            let problem = try await stage.gyre.problem("held")
            #expect(problem.message.contains("is paused"), "\(problem)")
            #expect(problem.message.contains("status 7"), "\(problem)")
            try await stage.gyre.until("three run") { _ in try await versions(stage).count == 3 }
            #expect(try await versions(stage) == ["2", "1", "1"])

            // What was removed is repaired with what was good; what came up stays.
            let kept = try await stage.container("web-1").id
            try await stage.engine.docker("rm", "-f", try await stage.container("web-3").id)
            try await stage.gyre.until("three run") { _ in try await versions(stage).count == 3 }
            #expect(try await versions(stage) == ["2", "1", "1"])
            #expect(try await stage.container("web-1").id == kept)

            try await stage.engine.docker("exec", kept, "touch", "/data/all")
            let released = try await stage.gyre.run("release", stage.name)
            #expect(released.isSuccess, "\(released)")
            try await stage.gyre.ready(at: next)
            #expect(try await versions(stage) == ["2", "2", "2"])
            #expect(try await stage.container("web-1").id == kept)
        }
    }

    @Test func `a rollout that goes on, and one that goes back`() async throws {
        try await Stage.run("goes-on") { stage in
            let team = try await stage.team(stability: "300ms")
            let on = "failure_action: continue, parallelism: 1"
            let first = try await stage.deploy(RolloutTests.single("1", on), to: team)
            _ = try await team.push(RolloutTests.single("2", on))
            try await stage.gyre.until("it is through") { status in
                let stack = try status.stack()
                return stack.problem("held")?.message.contains("is paused") ?? false
                    && stack.service("web")?.running == 3 && stack.run == nil
            }
            #expect(try await versions(stage) == ["2", "1", "1"])

            let back = "failure_action: rollback, max_failure_ratio: 0.4"
            _ = try await team.push(RolloutTests.single("3", back))
            try await stage.gyre.until("it is back") { status in
                let stack = try status.stack()
                return stack.problem("held")?.message.contains("is held") ?? false
                    && stack.target == first && stack.service("web")?.running == 3
                    && stack.run == nil
            }
            #expect(try await versions(stage) == ["1", "1", "1"])
        }
    }
}
