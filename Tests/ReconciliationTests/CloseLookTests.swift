import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What only an inspect shows, and whose the inspect is.
@Suite("Close looks", .timeLimit(.minutes(10)))
struct CloseLookTests {
    /// The run that goes on counts what there is at its end, and compares nothing.
    @Test("what is changed while a run goes on is put right by the next pass")
    func changedMeanwhile() async throws {
        let compose = "services: {web: {image: \"web:1.0\", mem_limit: 64m}}"
        let team = try SimulatedTeam(compose, images: ["web:1.0"])
        let controller = try await team.controller()
        team.engine.state.withLock {
            $0.onSleep = { team.engine.change { $0.befall(.updated, "shop-web-1") } }
        }
        #expect(try await team.settle(controller).state == .ready)
        team.engine.state.withLock { $0.onSleep = nil }
        // Whoever only looks leaves it to be done.
        for _ in 1...2 {
            let plan = try #require(try await controller.plan(team.shop).plan)
            #expect("\(plan)".contains("update limits of shop-web-1"), "\(plan)")
        }
        _ = try await team.settle(controller)
        #expect(team.engine.state.withLock { $0.sent.contains(.updateContainer) })
    }

    @Test("what a hand removes within its window is made again, and its version not held")
    func removedMeanwhile() async throws {
        let compose = "services: {web: {image: \"web:1.0\"}}"
        let team = try SimulatedTeam(compose, images: ["web:1.0"])
        let controller = try await team.controller()
        team.engine.state.withLock {
            $0.onSleep = {
                team.engine.change { $0.containers = [:] }
                team.engine.state.withLock { $0.onSleep = nil }
            }
        }
        let first = try await team.settle(controller)
        #expect(first.problems.allSatisfy { $0.kind != .held }, "\(first)")
        team.engine.change { $0.pass(seconds: 600) }
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status)")
        #expect(team.engine.state.withLock(\.sent).count { $0 == .createContainer } == 2)
    }

    /// Its window is ten seconds.
    @Test("what runs without a health check is looked at rarely until its window is over")
    func rarely() async throws {
        let compose = "services: {web: {image: \"web:1.0\"}}"
        let team = try SimulatedTeam(compose, images: ["web:1.0"])
        #expect(try await team.settle(try await team.controller()).state == .ready)
        #expect(team.engine.state.withLock(\.inspects) <= 8)
    }
}
