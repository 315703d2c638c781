import Glibc
import Testing

/// What is not ours to have: ports, names and objects of others.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct ConflictTests {
    private static func web(_ version: String, port: Int) -> String {
        Compose.web(version, Compose.line("ports: [\"\(port):8080\"]"))
    }

    @Test(.onTestbed) func `a port that a program of the node holds is told`() async throws {
        try await Stage.run("hostport") { stage in
            let port = 31001
            let holder = try stage.testbed.occupy(port: port, log: "\(stage.folder)/holder.log")
            let team = try await stage.team(grants: "{ports: [30000-32767]}")
            do {
                let commit = try await team.push(ConflictTests.web("1.0", port: port))
                try await eventually("the port is held") {
                    let open = try await Program.run(
                        ["bash", "-c", "exec 3<>/dev/tcp/\(stage.testbed.host)/\(port)"]
                    )
                    return open.isSuccess
                }
                try await stage.gyre.start()
                try await stage.gyre.until("it says which port") { status in
                    try status.stack().problems.contains { $0.message.contains("\(port)") }
                }
                kill(holder, SIGKILL)
                _ = try await Program.end(of: holder)
                _ = try await stage.gyre.run("release", stage.name)
                _ = try await stage.gyre.run("sync", stage.name)
                try await stage.gyre.ready(at: commit)
            } catch {
                kill(holder, SIGKILL)
                _ = try? await Program.end(of: holder)
                throw error
            }
        }
    }

    @Test func `a port that a container holds is told and the old version serves`() async throws {
        try await Stage.run("port") { stage in
            let team = try await stage.team(grants: "{ports: [30000-32767]}")
            let good = try await stage.deploy(ConflictTests.web("1.0", port: 31002), to: team)
            let before = try await stage.container("web-1")
            let foreign = try await stage.stranger("\(stage.name)-foreign", ["-p", "31003:8080"])
            try await team.push(ConflictTests.web("2.0", port: 31003))
            try await stage.gyre.until("it says which port") { status in
                try status.stack().problems.contains { $0.message.contains("31003") }
            }
            try await stage.gyre.until("the old version serves") { status in
                let found = try await stage.containers()
                return found.contains { $0.id == before.id && $0.isRunning }
                    && found.count { $0.isRunning } == 1
            }
            #expect(try await stage.gyre.status().stack().good == good)
            #expect(try await stage.engine.container(foreign)?.isRunning == true)
            try await stage.engine.docker("rm", "-f", foreign)
            let back = try await team.revert()
            try await stage.gyre.ready(at: back)
        }
    }

    @Test func `two repositories that claim one stack freeze both`() async throws {
        try await Stage.run("claim") { stage in
            let one = try await Team(named: "one", in: stage.folder)
            let two = try await Team(named: "two", in: stage.folder)
            let good = try await one.push(["shop/compose.yaml": Compose.web("1.0")])
            try await two.push(["else/compose.yaml": Compose.web("1.0")])
            try stage.configure(
                """
                  \(stage.name):
                    repositories: [{url: \(one.url)}, {url: \(two.url)}]
                """
            )
            try await stage.gyre.start()
            try await stage.gyre.ready(at: good, "shop")
            let before = try await stage.containers().filter { $0.name.contains("shop") }.map(\.id)
            #expect(before.count == 1)

            try await two.push(
                ["else/compose.yaml": Compose.web("1.0"), "shop/compose.yaml": Compose.web("2.0")]
            )
            let problem = try await stage.gyre.problem("conflict", "shop")
            #expect(problem.message.contains(one.url) && problem.message.contains(two.url))
            let bad = try await one.push(["shop/compose.yaml": Compose.web("2.0")])
            try await stage.gyre.until("the push is seen") { status in
                status.repositories.contains { $0.head?.id == bad }
            }
            try await EndToEndTests.remains("shop is left alone", for: .seconds(3)) {
                let shop = try await stage.containers().filter { $0.name.contains("shop") }
                return shop.map(\.id) == before && shop.allSatisfy(\.isRunning)
            }
            try await two.push(["else/compose.yaml": Compose.web("1.0")])
            try await stage.gyre.ready(at: bad, "shop")
        }
    }

    @Test func `objects of others are never touched`() async throws {
        try await Stage.run("foreign") { stage in
            let project = stage.name
            let labels = [
                "io.gyre.controller=\(stage.name)", "io.gyre.project=\(project)",
                "io.gyre.stack=\(project)", "io.gyre.service=forged", "io.gyre.slot=1",
                "io.gyre.spec=1:\(String(repeating: "0", count: 64))",
                "io.gyre.claim=\(String(repeating: "0", count: 32))",
            ]
            let team = try await stage.team()
            _ = try await stage.deploy(Compose.web("1.0"), to: team)
            // One with labels that lie, one with a name like ours.
            let forged = try await stage.stranger(
                "forged-\(project)",
                labels.flatMap { ["--label", $0] }
            )
            let named = try await stage.stranger("\(project)-other-1")
            func expectAlone() async throws {
                for id in [forged, named] {
                    #expect(try await stage.engine.container(id)?.isRunning == true)
                }
            }
            let more = Compose.web("2.0") + "\n  other:\n    image: web:1.0\n"
            let other = try await team.push(more)
            try await stage.gyre.until("the name is taken, and it says so") { status in
                let stack = try status.stack()
                return stack.head?.id == other
                    && stack.problems.contains { $0.message.contains("\(project)-other-1") }
            }
            try await expectAlone()
            let away = try await team.push(Compose.web("1.0"))
            try await stage.gyre.ready(at: away)
            try await expectAlone()
        }
    }
}
