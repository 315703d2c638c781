import Testing

/// An engine that is away, silent or new: unknown is never empty.
@Suite(.onTestbed, .timeLimit(.minutes(15)))
struct EngineFaultTests {
    /// Waits until the controller says that it can't know.
    private func unknown(_ stage: Stage) async throws {
        try await stage.gyre.until("the engine is said not to answer") {
            try $0.engineProblem != nil && $0.stack().state == "unknown"
        }
        let problem = try #require(try await stage.gyre.status().stack().problem("engine"))
        #expect(!problem.message.isEmpty && !problem.remedy.isEmpty)
    }

    /// The one web server by id, once it runs at `commit`.
    private func ready(_ stage: Stage, _ commit: String) async throws -> String {
        try await stage.gyre.ready(at: commit)
        let status = try await stage.gyre.status()
        #expect(status.engineProblem == nil)
        let found = try await stage.containers()
        #expect(found.count == 1 && found[0].isRunning)
        return found.first?.id ?? ""
    }

    @Test func `an engine away at the start, frozen, killed and started anew`() async throws {
        try await Testbed.own { testbed in
            try await Stage.run("engine", on: testbed) { stage in
                let team = try await stage.team()
                let first = try await team.push(Compose.web("1.0"))
                try await testbed.fault("kill-engine")
                try await stage.gyre.start()
                try await stage.gyre.until("it says that the engine does not answer") {
                    $0.engineProblem != nil
                }
                try await testbed.fault("start-engine")
                let id = try await ready(stage, first)

                try await testbed.fault("freeze")
                try await unknown(stage)
                let second = try await team.push(Compose.web("1.0") + "\n# the same\n")
                try await stage.gyre.until("the push is seen meanwhile") {
                    try $0.stack().head?.id == second
                }
                try await testbed.fault("thaw")
                #expect(try await ready(stage, second) == id, "nothing was re-created")

                try await testbed.fault("kill-engine")
                try await unknown(stage)
                let third = try await team.push(Compose.web("2.0"))
                try await testbed.fault("start-engine")
                let new = try await ready(stage, third)
                #expect(new != id)

                try await testbed.fault("restart-engine")
                #expect(try await ready(stage, third) == new)
            }
        }
    }

    @Test func `an engine that is restarted while the controller is away`() async throws {
        try await Testbed.own { testbed in
            try await Stage.run("restart", on: testbed) { stage in
                let team = try await stage.team()
                let commit = try await stage.deploy(Compose.web("1.0"), to: team)
                let before = try await stage.container("web-1").id
                try await stage.gyre.stop()
                try await testbed.fault("restart-engine")
                try await stage.gyre.start()
                #expect(try await ready(stage, commit) == before)

                // It ends though the engine answers nothing.
                try await testbed.fault("freeze")
                try await unknown(stage)
                #expect(try await stage.gyre.stop() == 0)
                try await testbed.fault("thaw")
            }
        }
    }
}
