import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What becomes of a version that a Swarm doesn't take as it is, and of a service that goes.
@Suite("What a Swarm refuses, and what is removed there", .timeLimit(.minutes(10)))
struct SwarmRefusalTests {
    private let swarm = SwarmEngine()

    private func compose(_ version: String, mode: String = "replicated") -> String {
        """
        services:
          db: {image: "db:\(version)"}
          web: {image: "web:\(version)", depends_on: [db], deploy: {mode: \(mode)}}
        """
    }

    /// A stack that is good, and its controller.
    private func good(
        mode: String = "replicated"
    ) async throws -> (SimulatedTeam, Controller) {
        let team = try SimulatedTeam(compose("1.0", mode: mode))
        let controller = try await team.controller(on: swarm)
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        swarm.state.withLock { $0.sent = [] }
        return (team, controller)
    }

    @Test("a service that somebody removed is made again when its last tasks have ended")
    func removedByHand() async throws {
        let (team, controller) = try await good()
        swarm.state.withLock { $0.looksToEnd = 5 }
        swarm.remove("shop_web")
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(swarm.sent == ["createService shop_web"])
        #expect(swarm.state.withLock { $0.madeBeside }.isEmpty, "law 6: one writer always")
    }

    @Test("another mode is a removal and a creation")
    func mode() async throws {
        let (team, controller) = try await good()
        let old = try #require(swarm.services.last?.id)
        swarm.state.withLock { $0.looksToEnd = 5 }
        team.repository.push(compose("1.0", mode: "replicated-job"))
        await controller.survey()
        var status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(swarm.sent == ["removeService \(old)", "createService shop_web"])
        #expect(swarm.state.withLock { $0.madeBeside }.isEmpty, "law 6: one writer always")
        let job = try #require(swarm.services.last)
        #expect(job.mode == "replicated-job" && job.id != old)
        let owned = team.journal.state().owned(by: team.shop)
        #expect(owned.contains(job.id) && !owned.contains(old))
        #expect(try await controller.plan(team.shop).plan?.isEmpty == true)
    }
}
