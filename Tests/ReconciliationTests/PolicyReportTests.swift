import Admission
import Model
import OperatorFile
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// What runs, judged by a policy that is or isn't in force, and by what the node is.
@Suite struct PolicyReportTests {
    private static let compose = "services:\n  web:\n    image: httpd\n    cap_add: [CHOWN]\n"
    private static let shared = """
        services:
          web:
            image: httpd
            user: "41000:5000"
            volumes: [{type: bind, source: /global/shop, target: /data}]
        """
    private static let grants =
        "grants: {identities: {uids: 40000-49999, gids: 5000}, "
        + "mounts: [{path: /global/shop, access: read-write}]}"

    private func team(_ compose: String) throws -> SimulatedTeam {
        try SimulatedTeam(compose, images: ["httpd"])
    }

    private func settings(_ policy: String) throws -> Settings {
        let lines = policy.isEmpty ? "" : ", \(policy)"
        return try SimulatedTeam.settings(
            "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop}]\(lines)}}"
        )
    }

    /// What a controller that only looks, with another policy, says of what the team runs.
    private func preview(_ policy: String, _ team: SimulatedTeam) async throws -> PolicyStanding {
        team.repository.state.withLock { $0.fetched = $0.commits.last }
        let other = Controller(try settings(policy), team.parts())
        await other.recall()
        let report = try await other.policyReport(of: .stack(team.shop))
        return try #require(report.stacks.first)
    }

    @Test("Each verdict, before a policy is in force, without a call or an entry")
    func previews() async throws {
        let team = try team(PolicyReportTests.compose)
        let controller = try await team.controller()
        try await team.settle(controller)
        let (sent, entries) = (
            team.engine.state.withLock { $0.sent.count }, team.audit.entries.count
        )
        var standing = try await preview("", team)
        #expect(standing.verdict == .ok && standing.changes.isEmpty, "\(standing)")
        #expect(standing.commit == team.repository.good)
        standing = try await preview("grants: {memory: {default: 1g}}", team)
        #expect(standing.verdict == .changes)
        #expect(standing.changes.map(\.description) == ["shop-web-1: memory 512 MiB -> 1 GiB"])
        standing = try await preview("grants: {capabilities: [CHOWN, KILL]}", team)
        #expect(standing.verdict == .changes && standing.changes.map(\.field) == ["capabilities"])
        #expect(standing.changes.first?.to == "CHOWN, KILL")
        standing = try await preview("grants: {capabilities: [KILL]}", team)
        #expect(standing.verdict == .against && standing.findings.count == 1)
        #expect(standing.findings.first?.location?.description == "compose.yaml:4:15")
        #expect(team.engine.state.withLock { $0.sent.count } == sent)
        #expect(team.audit.entries.count == entries)
    }

    @Test("The controller's own report is by what is in force; what never ran is not called ok")
    func inForce() async throws {
        let team = try team(PolicyReportTests.compose)
        let controller = try await team.controller()
        #expect(try await controller.policyReport(of: .all).stacks.map(\.verdict) == [.none])
        try await team.settle(controller)
        #expect(try await controller.policyReport(of: .project("shop")).stacks.count == 1)
        #expect(try await controller.policyReport(of: .project("other")).stacks.isEmpty)
        await #expect(throws: UnknownStack.self) {
            try await controller.policyReport(of: .stack(StackID(parsing: "shop/no")))
        }
        try await controller.reload(try settings("grants: {capabilities: [KILL]}"))
        #expect(try await controller.policyReport(of: .all).stacks.map(\.verdict) == [.against])
    }

    @Test("Without an engine commits are judged; without files nothing is ok")
    func silence() async throws {
        let team = try team(PolicyReportTests.compose)
        try await team.settle(try await team.controller())
        team.engine.state.withLock { $0.silence = EvidenceTests.NoRoom() }
        #expect(try await preview("grants: {capabilities: [KILL]}", team).verdict == .against)
        #expect(try await preview("", team).verdict == .ok)
        team.engine.state.withLock { $0.silence = nil }
        team.repository.state.withLock { $0.files = [:] }
        let standing = try await preview("", team)
        #expect(standing.verdict == .unknown && standing.reason != nil, "\(standing)")
    }

    @Test(
        "On a node that remaps users, what rests on uids is denied",
        arguments: [
            NodeUsers.remapped, .rootless, .untold,
        ]
    )
    func remapped(_ users: NodeUsers) async throws {
        let team = try team(PolicyReportTests.shared)
        team.engine.state.withLock { $0.facts.users = users }
        let granted = Controller(try settings(PolicyReportTests.grants), team.parts())
        await granted.survey()
        var status = try await team.settle(granted)
        #expect(status.problems.first?.kind == .denied, "\(status)")
        let finding = try #require(status.problems.first?.diagnostics.first)
        #expect(finding.code == "identity" && finding.location?.line == 4)
        #expect(finding.message.contains(users.remapping ?? "-"))
        #expect(team.engine.node.containers.isEmpty)
        #expect(await granted.status().users == users)
        // What isn't shared rests on no uid, and an exception lifts the rule as any other.
        for policy in [
            "grants: {mounts: [{path: /global/shop, access: read-write, shared: false}]}",
            "\(PolicyReportTests.grants), exceptions: [{rule: identity, owner: kim, reason: one "
                + "user, expires: 2099-01-01}]",
        ] {
            let team = try self.team(PolicyReportTests.shared)
            team.engine.state.withLock { $0.facts.users = users }
            let controller = Controller(try settings(policy), team.parts())
            await controller.survey()
            status = try await team.settle(controller)
            #expect(status.state == .ready, "\(policy): \(status)")
        }
    }

    @Test("What a Swarm's engines do to users is the operator's to say, unless a manager does it")
    func ofASwarm() async throws {
        let team = try team(PolicyReportTests.shared)
        func users(_ said: NodeUsers, _ rules: SwarmRules?) async throws -> NodeUsers {
            team.engine.state.withLock { $0.facts.users = said }
            let node = ClusterNode(
                NodeName.main,
                team.engine,
                controller: "test",
                clock: team.engine.clock,
                swarm: rules
            )
            return try await node.engine.node().users
        }
        let declared = SwarmRules(keepsUsers: true)
        #expect(try await users(.asShown, nil) == .asShown)
        #expect(try await users(.asShown, SwarmRules()) == .untold)
        #expect(try await users(.asShown, declared) == .asShown)
        for said in [NodeUsers.remapped, .rootless] {
            #expect(try await users(said, SwarmRules()) == said)
            #expect(try await users(said, declared) == said)
        }
    }

    @Test("A node that begins to remap users is noticed, and what runs there goes on")
    func remappedLater() async throws {
        let team = try team(PolicyReportTests.shared)
        let controller = Controller(try settings(PolicyReportTests.grants), team.parts())
        await controller.survey()
        #expect(try await team.settle(controller).state == .ready)
        team.engine.state.withLock { $0.facts.users = .remapped }
        // Nobody told, so it is found before anything is made.
        team.engine.change { $0.befall(.removed, "shop-web-1") }
        let status = try await team.settle(controller)
        #expect(status.problems.first?.kind == .againstPolicy, "\(status)")
        #expect(team.engine.node.containers.isEmpty, "nothing of it is created there")
    }
}
