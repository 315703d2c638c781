import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// How many services are brought up on a Swarm at once.
@Suite("At once on a Swarm", .timeLimit(.minutes(10)))
struct SwarmParallelTests {
    private let swarm = SwarmEngine()

    /// `docker stack deploy` has no order either: services try again until others are there.
    @Test("a service that is waited for keeps none from being made")
    func waiting() async throws {
        swarm.state.withLock { $0.needs = ["a:1": "shop_z"] }
        let team = try SimulatedTeam("services: {a: {image: 'a:1'}, z: {image: 'z:1'}}")
        let controller = try await team.controller(on: swarm, defaults: "{parallelism: 1}")
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status.problems)")
        #expect(swarm.sent.suffix(2) == ["createService shop_a", "createService shop_z"])
    }

    @Test("what a run is about is a change of it, not what it waits for first")
    func gist() async throws {
        let team = try SimulatedTeam("services: {a: {image: 'a:1'}, z: {image: 'z:1'}}")
        let controller = try await team.controller(on: swarm)
        #expect(try await team.settle(controller).state == .ready)
        team.repository.push("services: {a: {image: 'a:1'}, z: {image: 'z:2'}}")
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        let summary = try #require(team.history.runs.last?.summary)
        #expect(summary.hasPrefix("update service shop_z, because"), "\(summary)")
    }
}
