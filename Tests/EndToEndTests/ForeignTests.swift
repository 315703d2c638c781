import Testing

/// What somebody else made under names that a stack needs.
@Suite(.onEngine, .timeLimit(.minutes(15)))
struct ForeignTests {
    private static let compose = """
        services:
          web:
            image: web:1.0
            stop_grace_period: 2s
            volumes: ["data:/data"]
        volumes:
          data: {}
        """

    /// Makes one object that is not ours, and gives how it can be taken away.
    private func make(_ kind: String, _ stage: Stage) async throws -> [String] {
        let label = ["--label", stage.mark]
        func docker(_ words: [String]) async throws {
            try await Program.check(["docker", "-H", stage.engine.address] + words)
        }
        switch kind {
        case "network":
            try await docker(["network", "create"] + label + ["\(stage.name)_default"])
            return ["network", "rm", "\(stage.name)_default"]
        case "volume":
            try await docker(["volume", "create"] + label + ["\(stage.name)_data"])
            return ["volume", "rm", "\(stage.name)_data"]
        default:
            _ = try await stage.stranger("\(stage.name)-web-1")
            return ["rm", "-f", "\(stage.name)-web-1"]
        }
    }

    @Test(arguments: ["network", "volume", "container"])
    func `is seen in the plan, left alone, and made room for`(kind: String) async throws {
        try await Stage.run("foreign") { stage in
            let team = try await stage.team()
            let commit = try await team.push(ForeignTests.compose)
            let away = try await make(kind, stage)
            let plan = try await stage.gyre.run("plan")
            #expect(plan.status == 4, "\(plan)")
            #expect(plan.out.contains("not Gyre's") && plan.out.contains("docker "), "\(plan)")
            try await stage.gyre.start()
            let problem = try await stage.gyre.problem("foreign")
            #expect(problem.message.contains("\(kind) \(stage.name)"), "\(problem)")
            #expect(try await stage.containers().isEmpty, "nothing is begun")
            #expect(try await stage.engine.networks(labelled: stage.label).isEmpty)

            try await Program.check(["docker", "-H", stage.engine.address] + away)
            try await stage.gyre.run("sync")
            try await stage.gyre.ready(at: commit)
        }
    }
}
