import Admission
import Model
import OperatorFile
import Planning
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// A policy that is changed is tried against what runs, and stops none of it.
@Suite struct PolicyChangeTests {
    private static let compose = """
        services:
          web:
            image: httpd
            cap_add: [CHOWN]
          side:
            image: httpd
        """

    private func team(_ compose: String = compose) throws -> SimulatedTeam {
        try SimulatedTeam(compose, images: ["httpd"])
    }

    /// The project's policy with these lines.
    private func settings(_ policy: String) throws -> Settings {
        let lines = policy.isEmpty ? "" : ", \(policy)"
        return try SimulatedTeam.settings(
            "controller: test\nprojects: {shop: {repositories: [{url: /srv/shop}]\(lines)}}"
        )
    }

    private func sent(_ team: SimulatedTeam) -> Int { team.engine.state.withLock { $0.sent.count } }

    @Test("What a new policy denies runs on, and is told with its place and what to do")
    func runsOn() async throws {
        let team = try team()
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        let before = sent(team)
        try await controller.reload(try settings("grants: {capabilities: [KILL]}"))
        let status = try await team.settle(controller)
        #expect(sent(team) == before, "nothing is done because of policy alone")
        #expect(status.state == .stalled)
        let problem = try #require(status.problems.first)
        #expect(problem.kind == .againstPolicy && status.problems.count == 1, "\(status.problems)")
        #expect(problem.message.hasPrefix("runs against policy: commit 11111111"))
        let finding = try #require(problem.diagnostics.first { $0.severity == .error })
        #expect(finding.code == "capability-granted")
        #expect(finding.location?.description == "compose.yaml:4:15" && finding.fix != nil)
        #expect(status.services.map(\.wanted) == [1, 1], "what it should be is known all the same")
        #expect(status.services.map(\.running) == [1, 1])
    }

    @Test("What died is started again; what is gone is not made anew, of no service")
    func repair() async throws {
        let team = try team()
        let controller = try await team.controller()
        try await team.settle(controller)
        try await controller.reload(try settings("grants: {capabilities: [KILL]}"))
        team.engine.change { $0.befall(.killed, "shop-web-1") }
        var status = try await team.settle(controller)
        #expect(status.services.map(\.running) == [1, 1], "\(status)")
        team.engine.change { $0.befall(.removed, "shop-side-1") }
        status = try await team.settle(controller)
        #expect(status.services.map(\.running) == [0, 1])
        #expect(team.engine.node.containers.count == 1)
        try await controller.reload(
            try settings(
                "grants: {capabilities: [KILL]}, exceptions: [{rule: capability-granted, "
                    + "owner: kim, reason: moving, expires: 2099-01-01}]"
            )
        )
        status = try await team.settle(controller)
        #expect(status.state == .ready && status.services.map(\.running) == [1, 1], "\(status)")
    }

    /// The next version: policy has nothing against it, and it doesn't come up.
    private static let next = """
        services:
          web:
            image: httpd:2
            cap_add: [KILL]
            healthcheck: {test: [CMD, check]}
          side:
            image: httpd
        """

    /// A stack that runs against policy, whose next version is pushed.
    private func overtaken(
        _ behaviour: SimulatedNode.Behaviour
    ) async throws -> (
        SimulatedTeam, Controller, old: String
    ) {
        let team = try SimulatedTeam(Self.compose, images: ["httpd", "httpd:2"])
        let controller = try await team.controller()
        try await team.settle(controller)
        let old = try #require(team.engine.node.id(named: "shop-web-1"))
        try await controller.reload(try settings("grants: {capabilities: [KILL]}"))
        #expect(try await team.settle(controller).problems.map(\.kind) == [.againstPolicy])
        team.engine.change { $0.behaviours[SimulatedNode.pin("httpd:2").imageID] = behaviour }
        team.repository.push(Self.next)
        await controller.survey()
        return (team, controller, old)
    }

    /// Ids of the containers of `web` that run.
    private func running(_ team: SimulatedTeam) -> [String] {
        team.engine.node.containers.values.filter { $0.isRunning && $0.seen.slot?.service == "web" }
            .map(\.seen.id)
    }

    @Test("What stopped for a version that is held is started again, whatever policy says of it")
    func gaveWay() async throws {
        let (team, controller, old) = try await overtaken(.sickens)
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.held, .againstPolicy], "\(status.problems)")
        #expect(running(team) == [old])
        #expect(status.services.map(\.running) == [1, 1], "\(status)")
        let before = sent(team)
        try await team.settle(controller)
        #expect(sent(team) == before, "the fixed point")
        // With leave for it, what is held is removed as well.
        try await controller.reload(try settings("grants: {capabilities: [CHOWN, KILL]}"))
        #expect(try await team.settle(controller).problems.map(\.kind) == [.held])
        #expect(team.engine.node.containers.count == 2 && running(team) == [old])
    }

    @Test("A version that is still to be judged makes way for none")
    func unjudged() async throws {
        let (team, controller, old) = try await overtaken(.runs)
        team.engine.state.withLock { state in
            state.onSent = { [engine = team.engine] action in
                guard action == .startContainer else { return }
                engine.state.withLock { $0.failure = NoAnswer() }
            }
        }
        try await team.settle(controller)
        team.engine.state.withLock { state in
            state.onSent = nil
            state.failure = nil
        }
        try await controller.reload(try settings("grants: {capabilities: [FOWNER]}"))
        let before = sent(team)
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.denied, .againstPolicy], "\(status.problems)")
        #expect(sent(team) == before)
        #expect(running(team).count == 1 && running(team) != [old])
    }

    @Test("New defaults re-create nothing, and wait")
    func defaults() async throws {
        let team = try team()
        let controller = try await team.controller()
        try await team.settle(controller)
        let before = sent(team)
        try await controller.reload(try settings("grants: {memory: {default: 1g}}"))
        let status = try await team.settle(controller)
        #expect(status.state == .ready && sent(team) == before, "\(status)")
        let entry = try #require(team.audit.of(.rejudged).first)
        #expect(entry.facts["verdict"] == "mutate" && entry.facts["before"]?["verdict"] == "mutate")
        #expect(entry.facts["effective"] != entry.facts["before"]?["effective"])
    }

    @Test("The log has the change, and each stack of which something else is said, once")
    func evidence() async throws {
        let team = try team()
        let controller = try await team.controller()
        try await team.settle(controller)
        let first = try #require(team.audit.of(.policy).first?.facts)
        #expect(team.audit.of(.judged).first?.facts["project_policy"] == first["policy"])
        let published = PublishedPolicy(
            team.shop.project,
            in: try SimulatedTeam.settings(),
            rules: Rule.version,
            at: team.engine.node.time
        )
        #expect(first["published"]?.stringValue == published?.digest && published != nil)
        #expect(first["before"] == nil && first["project"] == "shop")
        #expect(team.audit.of(.rejudged).isEmpty)
        for _ in 0..<2 {
            try await controller.reload(try settings("grants: {capabilities: [KILL]}"))
            try await team.settle(controller)
        }
        let change = try #require(team.audit.of(.policy).last?.facts)
        #expect(team.audit.of(.policy).count == 2)
        #expect(change["before"] == first["policy"] && change["policy"] != first["policy"])
        #expect(change["changed"] == ["grants.capabilities"])
        let entry = try #require(team.audit.of(.rejudged).first?.facts)
        #expect(team.audit.of(.rejudged).count == 1)
        #expect(entry["verdict"] == "deny" && entry["rules"] == ["capability-granted"])
        #expect(entry["before"]?["verdict"] == "mutate")
        #expect(entry["before"]?["policy"] == team.audit.of(.judged).first?.facts["policy"])
        #expect(entry["findings"]?.arrayValue?.first?["place"] == "compose.yaml:4:15")
        #expect(team.audit.of(.judged).count == 1)
        try await controller.reload(try settings(""))
        try await team.settle(controller)
        #expect(team.audit.of(.rejudged).last?.facts["verdict"] == "mutate")
        // What makes no difference to the stack is the project's alone.
        try await controller.reload(try settings("grants: {ports: 30000-30010}"))
        try await team.settle(controller)
        #expect(team.audit.of(.policy).count == 4 && team.audit.of(.rejudged).count == 2)
    }

    @Test("A change while no controller ran is found, and one by time as well")
    func unseenChange() async throws {
        let team = try team()
        try await team.settle(try await team.controller())
        let exception =
            "grants: {capabilities: [KILL]}, exceptions: [{rule: capability-granted, owner: kim, "
            + "reason: moving, expires: 2027-01-16}]"
        let (day, clock) = (Nanoseconds.seconds(24 * 3600), team.engine.clock)
        let isOver = Atomic(false)
        var parts = team.parts()
        parts.clock.now = { [clock] in
            isOver.load(ordering: .relaxed) ? clock.now().adding(day) : clock.now()
        }
        let other = Controller(try settings(exception), parts)
        await other.survey()
        #expect(try await team.settle(other).state == .ready)
        #expect(
            team.audit.of(.policy).last?.facts["changed"] == ["exceptions", "grants.capabilities"]
        )
        isOver.store(true, ordering: .relaxed)
        let status = try await team.settle(other)
        #expect(status.problems.first?.kind == .againstPolicy, "\(status)")
        #expect(team.audit.of(.policy).last?.facts["changed"] == ["exceptions"])
        #expect(team.audit.of(.rejudged).last?.facts["verdict"] == "deny")
    }

    @Test("A head and what serves are told apart when both are denied")
    func both() async throws {
        let team = try team()
        let controller = try await team.controller()
        try await team.settle(controller)
        team.repository.push("services:\n  web:\n    image: httpd\n    privileged: true\n")
        await controller.survey()
        try await controller.reload(try settings("grants: {capabilities: [KILL]}"))
        let status = try await team.settle(controller)
        #expect(status.problems.map(\.kind) == [.denied, .againstPolicy])
        #expect(status.services.map(\.running) == [1, 1])
    }
}
