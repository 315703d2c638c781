import Foundation
import Testing

/// What of Compose `docker stack` drops or does at once, on a real Swarm of one engine.
@Suite(.onTestbed, .timeLimit(.minutes(20)))
struct SwarmModelTests {
    private func files(_ version: String, work: String) -> [String: String] {
        [
            "compose.yaml": """
            include: [parts/jobs.yaml]
            services:
              web:
                image: web:\(version)
                mem_limit: 32m
                stop_grace_period: 1s
                depends_on: {migrate: {condition: service_completed_successfully}}
                networks: {default: {}}
                deploy: {endpoint_mode: dnsrr}
              debug:
                profiles: [debug]
                image: web:\(version)
            """,
            "parts/jobs.yaml": """
            services:
              migrate:
                image: busybox:1.35
                command: [sh, -c, "sleep 8; echo \(work)"]
                mem_limit: 16m
                networks: {default: {}}
                deploy: {mode: replicated-job, endpoint_mode: dnsrr}
            """,
        ]
    }

    @Test func `a job ends before what waits for it begins, and is run once for each version`()
        async throws
    {
        try await Swarm.ofOne("jobs") { stage, team, testbed in
            func tasks(_ service: String) async throws -> [String] {
                let name = "\(stage.name)_\(service)"
                return try await testbed.engine.docker("service", "ps", "-q", "--no-trunc", name)
                    .split(separator: "\n").map(String.init)
            }
            func tell(_ id: String, _ format: String) async throws -> String {
                try await testbed.engine.docker("inspect", "--type", "task", "--format", format, id)
                    .filter { !$0.isWhitespace }
            }
            let first = try await team.push(files("1.0", work: "one"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: first)
            let listed = try await testbed.engine.docker(
                "service",
                "ls",
                "--format",
                "{{.Name}} {{.Mode}} {{.Replicas}}"
            )
            #expect(listed.contains("\(stage.name)_migrate replicated job"), "\(listed)")
            #expect(listed.contains("1/1 completed") && !listed.contains("debug"), "\(listed)")
            let done = try await tasks("migrate")
            let web = try await tasks("web")
            #expect(done.count == 1 && web.count == 1)
            let ended = try await tell(done[0], "{{json .Status.Timestamp}}")
            let began = try await tell(web[0], "{{json .CreatedAt}}")
            #expect(ended < began)

            // Another version of what waited for it doesn't run it again; one of its own does.
            let second = try await team.push(files("2.0", work: "one"))
            try await stage.gyre.ready(at: second)
            #expect(try await tasks("migrate") == done)
            #expect(try await stage.gyre.plan().isEmpty)
            let third = try await team.push(files("2.0", work: "two"))
            try await stage.gyre.ready(at: third)
            let again = try await tasks("migrate")
            #expect(again.count == 2 && Set(again).isSuperset(of: done))
            #expect(try await stage.gyre.plan().isEmpty)
        }
    }
}
