import Foundation
import Testing

/// What becomes of an update that fails on a real Swarm, as the file says.
@Suite(.onTestbed, .timeLimit(.minutes(30)))
struct SwarmRolloutTests {
    private func compose(_ version: String, _ update: String, _ more: String = "") -> String {
        let broken = version == "bad"
        return """
            services:
              web:
                image: \(broken ? "busybox:1.35" : "web:\(version)")
            \(broken ? "    entrypoint: [/bin/sh, -c, \"exit 3\"]" : "    init: false")
                mem_limit: 32m
                stop_grace_period: 1s
                networks: {default: {}}
                deploy:
                  replicas: 2
                  endpoint_mode: dnsrr
                  restart_policy: {delay: 1s}
                  update_config: {\(update)}
            \(more)
            """
    }

    /// How many tasks of each image are up, which is another where the version is bad.
    private func running(_ stage: Stage, _ node: Testbed) async throws -> [String: Int] {
        let text = try await node.engine.docker(
            "service",
            "ps",
            "\(stage.name)_web",
            "--filter",
            "desired-state=running",
            "--format",
            "{{.Image}} {{.CurrentState}}"
        )
        let images = text.split(separator: "\n").filter { $0.contains(" Running ") }
            .compactMap { $0.split(separator: "@").first?.split(separator: "/").last }
        return Dictionary(grouping: images.map(String.init)) { $0 }.mapValues(\.count)
    }

    private func update(_ stage: Stage, _ node: Testbed) async throws -> String {
        let format =
            "{{json .Spec.UpdateConfig}} {{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}"
        let name = "\(stage.name)_web"
        return try await node.engine.docker("service", "inspect", name, "--format", format)
    }

    private func onSwarm(
        _ name: String,
        _ body: (Stage, Team, Testbed) async throws -> Void
    ) async throws {
        try await Swarm.nodes([.manager]) { nodes in
            try await Stage.run(name, on: nodes[0]) { stage in
                let team = try await Team(named: "team", in: stage.folder)
                try stage.configure(swarm: nodes, team)
                try await body(stage, team, nodes[0])
                try await stage.gyre.stop()
            }
        }
    }

    @Test func `a failed update goes back as rollback_config says`() async throws {
        try await onSwarm("back") { stage, team, node in
            let update = "failure_action: rollback, max_failure_ratio: 0.3, order: start-first"
            let more = "      rollback_config: {parallelism: 0, order: start-first}"
            let good = try await team.push(compose("1.0", update, more))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: good)
            let sent = try await self.update(stage, node)
            #expect(sent.contains("\"MaxFailureRatio\":0.3"), "\(sent)")
            #expect(sent.contains("\"FailureAction\":\"pause\""), "\(sent)")
            // A part of one comes back as it was sent.
            #expect(try await stage.gyre.plan().isEmpty)

            try await team.push(compose("bad", update, more))
            let problem = try await stage.gyre.problem("held")
            #expect(problem.message.contains("the Swarm gave the update up"), "\(problem.message)")
            // One of two was not replaced before the other was judged.
            #expect(try await running(stage, node)["web", default: 0] >= 1)
            try await stage.gyre.until("the good one serves") { _ in
                let isBack = try await running(stage, node) == ["web": 2]
                let told = try await self.update(stage, node)
                return isBack && told.contains("\"Parallelism\":0") && told.contains("completed")
            }
            #expect(try await stage.gyre.status().stack().has("held"))
            let next = try await team.push(compose("2.0", update, more))
            try await stage.gyre.ready(at: next)
            #expect(try await running(stage, node) == ["web": 2])
        }
    }

    @Test func `how it is updated is written to a service, and its tasks stay`() async throws {
        try await onSwarm("words") { stage, team, node in
            func tasks() async throws -> Set<String> {
                let text = try await node.engine.docker("service", "ps", "-q", "\(stage.name)_web")
                return Set(text.split(separator: "\n").map(String.init))
            }
            let good = try await team.push(compose("1.0", "parallelism: 1"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: good)
            let before = try await tasks()
            #expect(before.count == 2)
            let next = try await team.push(compose("1.0", "parallelism: 2, order: start-first"))
            try await stage.gyre.ready(at: next)
            let told = try await update(stage, node)
            #expect(told.contains("\"Parallelism\":2") && told.contains("start-first"), "\(told)")
            #expect(try await tasks() == before)
        }
    }

    @Test func `a failed update is paused, and goes on when it is released`() async throws {
        try await onSwarm("pause") { stage, team, node in
            let good = try await team.push(compose("1.0", "failure_action: pause"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: good)

            let bad = try await team.push(compose("bad", "failure_action: pause"))
            let problem = try await stage.gyre.problem("held")
            #expect(problem.message.contains("failed in part and is paused"), "\(problem.message)")
            // What was not replaced serves on, and what was stays what it is.
            try await remains("it is paused", for: .seconds(15), tail: { stage.gyre.tail }) {
                let told = try await update(stage, node)
                return try await running(stage, node)["web"] == 1
                    && (told.contains("paused") || told.contains("updating"))
            }
            #expect(try await update(stage, node).contains("paused"))

            // Released, it goes on from there: the Swarm is written to, and it fails again.
            let log = Files.text(of: stage.gyre.log).utf8.count
            _ = try await stage.gyre.run("release", stage.name)
            try await stage.gyre.logs("update service", after: log)
            try await stage.gyre.until("it is held again") { status in
                let stack = try status.stack()
                return stack.has("held") && stack.head?.id == bad
            }
            let next = try await team.push(compose("2.0", "failure_action: pause"))
            try await stage.gyre.ready(at: next)
            #expect(try await running(stage, node) == ["web": 2])
        }
    }
}
