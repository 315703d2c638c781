import Admission
import Logging
import Model
import OperatorFile
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Law 14: what is done has its evidence, and had it before.
@Suite struct EvidenceTests {
    private static let compose = "services:\n  web:\n    image: httpd\n"

    private func team(_ compose: String = compose) throws -> SimulatedTeam {
        try SimulatedTeam(compose, images: ["httpd"])
    }

    @Test("Verdict, decision, each step and the run's end are told, in this order")
    func aDeployment() async throws {
        let team = try team()
        let status = try await team.settle(try await team.controller())
        #expect(status.state == .ready, "\(status)")
        #expect(team.audit.entries.first?.kind == .policy)
        let entries = Array(team.audit.entries.dropFirst())
        let kinds = entries.map(\.kind)
        #expect(kinds.prefix(2) == [.judged, .decided] && kinds.last == .ended, "\(kinds)")
        #expect(kinds.dropFirst(2).dropLast().allSatisfy { $0 == .applied })
        let (verdict, decision) = (entries[0].facts, entries[1].facts)
        #expect(["allow", "mutate"].contains(verdict["verdict"]?.stringValue ?? ""))
        #expect(decision["judged"]?.stringValue == entries[0].digest)
        #expect(decision["effective"] == verdict["effective"] && verdict["effective"] != nil)
        #expect(decision["policy"] == verdict["policy"] && verdict["policy"] != nil)
        #expect(decision["commit"]?.stringValue == verdict["commit"]?["id"]?.stringValue)
        let runs = Set(entries.compactMap { $0.facts["run"]?.stringValue })
        #expect(runs == Set(team.history.runs.map(\.id)), "one name of the run everywhere")
        let created = entries.first { $0.facts["step"]?.stringValue?.contains("create") == true }
        #expect(created?.facts["result"] == "done" && created?.facts["object"] != nil)
        // At rest nothing more is said.
        try await team.settle(try await team.controller())
        #expect(team.audit.entries.count == entries.count + 1)
    }

    @Test("Nothing is sent to the engine before the decision is in log and journal")
    func beforeTheAct() async throws {
        let world = FakeWorld()
        world.state.withLock { $0.compose = EvidenceTests.compose }
        let audit = WitnessAudit { world.state.withLock { $0.sent.count + $0.pulled.count } }
        var parts = world.parts()
        parts.audit = audit
        let controller = Controller(try FakeWorld.settings(), parts)
        await controller.survey()
        _ = try await controller.pulling {
            try await controller.settle(try StackID(parsing: "shop"), listener: { _ in })
        }
        let sent = world.state.withLock { $0.sent }
        #expect(!sent.isEmpty)
        #expect(audit.callsAtDecisions.first == 0, "\(audit.callsAtDecisions)")
    }

    @Test("When the log can't be written, nothing is changed, and what dies is started again")
    func aFullDisk() async throws {
        let team = try team()
        let controller = try await team.controller()
        #expect(try await team.settle(controller).state == .ready)
        team.audit.failure.withLock { $0 = NoRoom() }
        let before = Set(team.engine.node.containers.keys)
        team.repository.push("services:\n  web:\n    image: httpd\n    hostname: other\n")
        await controller.survey()
        let status = try await team.settle(controller)
        #expect(status.problems.contains { $0.message.contains("no room for evidence") })
        #expect(Set(team.engine.node.containers.keys) == before)
        team.engine.change { $0.befall(.killed, "shop-web-1") }
        #expect(!team.engine.node.isServing)
        try await team.settle(controller)
        #expect(team.engine.node.isServing, "repair needs no evidence beforehand")
        team.audit.failure.withLock { $0 = nil }
        #expect(try await team.settle(controller).state == .ready)
        #expect(team.audit.of(.decided).count == 2)
    }

    @Test("A denial is told once, with rules and places, and again under another policy")
    func aDenial() async throws {
        let team = try team("services:\n  web:\n    image: httpd\n    privileged: true\n")
        let controller = try await team.controller()
        try await team.settle(controller)
        try await team.settle(controller)
        try await team.settle(try await team.controller())
        let verdicts = team.audit.of(.judged)
        #expect(verdicts.count == 1)
        #expect(verdicts[0].facts["verdict"] == "deny")
        let finding = verdicts[0].facts["findings"]?.arrayValue?.first
        #expect(finding?["rule"] == "privileged")
        #expect(finding?["place"] == "compose.yaml:4:17", "\(String(describing: finding))")
        #expect(team.audit.of(.decided).isEmpty)
        let text = """
            controller: test
            projects:
              shop: {repositories: [{url: /srv/shop}], grants: {capabilities: [KILL]}}
            """
        try await controller.reload(try SimulatedTeam.settings(text))
        try await team.settle(controller)
        #expect(team.audit.of(.judged).count == 2)
    }

    @Test("What the ledger has no room for is told once, and is no denial")
    func aRefusal() async throws {
        let team = try team("services:\n  web:\n    image: httpd\n    scale: 2\n")
        let text = """
            controller: test
            projects:
              shop: {repositories: [{url: /srv/shop}], quotas: {containers: 1}}
            """
        let controller = Controller(try SimulatedTeam.settings(text), team.parts())
        await controller.survey()
        for _ in 0..<2 { try await team.settle(controller) }
        let verdicts = team.audit.of(.judged)
        #expect(verdicts.count == 1 && verdicts[0].facts["verdict"] == "refuse")
        #expect(verdicts[0].facts["findings"]?.arrayValue?.first?["rule"] == "project-quota")
        #expect(team.audit.of(.decided).isEmpty)
        #expect(team.audit.state().standing(of: team.shop) == nil)
    }

    @Test("An exception that is used is told with its owner, reason and end")
    func anException() async throws {
        let team = try team(
            "services:\n  web:\n    image: httpd\n    hostname: a_b\n    privileged: true\n"
        )
        let text = """
            controller: test
            projects:
              shop:
                repositories: [{url: /srv/shop}]
                exceptions:
                  - {rule: privileged, owner: kim, reason: moving, expires: 2099-01-01}
            """
        let controller = Controller(try SimulatedTeam.settings(text), team.parts())
        await controller.survey()
        try await team.settle(controller)
        let used = team.audit.of(.judged).first?.facts["exceptions"]?.arrayValue?.first
        #expect(used?["owner"] == "kim" && used?["reason"] == "moving")
        #expect(used?["expires"] == "2099-01-01" && used?["rule"] == "privileged")
    }

    @Test("Who demanded something is told, by name and user id, before it is done")
    func persons() async throws {
        let world = FakeWorld()
        world.state.withLock { $0.good = FakeWorld.commit("2") }
        let controller = Controller(try FakeWorld.settings(), world.parts())
        await controller.survey()
        let shop = try StackID(parsing: "shop")
        let kim = Person("kim", uid: 1000)
        _ = try await controller.rollback(shop, RollbackDemand(dryRun: true), by: kim)
        #expect(world.audit.entries.isEmpty, "nothing was done")
        _ = try await controller.rollback(shop, RollbackDemand(), by: kim)
        try await controller.sync(shop, by: kim)
        let acts = world.audit.of(.acted)
        #expect(acts.map { $0.facts["demand"] } == ["rollback", "sync"])
        #expect(acts.allSatisfy { $0.facts["by"] == ["name": "kim", "uid": 1000] })
        #expect(acts[0].facts["to"]?.stringValue == FakeWorld.commit("2").id)
        world.audit.failure.withLock { $0 = NoRoom() }
        let pushed = world.state.withLock { $0.restorations.count }
        await #expect(throws: NoRoom.self) {
            try await controller.rollback(shop, RollbackDemand(), by: kim)
        }
        #expect(world.state.withLock { $0.restorations.count } == pushed)
    }

    /// As of a disk that is full.
    struct NoRoom: Error, CustomStringConvertible {
        let description = "no room for evidence"
    }
}

/// Notes how far the engine had been called when a decision came.
private final class WitnessAudit: AuditKeeping {
    private let calls: @Sendable () -> Int
    private let noted = Mutex<[Int]>([])

    init(_ calls: @escaping @Sendable () -> Int) { self.calls = calls }

    var callsAtDecisions: [Int] { noted.withLock { $0 } }

    func state() -> AuditState { AuditState() }
    func append(_ entries: [AuditEntry], at time: Instant) async throws {
        guard entries.contains(where: { $0.kind == .decided }) else { return }
        noted.withLock { $0.append(calls()) }
    }
    func note(_ entries: [AuditEntry], at time: Instant) async {}
}
