internal import Admission
internal import Model

/// An agent that has to be asked said neither yes nor no.
///
/// That isn't the version's fault: it is tried again, and what runs goes on.
package struct AgentSilence: Error, CustomStringConvertible {
    let commit: String
    let agent: PolicyAgent
    let reason: String

    package var description: String {
        "commit \(commit) waits for a verdict of the Open Policy Agent at \(agent.address), rule "
            + "\(agent.rule): \(reason)"
    }
}

/// What is asked beside Gyre's own rules.
extension Reconciler {
    /// Asks the agent about a stack that the rules let pass; throws where it says no, or nothing.
    ///
    /// A yes holds for a while, for this very question.
    func consult(about admitted: AdmittedStack, _ target: Target) async throws -> AdmittedStack {
        guard let agent else { return admitted }
        let question = AgentQuestion(about: admitted, of: tenant, from: source(of: target))
        let body = JSON.object(["input": question.json]).text
        let key = SHA256Hex.of("\(agent.address) \(agent.rule)\n\(body)")
        if let known = memory.verdict(on: key, at: clock.steady()) {
            return try policy.admit(admitted, as: known)
        }
        let answer = try await answer(of: agent, to: body, target)
        memory.refused(by: answer.decision, target.commit)
        let joined = try policy.admit(admitted, as: answer)
        memory.judged(key, answer, until: clock.steady().adding(agent.renewal))
        return joined
    }

    private func answer(
        of agent: PolicyAgent,
        to question: String,
        _ target: Target
    ) async throws -> AgentAnswer {
        func silence(_ reason: String) -> AgentSilence {
            AgentSilence(commit: target.commit.short, agent: agent, reason: reason)
        }
        guard let agents else { throw silence("nobody can ask it here") }
        do {
            return try AgentAnswer(parsing: try await agents.ask(agent, Array(question.utf8)))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw silence("\(error)")
        }
    }

    private func source(of target: Target) -> [String: JSON] {
        [
            "commit": .string(target.commit.id),
            "repository": .string(target.origin.repository.description),
            "folder": .string(target.origin.folder),
        ]
    }
}
