import Admission
import Model
import OperatorFile
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Policy is enforced on what runs when a person asks for it, as shown and no further.
@Suite struct PolicyEnforceTests {
    private static let compose = """
        services:
          web:
            image: httpd
            cap_add: [CHOWN]
          side:
            image: httpd
        """
    private let kim = Person("kim", uid: 1000)

    /// A team whose stack is stable, and its controller.
    private func start() async throws -> (SimulatedTeam, Controller) {
        let team = try SimulatedTeam(PolicyEnforceTests.compose, images: ["httpd"])
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        return (team, controller)
    }

    private func settings(_ policy: String) throws -> Settings {
        let lines = policy.isEmpty ? "" : ", \(policy)"
        return try SimulatedTeam.settings(
            "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop}]\(lines)}}"
        )
    }

    private func running(_ team: SimulatedTeam) -> Set<String> {
        Set(team.engine.node.containers.values.filter(\.isRunning).map(\.seen.name))
    }

    @Test("New defaults come to what runs, once, and only what was shown is done")
    func recreates() async throws {
        let (team, controller) = try await start()
        let before = Set(team.engine.node.containers.keys)
        await #expect(throws: NotPossible.self) { try await controller.enforcement(of: team.shop) }
        try await controller.reload(try settings("grants: {memory: {default: 1g}}"))
        try await team.settle(controller)
        #expect(Set(team.engine.node.containers.keys) == before)
        let found = try await controller.enforcement(of: team.shop)
        #expect(found.stops.isEmpty && !found.plan.isEmpty)
        #expect(found.plan.steps.contains { "\($0.reason)".contains("another memory") })
        await #expect(throws: NotPossible.self) {
            try await controller.enforce(team.shop, change: "0123456789ab", by: kim)
        }
        #expect(Set(team.engine.node.containers.keys) == before)
        try await controller.enforce(team.shop, change: found.change, by: kim)
        #expect(try await team.settle(controller).state == .ready)
        let after = team.engine.node.containers
        #expect(after.count == 2 && before.isDisjoint(with: after.keys))
        #expect(after.values.allSatisfy { $0.seen.details?.limits.memory == 1 << 30 })
        #expect(team.journal.state().demands.isEmpty, "it is over")
        let act = try #require(team.audit.of(.acted).last?.facts)
        #expect(act["demand"] == "policy enforce" && act["by"]?["name"] == "kim")
        #expect(act["change"]?.stringValue == found.change)
        // The next change waits again.
        try await controller.reload(try settings("grants: {memory: {default: 2g}}"))
        try await team.settle(controller)
        #expect(team.engine.node.containers.keys == after.keys)
    }

    @Test("Capabilities that a narrower grant takes away go with it")
    func capabilities() async throws {
        let (team, controller) = try await start()
        try await controller.reload(try settings("grants: {capabilities: [CHOWN, KILL]}"))
        try await team.settle(controller)
        let found = try await controller.enforcement(of: team.shop)
        try await controller.enforce(team.shop, change: found.change, by: kim)
        #expect(try await team.settle(controller).state == .ready)
        #expect(
            team.engine.node.containers.values.allSatisfy {
                $0.seen.details?.capabilities == ["CHOWN", "KILL"]
            }
        )
        await #expect(throws: NotPossible.self) { try await controller.enforcement(of: team.shop) }
    }

    @Test("What is denied is stopped, stays so, and comes back when it is admitted")
    func stops() async throws {
        let (team, controller) = try await start()
        let policy = "grants: {capabilities: [KILL]}"
        try await controller.reload(try settings(policy))
        try await team.settle(controller)
        let found = try await controller.enforcement(of: team.shop)
        #expect(found.stops == ["web"] && found.plan.steps.count == 1)
        #expect(running(team).count == 2)
        try await controller.enforce(team.shop, change: found.change, by: kim)
        var status = try await team.settle(controller)
        #expect(running(team) == ["shop-side-1"])
        #expect(team.engine.node.containers.count == 2, "it is kept")
        let problem = try #require(status.problems.first)
        #expect(problem.kind == .againstPolicy, "\(status.problems)")
        #expect(problem.message.hasPrefix("stopped by policy, as kim wanted: web"))
        // Neither another controller nor more policy changes what was agreed to.
        let other = Controller(
            try settings("grants: {capabilities: [KILL], registries: [other.example.org/x]}"),
            team.parts()
        )
        await other.survey()
        team.engine.change { $0.befall(.killed, "shop-side-1") }
        try await team.settle(other)
        #expect(running(team) == ["shop-side-1"], "no more is stopped, and none started")
        try await other.reload(try settings(""))
        status = try await team.settle(other)
        #expect(status.state == .ready && running(team).count == 2, "\(status)")
        #expect(team.journal.state().demands.isEmpty)
        let decisions = team.audit.of(.decided).count
        try await other.reload(try settings(policy))
        try await team.settle(other)
        #expect(running(team).count == 2 && team.audit.of(.decided).count == decisions)
    }

    @Test("A re-creation that fails ends the demand, and what ran before runs again")
    func failure() async throws {
        let (team, controller) = try await start()
        let before = Set(team.engine.node.containers.keys)
        try await controller.reload(try settings("grants: {memory: {default: 1g}}"))
        try await team.settle(controller)
        let found = try await controller.enforcement(of: team.shop)
        team.engine.change { $0.behaviours[SimulatedNode.pin("httpd").imageID] = .exits(1) }
        try await controller.enforce(team.shop, change: found.change, by: kim)
        for _ in 0..<3 { try await team.settle(controller) }
        #expect(team.journal.state().demands.isEmpty)
        #expect(running(team) == ["shop-side-1", "shop-web-1"])
        #expect(Set(team.engine.node.containers.keys) == before)
    }

    @Test("A finding about the whole stops the whole")
    func wholes() async throws {
        let (team, controller) = try await start()
        try await controller.reload(try settings("grants: {services: 1}"))
        try await team.settle(controller)
        let found = try await controller.enforcement(of: team.shop)
        #expect(found.stops == ["side", "web"])
        try await controller.enforce(team.shop, change: found.change, by: kim)
        try await team.settle(controller)
        #expect(running(team).isEmpty && team.engine.node.containers.count == 2)
        #expect(team.audit.of(.decided).count == 2, "stopping has its evidence")
    }
}
