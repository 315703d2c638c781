/// Why an agent gave no answer.
package struct AgentError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong, without credentials.
    package let description: String

    init(_ description: String) { self.description = description }
}
