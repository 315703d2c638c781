import Glibc
import Testing

/// What passes from one container to another, and how people wait for it.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct TakeoverTests {
    private static func pair(_ a: String = "", _ b: String = "") -> String {
        """
        services:
          a:
            image: web:1.0
            stop_grace_period: 1s
            \(a)
          b:
            image: web:1.0
            stop_grace_period: 1s
            \(b)

        """
    }

    @Test func `a port moves to another service and back`() async throws {
        try await Stage.run("move") { stage in
            let team = try await stage.team(grants: "{ports: [30000-32767]}")
            let port = "ports: [\"31010:8080\"]"
            _ = try await stage.deploy(TakeoverTests.pair(port), to: team)
            for holder in ["b", "a"] {
                let files =
                    holder == "a" ? TakeoverTests.pair(port) : TakeoverTests.pair("", port)
                let commit = try await team.push(files)
                let synced = try await stage.gyre.run("sync", "--wait")
                #expect(synced.status == 0, "\(synced)")
                try await stage.gyre.ready(at: commit)
            }
            #expect(try await stage.containers().count { $0.isRunning } == 2)
        }
    }

    @Test func `a dependent is restarted with what it depends on`() async throws {
        try await Stage.run("restart") { stage in
            let team = try await stage.team()
            let needs = "depends_on: {a: {condition: service_started, restart: true}}"
            _ = try await stage.deploy(TakeoverTests.pair("", needs), to: team)
            let (a, b) = (try await stage.container("a-1"), try await stage.container("b-1"))
            let changed = TakeoverTests.pair("environment: {A: '1'}", needs)
            try await stage.gyre.ready(at: try await team.push(changed))
            let (newA, newB) = (try await stage.container("a-1"), try await stage.container("b-1"))
            #expect(newA.id != a.id)
            #expect(newB.id == b.id && newB.state.startedAt > b.state.startedAt)
            try await stage.remains([newA.id, newB.id])
        }
    }

    @Test func `a renamed service runs until the new one is stable`() async throws {
        try await Stage.run("rename") { stage in
            let team = try await stage.team()
            let good = try await stage.deploy("services: {old: {image: \"web:1.0\"}}", to: team)
            let old = try await stage.container("old-1")
            let bad = "services: {new: {image: \"web:1.0\", command: [\"false\"]}}"
            try await team.push(bad)
            _ = try await stage.gyre.problem("held")
            #expect(try await stage.container("old-1").state.startedAt == old.state.startedAt)
            #expect(try await stage.gyre.status().stack().good == good)
            let commit = try await team.push("services: {new: {image: \"web:1.0\"}}")
            try await stage.gyre.ready(at: commit)
            #expect(try await stage.containers().count == 1)
        }
    }

    @Test func `a network is not changed under its containers`() async throws {
        try await Stage.run("internal") { stage in
            let team = try await stage.team()
            _ = try await stage.deploy(TakeoverTests.pair(), to: team)
            let before = try await stage.containers().map(\.id)
            let inner = TakeoverTests.pair() + "networks: {default: {internal: true}}\n"
            try await team.push(inner)
            let problem = try await stage.gyre.problem("invalid")
            #expect(problem.message.contains("changes a network"))
            #expect(try await stage.gyre.run("sync", "--wait").status == 3)
            try await stage.remains(before)
        }
    }

    @Test func `Ctrl-C ends apply gracefully`() async throws {
        try await Stage.run("interrupt") { stage in
            let team = try await stage.team(stability: "60s")
            try await team.push(TakeoverTests.pair())
            let log = "\(stage.folder)/apply.log"
            let command = ["apply", "--config", stage.gyre.configuration]
            let apply = try Program.start([Environment.gyre] + command, log: log)
            try await eventually("both run") {
                try await stage.containers().count { $0.isRunning } == 2
            }
            kill(apply, SIGINT)
            #expect(try await Program.end(of: apply) == 130)
            let text = Files.text(of: log, from: 0)
            #expect(text.contains("interrupted") && !text.contains("CancellationError"), "\(text)")
            #expect(try await stage.containers().count { $0.isRunning } == 2)

            // The run that goes on from there only waits, and is a deployment all the same.
            try stage.configure(stage.project(stage.name, team))
            #expect(try await stage.gyre.results() == ["interrupted"])
            #expect(try await stage.gyre.run("apply").status == 0)
            #expect(try await stage.gyre.results() == ["deployed", "interrupted"])
        }
    }
}
