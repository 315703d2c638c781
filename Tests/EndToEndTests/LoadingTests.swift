import Testing

/// A commit that no loader comes to an end with: its stack is held, and nobody else notices.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct LoadingTests {
    /// What takes a worker far more memory than these projects give it, within all other bounds.
    private static let bomb =
        Compose.web("2.0") + "\nx-bomb: ["
        + Array(repeating: "x", count: 60_000).joined(separator: ", ") + "]\n"

    private static func configure(_ stage: Stage, _ teams: [Team], memory: String) throws {
        let projects = teams.enumerated().map { index, team in
            stage.project("\(stage.name)-\(index)", team)
        }
        try stage.configure(
            projects.joined(separator: "\n"),
            loading: "{memory: \(memory), time: 10m}"
        )
    }

    @Test func `a commit that kills its worker is held, and another stack deploys`() async throws {
        try await Stage.run("worker") { stage in
            let greedy = try await Team(named: "greedy", in: stage.folder)
            let honest = try await Team(named: "honest", in: stage.folder)
            let name = "\(stage.name)-0"
            try Self.configure(stage, [greedy, honest], memory: "32m")
            let good = try await greedy.push(Compose.web("1.0"))
            let first = try await honest.push(Compose.web("1.0"))
            try await stage.gyre.start()
            try await stage.gyre.ready(at: good, name)
            try await stage.gyre.ready(at: first, "\(stage.name)-1")
            let before = try #require(try await stage.engine.container("\(name)-web-1"))

            let bad = try await greedy.push(Self.bomb, "Grow without end")
            let problem = try await stage.gyre.problem("held", name)
            #expect(problem.message.contains("it took more than 32 MiB of memory"))
            #expect(problem.remedy.contains("gyre release \(name)"))
            let next = try await honest.push(Compose.web("2.0"))
            try await stage.gyre.ready(at: next, "\(stage.name)-1")

            let status = try await stage.gyre.status().stack(name)
            #expect(status.state == "stalled")
            #expect(status.head?.id == bad && status.target == good && status.good == good)
            let json = try await stage.gyre.json("status")
            #expect(json.contains("loader-gave-up"))
            let after = try #require(try await stage.engine.container("\(name)-web-1"))
            #expect(after.id == before.id && after.isRunning)

            // A person who gives more memory needs nothing else.
            try Self.configure(stage, [greedy, honest], memory: "1g")
            await stage.gyre.reload()
            try await stage.gyre.ready(at: bad, name)
        }
    }
}
