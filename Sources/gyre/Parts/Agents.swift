internal import Model
internal import OpenPolicyAgent
internal import Reconciliation

/// Open Policy Agents, as reconciling needs them.
struct Agents: AgentAsking {
    private let client = AgentClient()

    /// The token is read anew each time, so that a changed one is noticed.
    func ask(_ agent: PolicyAgent, _ question: [UInt8]) async throws -> [UInt8] {
        try await client.ask(agent, token: agent.token.map(Secrets.read), question)
    }
}
