import Model
import Reconciliation
import TestSupport
import Testing

/// A journal that is rebuilt from labels.
@Suite("Recovery", .timeLimit(.minutes(10)))
struct RecoveryTests {
    private static let compose = """
        services:
          web:
            image: web:1.0
            scale: 2
        """

    @Test("what was recovered can be created anew", arguments: [false, true])
    func recreates(_ isLocal: Bool) async throws {
        let team = try SimulatedTeam(
            Self.compose,
            local: isLocal ? ["web:1.0"] : [],
            images: isLocal ? [] : ["web:1.0"]
        )
        let before = try await team.settle(try await team.controller())
        #expect(before.state == .ready, "\(before.problems)")

        let recovered = FakeJournal()
        let controller = try await team.controller(journal: recovered)
        #expect(await controller.status().frozen != nil)
        let findings = try await controller.recover(by: "op")
        #expect(findings.pins.count == 2)
        let pinned = Set(findings.pins.map(\.pin.pinned))
        #expect(pinned == Set(team.journal.state().pins.values.map(\.pinned)))

        team.engine.change { $0.befall(.removed, "shop-web-1") }
        let after = try await team.settle(controller)
        #expect(after.state == .ready, "\(after.problems)")
        #expect(team.engine.node.id(named: "shop-web-1") != nil)
    }
}
