internal import Logging
package import Model
internal import OperatorFile

/// A stack that the journal knows, of a project that the configuration has no more.
///
/// Nothing of it is changed or repaired: nobody says what it should be.
package struct OrphanedStack: Hashable, Codable, Sendable {
    package var stack: StackID
    /// What of it is on the engine, as far as that could be told; containers first.
    package var objects: [OwnedObject]

    package init(stack: StackID, objects: [OwnedObject]) {
        self.stack = stack
        self.objects = objects
    }
}

extension Controller {
    /// Looks what is left of stacks whose projects were taken out of the configuration, and
    /// forgets what somebody has removed.
    func lookForOrphans() async {
        await findOrphans()
        await freeOrphans()
    }

    private func findOrphans() async {
        let owned = parts.journal.state().owned.values.filter { object in
            settings.projects[object.stack.project] == nil
        }
        guard !owned.isEmpty, trust == .sound else {
            orphans = []
            return
        }
        var left: [OwnedObject] = []
        for (node, objects) in Dictionary(grouping: owned, by: \.node) {
            left += await remaining(objects, on: node)
        }
        orphans = Controller.orphans(left)
    }

    /// What is left of objects of one node; those that are gone are forgotten.
    private func remaining(_ owned: [OwnedObject], on name: String) async -> [OwnedObject] {
        guard let node = parts.nodes[name], nodes[name]?.problem == nil else { return owned }
        do {
            let seen = try await node.engine.observe(
                controller: settings.controller,
                volumes: [""]
            )
            let names = Dictionary(seen.named.map { ($0.id, $0.name) }) { first, _ in first }
            let gone = owned.filter { $0.kind != .volume && names[$0.id] == nil }
            if !gone.isEmpty {
                let entries: [JournalEntry] = gone.map(\.id).sorted().map {
                    .gone(id: $0, node: name)
                }
                try await parts.journal.append(entries, at: parts.clock.now())
            }
            return owned.compactMap { object in
                var object = object
                guard let name = names[object.id] else { return nil }
                object.name = name
                return object
            }
        } catch {
            // Unknown is never empty: what the journal says still stands.
            parts.logger.debug("orphans can't be looked at", metadata: ["reason": "\(error)"])
            return owned
        }
    }

    /// Gives back what orphans have reserved of which nothing is left but volumes.
    private func freeOrphans() async {
        let state = parts.journal.state()
        let alive = Set(state.owned.values.filter { $0.kind != .volume }.map(\.stack))
        let gone = state.reservations.keys.filter { stack in
            settings.projects[stack.project] == nil && !alive.contains(stack)
        }
        guard trust == .sound, !gone.isEmpty else { return }
        let entries: [JournalEntry] = gone.sorted().map { JournalEntry.reserved($0, Reservation()) }
        // What can't be written down now is found again the next time.
        try? await parts.journal.append(entries, at: parts.clock.now())
    }

    private static func orphans(_ objects: [OwnedObject]) -> [OrphanedStack] {
        Dictionary(grouping: objects, by: \.stack).map { stack, objects in
            OrphanedStack(
                stack: stack,
                objects: objects.sorted {
                    ($0.kind.rawValue, $0.name, $0.id) < ($1.kind.rawValue, $1.name, $1.id)
                }
            )
        }
        .sorted { $0.stack < $1.stack }
    }
}
