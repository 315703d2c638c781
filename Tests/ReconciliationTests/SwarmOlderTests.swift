import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What a Swarm of an older API would take, and not give back.
@Suite("A Swarm of an older API", .timeLimit(.minutes(10)))
struct SwarmOlderTests {
    private let swarm = SwarmEngine()

    private func compose(_ image: String, _ check: String = "") -> String {
        """
        services:
          web:
            image: \(image)
            healthcheck: {test: [CMD, 'true'], interval: 5s\(check)}
        """
    }

    @Test("is sent no version of which it would drop something")
    func startInterval() async throws {
        let team = try SimulatedTeam(compose("web:1.0"))
        let controller = try await team.controller(on: swarm)
        #expect(try await team.settle(controller).state == .ready)
        let before = swarm.services
        swarm.state.withLock { $0.sent = [] }
        let second = compose("web:2.0", ", start_interval: 1s")
        team.repository.push(second)
        await controller.survey()
        let status = try await team.settle(controller)
        let problem = try #require(status.problems.first { $0.kind == .missing }, "\(status)")
        let fields = problem.diagnostics.map { "\($0.code) \($0.field?.description ?? "")" }
        #expect(fields == ["node-unfit services.web.healthcheck.start_interval"])
        #expect(problem.diagnostics.first?.location?.line == 4)
        #expect(swarm.services == before && swarm.sent.isEmpty, "\(swarm.sent)")

        swarm.state.withLock { $0.apiVersion = APIVersion(1, 44) }
        #expect(try await team.settle(controller).state == .ready)
        #expect(swarm.services.map(\.image) != before.map(\.image))
    }

    /// Else it would be written, and found changed, at each look.
    @Test("is not sent again what an earlier Gyre sent it and it dropped")
    func dropped() async throws {
        let team = try SimulatedTeam(compose("web:1.0", ", start_interval: 1s"))
        swarm.state.withLock { $0.apiVersion = APIVersion(1, 44) }
        let controller = try await team.controller(on: swarm)
        #expect(try await team.settle(controller).state == .ready)
        swarm.state.withLock { $0.apiVersion = .oldest }
        let path = ["TaskTemplate", "ContainerSpec", "Healthcheck", "StartInterval"]
        swarm.change("shop_web", path, 0)
        swarm.state.withLock { $0.sent = [] }
        for _ in 0..<3 { _ = try await team.settle(controller) }
        #expect(swarm.sent.isEmpty, "\(swarm.sent)")
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.kind == .missing }, "\(status.problems)")
    }
}
