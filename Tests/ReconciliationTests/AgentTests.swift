import Admission
import Model
import Reconciliation
import Synchronization
import TestSupport
import Testing

/// Who is asked besides the rules, and what becomes of a stack while nothing is answered.
@Suite struct AgentTests {
    /// An agent that says what a test wants.
    private final class FakeAgent: AgentAsking {
        struct Down: Error, CustomStringConvertible { var description = "nobody listens there" }

        let state = Mutex<(answer: String?, asked: [String])>((FakeAgent.yes, []))

        static let yes = #"{"result": {"allow": true}, "decision_id": "d-1"}"#
        static let no =
            #"{"result": {"allow": false, "deny": [{"rule": "fridays", "message": "not today", "#
            + #""field": "services.web.image"}]}, "decision_id": "d-2"}"#

        func ask(_ agent: PolicyAgent, _ question: [UInt8]) async throws -> [UInt8] {
            try state.withLock { state in
                state.asked.append("\(agent.rule) " + String(decoding: question, as: UTF8.self))
                guard let answer = state.answer else { throw Down() }
                return Array(answer.utf8)
            }
        }

        func answers(_ text: String?) { state.withLock { $0.answer = text } }
        var asked: [String] { state.withLock { $0.asked } }
    }

    private static let compose = "services:\n  web:\n    image: httpd\n"

    private static func settings(_ project: String = "") -> String {
        """
        controller: test
        policy: {opa: {url: "http://127.0.0.1:8181"}}
        projects: {shop: {repositories: [{url: /srv/shop}]\(project)}}
        """
    }

    private func team() throws -> (SimulatedTeam, FakeAgent) {
        (try SimulatedTeam(Self.compose, images: ["httpd", "nginx"]), FakeAgent())
    }

    private func controller(
        _ team: SimulatedTeam,
        _ agent: FakeAgent?,
        _ project: String = ""
    ) async throws -> Controller {
        var parts = team.parts()
        parts.agents = agent
        let settings = try SimulatedTeam.settings(Self.settings(project))
        let controller = Controller(settings, parts)
        await controller.survey()
        return controller
    }

    @Test func itIsAskedBeforeAnythingIsChanged() async throws {
        let (team, agent) = try team()
        let status = try await team.settle(try await controller(team, agent))
        #expect(status.state == .ready, "\(status)")
        #expect(agent.asked.count == 1 && agent.asked[0].hasPrefix(#"gyre/verdict {"input":{"#))
        let verdict = try #require(team.audit.entries.first { $0.kind == .judged })
        #expect(verdict.facts["agent"]?["decision"] == "d-1")
    }

    @Test func aNoIsADenialWithItsPlace() async throws {
        let (team, agent) = try team()
        agent.answers(FakeAgent.no)
        let controller = try await controller(team, agent)
        let status = try await team.settle(controller)
        #expect(team.engine.node.containers.isEmpty)
        let problem = try #require(status.problems.first { $0.kind == .denied })
        #expect(problem.diagnostics.map(\.code) == ["opa/fridays"])
        #expect(problem.diagnostics.first?.location?.description == "compose.yaml:3:12")
        // Each time another decision of the agent's, and the same denial: told once.
        try await team.settle(controller)
        let denials = team.audit.entries.filter { $0.facts["verdict"] == "deny" }
        #expect(denials.count == 1 && denials.first?.facts["agent"]?["decision"] == "d-2")
        agent.answers(FakeAgent.yes)
        let after = try await team.settle(controller)
        #expect(after.state == .ready, "\(after)")
    }

    /// What isn't a yes changes nothing, blames no version, and is tried again.
    @Test(arguments: [nil, "{}", "", #"{"result": {"allow": "yes"}}"#, #"{"result": true}"#])
    func silenceChangesNothing(answer: String?) async throws {
        let (team, agent) = try team()
        agent.answers(answer)
        let controller = try await controller(team, agent)
        let status = try await team.settle(controller)
        #expect(team.engine.node.containers.isEmpty)
        let problem = try #require(status.problems.first)
        #expect(problem.kind == .failing && problem.message.contains("Open Policy Agent"))
        #expect(team.journal.state().holds[team.shop]?.isEmpty ?? true)
        agent.answers(FakeAgent.yes)
        let after = try await team.settle(controller)
        #expect(after.state == .ready, "\(after)")
    }

    @Test func whatRunsGoesOnAndIsStartedAgain() async throws {
        let (team, agent) = try team()
        let controller = try await controller(team, agent)
        try await team.settle(controller)
        let ids = Set(team.engine.node.containers.keys)
        agent.answers(nil)
        team.engine.change { node in
            node.pass(seconds: 3600)
            for id in node.containers.keys {
                node.containers[id]?.seen.state = .exited
                node.containers[id]?.seen.exitCode = 1
            }
        }
        team.repository.push("services:\n  web:\n    image: nginx\n")
        await controller.survey()
        try await team.settle(controller)
        let node = team.engine.node
        #expect(Set(node.containers.keys) == ids)
        #expect(node.containers.values.allSatisfy { $0.seen.state == .running })
    }

    /// A yes holds for a minute, for the very document.
    @Test func itIsAskedAgainWhenItsTimeIsUp() async throws {
        let (team, agent) = try team()
        let controller = try await controller(team, agent)
        try await team.settle(controller)
        let count = agent.asked.count
        team.engine.change { $0.pass(seconds: 61) }
        agent.answers(FakeAgent.no)
        let status = try await team.settle(controller)
        #expect(agent.asked.count > count)
        #expect(status.problems.contains { $0.kind == .againstPolicy }, "\(status.problems)")
        #expect(team.engine.node.containers.values.allSatisfy { $0.seen.state == .running })
    }

    @Test func aProjectMayHaveItsOwnRuleOrNone() async throws {
        let (team, agent) = try team()
        try await team.settle(try await controller(team, agent, ", opa: shop/rules"))
        #expect(agent.asked.allSatisfy { $0.hasPrefix("shop/rules ") } && !agent.asked.isEmpty)
        let (other, silent) = try self.team()
        try await other.settle(try await controller(other, silent, ", opa: none"))
        #expect(silent.asked.isEmpty && !other.engine.node.containers.isEmpty)
    }

    /// A controller that can't ask is one that gets no answer.
    @Test func nobodyToAskIsNoYes() async throws {
        let (team, _) = try team()
        let status = try await team.settle(try await controller(team, nil))
        #expect(team.engine.node.containers.isEmpty && !status.problems.isEmpty)
    }

    @Test func whatItFillsInReachesTheContainer() async throws {
        let (team, agent) = try team()
        agent.answers(
            #"{"result": {"allow": true, "mutate": [{"field": "services.web.labels.org.owner", "#
                + #""value": "ann"}]}}"#
        )
        let controller = try await controller(team, agent)
        let status = try await team.settle(controller)
        #expect(status.state == .ready, "\(status)")
        let labels = team.engine.node.containers.values.map(\.seen.labels)
        #expect(labels.allSatisfy { $0["org.owner"] == "ann" } && !labels.isEmpty)
        let verdict = try #require(team.audit.entries.first { $0.kind == .judged })
        #expect(verdict.facts["verdict"] == "mutate")
        // Another value waits for the next re-creation.
        let ids = Set(team.engine.node.containers.keys)
        team.engine.change { $0.pass(seconds: 61) }
        agent.answers(FakeAgent.yes)
        try await team.settle(controller)
        #expect(Set(team.engine.node.containers.keys) == ids)
    }
}
