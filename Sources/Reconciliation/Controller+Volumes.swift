internal import Admission
package import Model
internal import OperatorFile

/// A volume that was made for a stack.
///
/// It outlives the files that asked for it, and the stack: only a person has it removed.
package struct VolumeStatus: Hashable, Codable, Sendable {
    /// What is known of it.
    package enum State: String, Codable, Sendable {
        /// A container of its stack mounts it, running or not, or somebody reads it.
        case used
        case unused
        /// It was there, and somebody has removed it.
        case missing
        /// Its node does not answer.
        case unknown
        /// It is on a node of a Swarm that Gyre doesn't reach, or on none.
        case elsewhere
    }

    package var name: String
    package var stack: StackID
    /// Of a Swarm: the manager that has it, else the host name of a node that runs a task with it,
    /// else the Swarm.
    package var node: String
    package var state: State
    /// Names of the containers that mount it, or of a Swarm's services; sorted.
    package var containers: [String]
    /// What its removal is confirmed by; nil where it can't be removed now.
    package var change: String?
}

extension Controller {
    /// The volumes of a stack, or of all, sorted by stack and name; those of contents left out.
    package func volumes(of id: StackID?) async throws -> [VolumeStatus] {
        try requireJournal()
        let state = parts.journal.state()
        var known = state.volumesSeen
        for object in state.owned.values where object.kind == .volume {
            if ContentVolume(name: object.name) == nil { known[object.key] = object.stack }
        }
        if let id {
            known = known.filter { $0.value == id }
            guard !known.isEmpty || stacks[id] != nil else { throw unknown(id) }
        }
        var found: [VolumeStatus] = []
        for (node, volumes) in Dictionary(grouping: known, by: \.key.node) {
            if let swarm, swarm.name == node {
                found += await look(for: volumes.map { ($0.key.id, $0.value) }, on: swarm)
                continue
            }
            let seen = await look(at: node)
            found += volumes.map { key, stack in
                VolumeStatus(name: key.id, of: stack, on: node, seen)
            }
        }
        return found.sorted {
            ($0.stack, $0.name, $0.node) < ($1.stack, $1.name, $1.node)
        }
    }

    /// Removes a volume that no container mounts, with all that is in it; `change` must be what
    /// was shown of it.
    ///
    /// One that is missing is forgotten, so that files which name it get an empty one; so is one
    /// that no node has which Gyre reaches.
    package func removeVolume(
        _ name: String,
        of id: StackID,
        change: String,
        by person: Person
    ) async throws {
        try await apart(from: id) {
            let named = try await volumes(of: id).filter { $0.name == name }
            guard let volume = named.first(where: { $0.change == change }) else {
                throw NotPossible(
                    VolumeStatus.refusal(of: name, of: id, named, settings.controller)
                )
            }
            let act = AuditEntry.acted(
                "volumes rm",
                id,
                by: person,
                [
                    "change": .string(change), "node": .string(volume.node),
                    "state": .string(volume.state.rawValue), "volume": .string(name),
                ]
            )
            try await parts.audit.append([act], at: parts.now())
            if volume.state == .unused { try await remove(volume) }
            // On a Swarm another node's is another volume of the same name.
            guard swarm == nil || named.count == 1 else { return }
            let node = swarm?.name ?? volume.node
            try await parts.journal.append(
                [.volumeRemoved(name: name, stack: id, node: node, by: person.name)],
                at: parts.now()
            )
        }
        if stacks[id] != nil { schedule(.reconcile(id)) }
    }

    private func remove(_ volume: VolumeStatus) async throws {
        let door = try door(volume.node)
        // Who takes a project out of the file has its policy no more; the call needs none of it.
        let gate = Gate(
            settings.projects[volume.stack.project]?.policy ?? TenantPolicy(),
            controller: settings.controller,
            stack: volume.stack,
            owned: owned(by: volume.stack, at: door),
            confirmedVolumeRemovals: [volume.name],
            at: parts.now()
        )
        let request = EngineRequest(
            .removeVolume,
            "DELETE",
            "/volumes/\(volume.name)",
            target: volume.name
        )
        let checked = try gate.check(request)
        do {
            _ = try await door.engine.send(checked)
        } catch {
            // Mostly a container of somebody else mounts it, which the engine names.
            throw NotPossible("the engine keeps it: \(error)")
        }
    }

    /// What a node has; nil while it does not answer.
    private func look(at name: String) async -> Observation? {
        guard let node = parts.nodes[name], nodes[name]?.problem == nil else { return nil }
        return try? await node.engine.observe(controller: settings.controller, volumes: [""])
    }
}

extension VolumeStatus {
    fileprivate init(name: String, of stack: StackID, on node: String, _ seen: Observation?) {
        self.name = name
        self.stack = stack
        self.node = node
        containers = (seen?.containers ?? []).filter { $0.volumes.contains(name) }.map(\.name)
            .sorted()
        guard let volumes = seen?.volumes else {
            state = .unknown
            return
        }
        let isThere = volumes.contains { $0.name == name }
        state = !isThere ? .missing : containers.isEmpty ? .unused : .used
        guard state != .used else { return }
        change = removal
    }

    /// The id of its removal as it is now.
    var removal: String {
        let text = ["volume", name, "\(stack)", node, state.rawValue].joined(separator: "\n")
        return String(SHA256Hex.of(text).prefix(12))
    }

    /// Why none of the volumes of that name can be removed.
    fileprivate static func refusal(
        of name: String,
        of id: StackID,
        _ found: [VolumeStatus],
        _ controller: String
    ) -> String {
        guard let volume = found.first else { return "\(id) has no volume \(name)" }
        switch volume.state {
        case .used,
            .elsewhere where !volume.containers.isEmpty:
            let users = volume.containers.filter {
                !VolumeExport.isName($0, of: volume.stack, controller: controller)
            }
            guard !users.isEmpty else {
                return "\(name) is being read by gyre volumes export; remove it when that has ended"
            }
            return
                "\(name) is mounted by \(users.joined(separator: ", ")); take it out of the files "
                + "of \(id) first"
        case .unknown: return "\(volume.node) does not answer, so nobody knows who uses \(name)"
        case .unused, .missing, .elsewhere:
            return "\(name) is \(volume.state.rawValue) now, which is another change; see "
                + "gyre volumes \(id)"
        }
    }
}
