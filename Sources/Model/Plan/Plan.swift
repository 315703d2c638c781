/// The ordered change from what is observed to what is desired.
///
/// A value: it says everything that will be done and why, before anything is.
package struct Plan: Hashable, Codable, Sendable {
    package var stack: StackID
    /// The commit it leads to; nil when the stack is being removed or only started again.
    package var commit: String?
    /// Each step's ``Step/after`` names only steps before it.
    package var steps: [Step]
    /// What differs and is left alone on purpose, for people to read.
    package var pending: [String]
    /// Names of the anonymous volumes that the removal of a container leaves, by its id: they may
    /// hold data, and no file says that they may go (law 4).
    package var leavings: [String: [String]] = [:]
    /// How services are replaced whose files say so, for people to read.
    package var rollouts: [String] = []
    /// What of others its steps name by id.
    package var externals = ExternalIDs()

    package init(stack: StackID, commit: String?, steps: [Step] = [], pending: [String] = []) {
        self.stack = stack
        self.commit = commit
        self.steps = steps
        self.pending = pending
    }

    package var isEmpty: Bool { steps.isEmpty }

    /// Whether any step changes something; a plan of waits alone does not.
    package var changesAnything: Bool { steps.contains { !$0.operation.isWait } }

    /// SHA-256 of the text, which is the same for the same change.
    package var digest: String { SHA256Hex.of(description) }
}

/// One thing to do, when it may be done, and why.
package struct Step: Hashable, Codable, Sendable {
    /// Number in the plan, from 1.
    package typealias ID = Int

    package var id: ID
    package var operation: Operation
    /// What must be done first.
    package var after: [ID]
    package var reason: Reason

    package init(id: ID, operation: Operation, after: [ID], reason: Reason) {
        self.id = id
        self.operation = operation
        self.after = after
        self.reason = reason
    }
}

extension Plan {
    /// What removals leave, a sentence for each container.
    package var leavingsInWords: [String] {
        steps.compactMap { step in
            guard case .remove(let container) = step.operation, let id = container.id,
                let volumes = leavings[id]
            else { return nil }
            return "\(container.name) leaves \(Plan.words(volumes))"
        }
    }

    /// Anonymous volumes, and how they are removed.
    package static func words(_ volumes: [String]) -> String {
        let names = volumes.joined(separator: ", ")
        let (kind, data) = volumes.count == 1 ? ("volume", "its") : ("volumes", "their")
        return "its anonymous \(kind) \(names) behind: docker volume rm, when nobody needs \(data) "
            + "data"
    }
}

extension Plan: CustomStringConvertible {
    /// The one text for people, logs and golden tests.
    package var description: String {
        let head = "plan \(stack)" + (commit.map { " at \($0.prefix(8))" } ?? "")
        let pending = (pending + leavingsInWords).map { "\n  pending: \($0)" }.joined()
        let rollouts = rollouts.map { "\n  rollout: \($0)" }.joined()
        guard !steps.isEmpty else { return "\(head): nothing to do\(pending)" }
        let count = steps.count == 1 ? "1 step" : "\(steps.count) steps"
        return "\(head): \(count)\n" + steps.map(\.description).joined(separator: "\n") + rollouts
            + pending
    }
}

extension Step: CustomStringConvertible {
    /// `3  create container web-1, because there is none (after 1, 2)`.
    package var description: String {
        let number = String(id)
        let padding = String(repeating: " ", count: max(0, 4 - number.count))
        let order =
            after.isEmpty ? "" : " (after \(after.map(String.init).joined(separator: ", ")))"
        return "\(padding)\(number)  \(operation), because \(reason)\(order)"
    }
}
