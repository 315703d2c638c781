import Model
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// A version that has begun to take over on a Swarm when something else comes between.
@Suite("Halfway on a Swarm", .timeLimit(.minutes(10)))
struct SwarmHalfwayTests {
    private let swarm = SwarmEngine()

    private func push(_ team: SimulatedTeam, db: String, web: String, mode: String) {
        let web = "services: {web: {image: 'web:\(web)', deploy: {mode: \(mode)}}}\n"
        team.repository.push([
            ".gyre.yaml": .text("stacks: {db: {}, web: {depends_on: [db]}}\n"),
            "db/compose.yaml": .text("services: {db: {image: 'db:\(db)'}}\n"),
            "web/compose.yaml": .text(web),
        ])
    }

    private var web: ObservedService? { swarm.services.first { $0.name == "shop_web_web" } }

    @Test("a commit that waits leaves no service unmade that was to have another mode")
    func overtaken() async throws {
        let team = try SimulatedTeam("")
        push(team, db: "1", web: "1", mode: "replicated")
        let controller = try await team.controller(on: swarm)
        for name in ["db", "web"] {
            let status = try await controller.settled("shop/\(name)")
            #expect(status.state == .ready, "\(status)")
        }
        let before = try #require(web)
        push(team, db: "1", web: "2", mode: "replicated-job")
        await controller.survey()
        #expect(try await controller.settled("shop/db").state == .ready)
        let words = "Unknown desc = The swarm does not have a leader"
        swarm.state.withLock {
            $0.refusals["shop_web_web"] = SwarmAnswer(words, isFinal: false)
        }
        _ = try await controller.settled("shop/web")
        #expect(web == nil && !team.journal.state().begun.isEmpty)

        push(team, db: "2", web: "3", mode: "replicated-job")
        await controller.survey()
        let waiting = try await controller.settled("shop/web")
        #expect(waiting.problems.map(\.kind) == [.dependency], "\(waiting)")
        let back = try #require(web)
        #expect(back.mode == "replicated" && back.image == before.image)
        #expect(try await controller.settled("shop/db").state == .ready)
        #expect(try await controller.settled("shop/web").state == .ready)
        #expect(web?.mode == "replicated-job")
    }
}
