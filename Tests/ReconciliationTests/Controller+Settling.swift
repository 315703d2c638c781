import Model
import Reconciliation
import TestSupport
import Testing

extension Controller {
    /// The status of a stack after as many passes as it takes.
    @discardableResult
    func settled(_ name: String) async throws -> StackStatus {
        try await settled(StackID(parsing: name))
    }

    @discardableResult
    func settled(_ stack: StackID) async throws -> StackStatus {
        _ = try await pulling { try await self.settle(stack, listener: { _ in }) }
        let found = status().stacks.first { $0.stack == stack }
        guard let found else { throw UnknownStack(stack, known: []) }
        return found
    }
}

extension SimulatedTeam {
    /// Has all containers end, and sees that nobody can read what is there: each stack is repaired
    /// from its last good version, and none is made, changed or removed.
    func onlyRepairs(_ names: [String], _ controller: Controller) async throws -> [StackStatus] {
        let containers = Set(engine.node.containers.keys)
        await controller.survey()
        for id in containers { engine.change { $0.containers[id]?.seen.state = .exited } }
        var found: [StackStatus] = []
        for name in names {
            let status = try await controller.settled(name)
            #expect(status.problems.map(\.kind) == [.invalid], "\(status)")
            found.append(status)
        }
        #expect(Set(engine.node.containers.keys) == containers)
        #expect(engine.node.containers.values.allSatisfy { $0.isRunning })
        return found
    }
}

extension Snapshot.Entry {
    static func text(_ text: String) -> Snapshot.Entry { .file(Array(text.utf8)) }

    /// A compose file of one service, `web`.
    static func web(_ version: String) -> Snapshot.Entry {
        text("services: {web: {image: 'web:\(version)'}}\n")
    }
}
