import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What a version lacks without being at fault: held where a try is dear, else tried again.
@Suite("What is wanting", .timeLimit(.minutes(10)))
struct WantTests {
    private static let compose = "services:\n  web:\n    image: web:1.0\n"

    /// Something that the world refuses, of which somebody may know what is missing.
    private struct Lack: ClassifiedError, CustomStringConvertible {
        var want: Want?
        var kind: StepFailure.Kind { .transient }
        var description: String { "it is not there" }
        var remedy: String? { "bring it" }
    }

    /// A stack that is good, and the controller.
    private func good(
        _ images: [String] = ["web:1.0"]
    ) async throws -> (SimulatedTeam, Controller, String) {
        let team = try SimulatedTeam(Self.compose, images: images)
        let controller = try await team.controller()
        try await team.settle(controller)
        let id = try #require(team.engine.node.id(named: "shop-web-1"))
        return (team, controller, id)
    }

    private func problem(_ team: SimulatedTeam, _ controller: Controller) async throws -> Problem {
        let status = try await team.settle(controller)
        return try #require(status.problems.first, "\(status)")
    }

    @Test("a version for which there is no room is held, and tells how to go on")
    func noRoom() async throws {
        let (team, controller, old) = try await good(["web:1.0", "web:2.0"])
        team.repository.push(Self.compose.replacing("1.0", with: "2.0"))
        await controller.survey()
        team.engine.state.withLock { $0.refusals[.createContainer] = Lack(want: .room) }
        let problem = try await problem(team, controller)
        #expect(problem.kind == .held)
        #expect(problem.message.contains("create"))
        #expect(problem.remedy.hasPrefix("bring it, then gyre release shop"))
        #expect(team.engine.node.containers[old]?.seen.state == .running)
        let calls = team.engine.state.withLock { $0.sent.count }
        #expect(try await self.problem(team, controller).kind == .held)
        #expect(team.engine.state.withLock { $0.sent.count } == calls, "no further try is made")

        team.engine.state.withLock { $0.refusals = [:] }
        #expect(try await controller.release(team.shop, by: "op") == 1)
        #expect(try await team.settle(controller).state == .ready)
    }

    @Test("what lacks room and serves is repaired again and again, and never held")
    func repair() async throws {
        let (team, controller, _) = try await good()
        team.engine.state.withLock { $0.refusals[.createContainer] = Lack(want: .room) }
        team.engine.change { $0.befall(.removed, "shop-web-1") }
        #expect(try await problem(team, controller).kind == .failing)
        team.engine.state.withLock { $0.refusals = [:] }
        #expect(try await team.settle(controller).state == .ready)
    }

    @Test("an image that was never there is waited for; one that is gone is held")
    func image() async throws {
        let (team, _, _) = try await good()
        let next = Self.compose.replacing("1.0", with: "2.0")
        team.repository.push(next)
        team.engine.state.withLock { $0.refusals[.pullImage] = Lack(want: .image) }
        #expect(try await problem(team, try await team.controller()).kind == .image)
        team.engine.state.withLock { $0.refusals = [:] }
        #expect(try await team.settle(try await team.controller()).state == .ready)

        // Back, and forth again when node and registry have lost what is pinned.
        team.repository.push(Self.compose)
        #expect(try await team.settle(try await team.controller()).state == .ready)
        team.engine.lose("web:2.0")
        team.repository.push(next)
        team.engine.state.withLock { $0.refusals[.pullImage] = Lack(want: .image) }
        let problem = try await problem(team, try await team.controller())
        #expect(problem.kind == .held, "\(problem)")
        #expect(problem.remedy.hasPrefix("bring it, then gyre release shop"))
    }

    @Test("a registry that is down is tried again, whatever it had")
    func down() async throws {
        let (team, _, old) = try await good()
        team.repository.push(Self.compose.replacing("1.0", with: "2.0"))
        team.engine.state.withLock { $0.refusals[.pullImage] = Lack(want: nil) }
        #expect(try await problem(team, try await team.controller()).kind == .image)
        #expect(team.engine.node.containers[old]?.seen.state == .running)
    }
}
