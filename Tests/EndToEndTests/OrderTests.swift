import Testing

/// Stacks of one repository that depend on each other, on a real engine.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct OrderTests {
    private static let gyre = "stacks:\n  db: {}\n  web: {depends_on: [db]}\n"
    private static let sick = Compose.line(
        "healthcheck: {test: [CMD, /none], interval: 1s, retries: 2}"
    )

    private func files(_ version: String, db: String = "") -> [String: String] {
        [
            ".gyre.yaml": OrderTests.gyre, "db/compose.yaml": Compose.web(version, db),
            "web/compose.yaml": Compose.web(version),
        ]
    }

    private func container(_ stack: String, _ stage: Stage) async throws -> Container? {
        try await stage.containers().first { $0.name == "\(stage.name)_\(stack)-web-1" }
    }

    @Test func `a change waits for the stack that it depends on, and repair does not`()
        async throws
    {
        try await Stage.run("order") { stage in
            let team = try await stage.team()
            let first = try await team.push(files("1.0"), "First")
            try await stage.gyre.start()
            for stack in ["db", "web"] { try await stage.gyre.ready(at: first, stack) }
            let db = try #require(try await container("db", stage))
            let web = try #require(try await container("web", stage))
            #expect(db.state.startedAt < web.state.startedAt)

            // The database's new version never gets healthy: it is held, and the web waits.
            let second = try await team.push(files("2.0", db: OrderTests.sick), "Sick")
            _ = try await stage.gyre.problem("held", "db")
            let waits = try await stage.gyre.problem("dependency", "web")
            #expect(waits.message.contains("\(stage.name)/db is stalled"), "\(waits)")
            let text = try await stage.gyre.run("status", "\(stage.name)/web")
            #expect(text.out.contains("gyre release \(stage.name)/db"), "\(text)")
            #expect(text.out.contains("depends on db"), "\(text)")
            let plan = try await stage.gyre.run("plan", "\(stage.name)/web")
            #expect(plan.out.contains("dependency:") && plan.out.contains("create container"))
            #expect(try await container("web", stage)?.id == web.id)
            #expect(try await container("db", stage)?.variable("VERSION") == "1.0")

            // What is good is repaired meanwhile.
            _ = try await stage.engine.docker("rm", "-f", web.name)
            try await eventually("the web is made anew, as it was") {
                let now = try await container("web", stage)
                return now?.isRunning == true && now?.id != web.id
                    && now?.variable("VERSION") == "1.0"
            }
            #expect(try await stage.gyre.status().stack("web").head?.id == second)

            let third = try await team.push(files("2.0"), "Third")
            for stack in ["db", "web"] { try await stage.gyre.ready(at: third, stack) }
            let after = try #require(try await container("web", stage))
            let before = try #require(try await container("db", stage))
            #expect(before.state.startedAt < after.state.startedAt)
        }
    }
}
