import Model
import Reconciliation
import TestSupport
import Testing

/// What ended on a Swarm that starts it no more.
@Suite("Ended on a Swarm", .timeLimit(.minutes(10)))
struct SwarmEndedTests {
    private static let compose = """
        services:
          job: {image: 'job:1.0', restart: 'no'}
          web: {image: 'web:1.0'}

        """

    private let swarm = SwarmEngine()

    @Test("it is told with what ends that, and the next version has it run once more")
    func ended() async throws {
        let team = try SimulatedTeam(Self.compose)
        let controller = try await team.controller(on: swarm)
        #expect(try await team.settle(controller).state == .ready)
        swarm.end("shop_job", with: 3)
        let before = swarm.sent.count
        let status = try await team.settle(controller)
        let problem = try #require(status.problems.first, "\(status)")
        #expect(status.state == .stalled && problem.kind == .ended)
        #expect(problem.message.hasPrefix("shop_job ended with status 3"), "\(problem)")
        #expect(problem.remedy.hasPrefix("docker service update --force shop_job"), "\(problem)")
        #expect(swarm.sent.count == before, "a good version runs it no more")
        team.repository.push(Self.compose.replacing("web:1.0", with: "web:2.0"))
        await controller.survey()
        let after = try await team.settle(controller)
        #expect(after.state == .ready, "\(after)")
        let sent = swarm.sent.dropFirst(before).sorted()
        #expect(sent == ["updateService shop_job", "updateService shop_web"])
    }
}
