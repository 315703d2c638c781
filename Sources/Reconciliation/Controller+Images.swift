internal import Admission
internal import Logging
internal import Model
internal import OperatorFile
internal import Planning

/// Images that Gyre pulled and nothing is made of any more; nobody else's are ever removed.
extension Controller {
    /// How often a node is asked which images are of use.
    var imagePause: Nanoseconds {
        let age = settings.defaults.unusedImages ?? .seconds(86_400)
        return min(.seconds(3600), max(.seconds(1), Nanoseconds(age.count / 4)))
    }

    /// Takes the images off a node, or a Swarm's managers, that have been of no use for as long as
    /// the operator wants.
    ///
    /// Since when, the journal knows: a controller that was started anew counts on. A node that
    /// doesn't answer, or answers otherwise than it should, keeps all it has.
    package func collectImages(on name: String) async {
        guard let age = settings.defaults.unusedImages, let node = parts.nodes[name],
            nodes[name]?.problem == nil, (try? requireJournal()) != nil
        else { return }
        // Of a Swarm each manager by itself: one that is silent holds up the others for a while.
        for door in node.doors { await collectImages(at: door, keeping: age) }
    }

    private func collectImages(at door: Door, keeping age: Nanoseconds) async {
        let brought = parts.journal.state().images(on: door.place)
        guard !brought.isEmpty else { return }
        do {
            let present = try await door.engine.images()
            let collection = ImageCollection(
                of: brought,
                present: present,
                used: try await door.engine.usedImages(),
                on: door.place,
                keeping: age,
                at: parts.now()
            )
            try await parts.journal.append(collection.facts, at: parts.now())
            for image in collection.removals {
                // One that the engine keeps keeps no other.
                do { try await remove(image, from: door) } catch { tellKept(on: door.node, error) }
            }
        } catch {
            tellKept(on: door.node, error)
        }
    }

    private func tellKept(on node: String, _ error: any Error) {
        parts.logger.warning(
            "images of no use stay",
            metadata: ["node": "\(node)", "reason": "\(error)"]
        )
    }

    /// The engine itself refuses an image that a container has come to be made of meanwhile.
    private func remove(_ image: NodeImage, from door: Door) async throws {
        let brought = parts.journal.state().images(on: door.place)
        guard let known = brought[image.id], let since = known.unusedSince else { return }
        let checked = try Gate.removal(of: image, among: brought)
        let entry = AuditEntry.collected(image, unusedSince: since, on: door.place)
        try await parts.audit.append([entry], at: parts.now())
        _ = try await door.engine.send(checked)
        try await parts.journal.append(
            [.imageGone(id: image.id, node: door.place)],
            at: parts.now()
        )
        parts.logger.info(
            "removed an image that nothing is made of",
            metadata: [
                "node": "\(door.node)", "image": "\(image.id)",
                "names": "\(known.names.sorted().joined(separator: ", "))",
            ]
        )
    }
}
