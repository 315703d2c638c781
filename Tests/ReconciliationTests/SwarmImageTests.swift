import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What an image of a Swarm's service brings is judged before the service is written.
@Suite("Images of a Swarm's services", .timeLimit(.minutes(10)))
struct SwarmImageTests {
    private static let compose = "services: {web: {image: \"web:1.0\"}}\n"

    private let swarm = SwarmEngine()

    @Test(
        "one that brings a label of ours is denied in a version that updates a service, too",
        arguments: [true, false]
    )
    func reserved(isThere: Bool) async throws {
        let team = try SimulatedTeam(Self.compose)
        let controller = try await team.controller(on: swarm)
        #expect(try await team.settle(controller).state == .ready)
        let before = swarm.services
        swarm.state.withLock { state in
            state.sent = []
            state.configs["web:2.0"] = ImageConfig(labels: ["io.gyre.other": "x"])
            if !isThere { state.absent = ["web:2.0"] }
        }
        team.repository.push(Self.compose.replacing("1.0", with: "2.0"))
        await controller.survey()
        let status = try await team.settle(controller)
        let told = status.problems.flatMap { [$0.message] + $0.diagnostics.map(\.message) }
        let words = "the image brings a label that is Gyre's"
        #expect(told.contains { $0.contains(words) }, "\(status.problems)")
        #expect(!told.contains { $0.contains("last check") }, "\(status.problems)")
        #expect(swarm.services == before && !swarm.sent.contains("updateService shop_web"))
    }
}
