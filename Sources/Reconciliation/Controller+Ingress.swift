internal import Admission
package import Model
internal import OperatorFile
internal import Planning

/// The routes can't be told, so that whoever asks should go by what was told before (law 1).
package struct RoutesUnknown: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// What an ingress asks for; see `Docs/Decisions/0022-ingress.md`.
extension Controller {
    /// Where requests are led on a node, sorted by name; `node` may be left out where there is one.
    package func routes(on node: String?) async throws -> [IngressRoute] {
        let name = node ?? (parts.nodes.count == 1 ? parts.nodes.keys.first : nil)
        guard let name else { throw NotPossible("there are several nodes; name one") }
        guard let home = parts.nodes[name] else {
            throw UnknownNode(name, known: parts.nodes.keys.sorted())
        }
        let led = try led(on: name)
        guard !led.isEmpty else { return [] }
        for _ in 0..<3 {
            let turns = led.mapValues(\.memory.view.turn)
            let observed = try await home.engine.observe(
                controller: settings.controller,
                volumes: []
            )
            // A run that ended meanwhile took with it what it knew of a container that was seen.
            guard led.mapValues(\.memory.view.turn) == turns else { continue }
            return led.sorted { $0.key < $1.key }.flatMap { id, state in
                routes(of: id, state, in: observed, on: name)
            }
        }
        throw RoutesUnknown("too much changes at once")
    }

    /// The stacks of a node that something leads to.
    private func led(on node: String) throws -> [StackID: StackState] {
        guard trust == .sound else { throw RoutesUnknown("the journal is not sound") }
        let known = parts.journal.state().stacks.union(stacks.keys).sorted()
        var led: [StackID: StackState] = [:]
        for id in known where home(of: id) == node && settings.projects[id.project] != nil {
            if stacks[id] == nil, isGone(id) { continue }
            let held = parts.journal.state().reservations[id]?.routes ?? []
            // What was written down holds until somebody has looked.
            guard let state = stacks[id], state.memory.routes != nil || !held.isEmpty else {
                // What has nothing there has nobody to be led to, whatever its files say.
                guard hasContainers(id, on: node) else { continue }
                throw RoutesUnknown("\(id) was not looked at yet")
            }
            if state.memory.routes != [] || !held.isEmpty { led[id] = state }
        }
        return led
    }

    private func hasContainers(_ id: StackID, on node: String) -> Bool {
        parts.journal.state().owned.values.contains {
            $0.stack == id && $0.node == node && $0.kind == .container
        }
    }

    private func routes(
        of id: StackID,
        _ state: StackState,
        in observed: Observation,
        on node: String
    ) -> [IngressRoute] {
        let owned = parts.journal.state().owned(by: id, on: node)
        let ours = observed.of(id).containers.filter { owned.contains($0.id) }
        let targets = IngressTargets(ours, state.memory.view.run?.state)
        let held = parts.journal.state().reservations[id]?.routes ?? []
        return IngressRoutes(of: id, wanted: state.memory.routes ?? [], held: held)
            .led(to: targets)
    }
}
