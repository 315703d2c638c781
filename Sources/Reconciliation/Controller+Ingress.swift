internal import Admission
package import Model
internal import OperatorFile
internal import Planning

/// The routes can't be told, so that whoever asks should go by what was told before (law 1).
package struct RoutesUnknown: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Where a stack's services are led to, by its files.
struct StackRoutes: Sendable {
    /// By name of the service.
    var matches: [String: Service.Ingress] = [:]

    init() {}

    init(of stack: Stack) { matches = stack.services.compactMapValues(\.ingress) }
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
            return led.flatMap { routes(of: $0, $1, in: observed, on: name) }.sorted {
                $0.name < $1.name
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
            guard let state = stacks[id], let routes = state.memory.routes else {
                // What has nothing there has nobody to be led to, whatever its files say.
                guard hasContainers(id, on: node) else { continue }
                throw RoutesUnknown("\(id) was not looked at yet")
            }
            if !routes.matches.isEmpty { led[id] = state }
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
        return (state.memory.routes?.matches ?? [:]).map { service, match in
            IngressRoute(
                name: "\(id.project)_\(id.stack)_\(service)",
                match: match,
                targets: targets.addresses(of: service, port: match.port)
            )
        }
    }
}
