internal import Admission
internal import Logging
package import Model
internal import OperatorFile
internal import Planning

/// Volumes that people read, each through a container of ours that mounts it and never starts.
extension Controller {
    /// Begins to read a volume of a stack, which need not be there any more.
    ///
    /// Passes over the stack go on meanwhile: they know nothing of such a container.
    package func exportVolume(
        _ question: VolumeQuestion,
        of id: StackID,
        by person: Person
    ) async throws -> Pieces {
        let volume = try await readable(question, of: id)
        let door = try door(volume.node)
        let act = AuditEntry.acted(
            "volumes export",
            id,
            by: person,
            ["node": .string(volume.node), "volume": .string(volume.name)]
        )
        try await parts.audit.append([act], at: parts.now())
        let export = VolumeExport(
            of: volume.name,
            stack: id,
            controller: settings.controller,
            claim: Token.make()
        )
        let reader = VolumeReader()
        exports[export.claim] = VolumeReader.Mark(reader)
        // Who goes away doesn't say so.
        schedule(.exports, in: .seconds(10))
        do {
            return reading(try await open(export, at: door), export, reader)
        } catch {
            await end(export)
            if error is CancellationError || error is NotPossible { throw error }
            throw NotPossible("\(volume.name) can't be read: \(error)")
        }
    }

    /// The one volume that is asked for, if it can be read.
    private func readable(
        _ question: VolumeQuestion,
        of id: StackID
    ) async throws -> VolumeStatus {
        let name = question.volume
        let all = try await volumes(of: id).filter { $0.name == name }
        let found = all.filter { question.node == nil || question.node == $0.node }
        guard let volume = found.first else {
            let place = question.node.map { all.isEmpty ? "" : " on \($0)" } ?? ""
            throw NotPossible("\(id) has no volume \(name)\(place); see gyre volumes \(id)")
        }
        guard found.count == 1 else {
            let nodes = found.map(\.node).joined(separator: ", ")
            throw NotPossible("each of \(nodes) has a volume \(name); say which with --node")
        }
        switch volume.state {
        case .used, .unused: return volume
        case .missing: throw NotPossible("\(name) is gone from \(volume.node)")
        case .unknown: throw NotPossible("\(volume.node) does not answer; see gyre nodes")
        case .elsewhere: throw NotPossible(volume.wayByHand(on: swarm?.name))
        }
    }

    /// Makes the container, and begins to read through it.
    private func open(
        _ export: VolumeExport,
        at door: Door
    ) async throws -> Pieces {
        let claimed = JournalEntry.claimed(export.claim, export.stack, node: door.place)
        try await parts.journal.append([claimed], at: parts.now())
        let image = try await emptyImage(at: door, for: export.stack)
        let gate = gate(
            export.stack,
            at: door,
            reading: export.volume,
            contents: GateContents(emptyImage: image.imageID)
        )
        let request = try gate.check(EngineRequest(export, image: image))
        guard let container = try await door.engine.send(request) else {
            throw NotPossible("the engine names nothing that was created")
        }
        let object = OwnedObject(
            kind: .container,
            id: container,
            name: export.name,
            stack: export.stack,
            claim: export.claim,
            node: door.place
        )
        try await parts.journal.append([.owned(object)], at: parts.now())
        // The engine makes a volume that it is to mount and that somebody has just removed.
        guard try await has(export.volume, of: export.stack, at: door) else {
            throw NotPossible("\(export.volume) was removed just now")
        }
        return try await door.engine.archive(of: VolumeExport.target + "/.", in: container)
    }

    private func emptyImage(at door: Door, for id: StackID) async throws -> ImagePin {
        if let image = try await door.engine.emptyImage() { return image }
        _ = try await door.engine.send(gate(id, at: door).check(.emptyImage))
        guard let image = try await door.engine.emptyImage() else {
            throw NotPossible("the engine imported the empty image, but has another")
        }
        return image
    }

    /// The archive, which ends the export when it has been read, or can't be.
    private func reading(
        _ pieces: Pieces,
        _ export: VolumeExport,
        _ reader: VolumeReader
    ) -> Pieces {
        Pieces {
            do {
                let piece = try await pieces.next()
                if let piece { return withExtendedLifetime(reader) { piece } }
            } catch {
                await self.brokeOff(export, because: error)
                throw error
            }
            await self.end(export)
            return nil
        }
    }

    private func brokeOff(_ export: VolumeExport, because error: any Error) async {
        parts.logger.warning(
            "the export of a volume broke off",
            metadata: [
                "stack": "\(export.stack)", "volume": "\(export.volume)", "reason": "\(error)",
            ]
        )
        await end(export)
    }

    /// What was made for it is removed now, or when its node can be asked.
    private func end(_ export: VolumeExport) async {
        exports[export.claim] = nil
        await clearExports()
    }

    /// Removes the containers that volumes were read through, but for those that are still read.
    func clearExports() async {
        exports = exports.filter { $0.value.reader != nil }
        guard trust == .sound else { return }
        for node in parts.nodes.values where nodes[node.name]?.problem == nil {
            for door in node.doors { await clearExports(at: door) }
        }
    }

    private func clearExports(at door: Door) async {
        do {
            try await adoptExports(at: door)
            for object in exportsLeft(at: door) { try await remove(object, from: door) }
        } catch {
            // The next look at the node, or at the agenda, tries again.
            schedule(.exports, in: .seconds(30))
            parts.logger.debug(
                "what a volume was read through can't be removed",
                metadata: ["node": "\(door.node)", "reason": "\(error)"]
            )
        }
    }

    private func exportsLeft(at door: Door) -> [OwnedObject] {
        parts.journal.state().owned.values.filter { object in
            object.node == door.place && object.kind == .container
                && exports[object.claim ?? ""] == nil
                && VolumeExport.isName(
                    object.name,
                    of: object.stack,
                    controller: settings.controller
                )
        }
        .sorted { $0.id < $1.id }
    }

    /// Takes as ours what bears a token that only the journal and the container know.
    ///
    /// Its making ended before its id could be written down; a stack that is gone has no pass that
    /// would find it.
    private func adoptExports(at door: Door) async throws {
        let state = parts.journal.state()
        guard state.claims.values.contains(where: { $0.node == door.place }) else { return }
        let seen = try await door.engine.objects(named: ContentVolume.prefix, [.container])
        let found = seen.compactMap { container -> JournalEntry? in
            guard container.labels[Labels.content] == "export",
                let stack = container.labelledStack,
                let claim = container.labels[Labels.claim], exports[claim] == nil,
                state.owner(of: container.id, on: door.place) == nil,
                state.claims(of: stack, on: door.place).contains(claim)
            else { return nil }
            let object = OwnedObject(
                kind: .container,
                id: container.id,
                name: container.name,
                stack: stack,
                claim: claim,
                node: door.place
            )
            return .owned(object)
        }
        if !found.isEmpty { try await parts.journal.append(found, at: parts.now()) }
    }

    private func remove(_ object: OwnedObject, from door: Door) async throws {
        let path = "/containers/\(object.id)"
        let request = EngineRequest(.removeContainer, "DELETE", path, target: object.id)
        _ = try await door.engine.send(gate(object.stack, at: door).check(request))
        try await parts.journal.append([.gone(id: object.id, node: door.place)], at: parts.now())
    }

    /// Who takes a project out of the file has its policy no more; these calls need none of it.
    private func gate(
        _ id: StackID,
        at door: Door,
        reading volume: String? = nil,
        contents: GateContents = GateContents()
    ) -> Gate {
        Gate(
            settings.projects[id.project]?.policy ?? TenantPolicy(),
            controller: settings.controller,
            stack: id,
            owned: owned(by: id, at: door),
            claims: parts.journal.state().claims(of: id, on: door.place),
            exportedVolumes: volume.map { [$0] } ?? [],
            contents: contents,
            at: parts.now()
        )
    }
}
