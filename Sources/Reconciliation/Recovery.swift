internal import Admission
package import OperatorFile
package import Model

/// What bears our labels on the engine while the journal is lost.
package struct RecoveryFindings: Hashable, Codable, Sendable {
    /// Why the journal is not trusted; nil when it is, so that there is nothing to recover.
    package var reason: String?
    /// What is as Gyre makes it, and what a person named besides.
    package var objects: [OwnedObject]
    package var pins: [RecoveredPin]
    /// What may be somebody else's, and is taken only when a person names it.
    package var doubts: [DoubtfulObject] = []
    /// Projects of the objects that the configuration doesn't have, sorted.
    package var unknownProjects: [String] = []

    /// The image that a service's containers run, whatever its tag means by now.
    package struct RecoveredPin: Hashable, Codable, Sendable {
        package var key: PinKey
        package var pin: ImagePin
    }
}

/// Rebuilds the journal from labels; a person has to agree, because labels prove nothing alone.
package struct Recovery: Sendable {
    let parts: ControllerParts
    let settings: Settings

    package init(_ parts: ControllerParts, _ settings: Settings) {
        self.parts = parts
        self.settings = settings
    }

    /// Why nothing may be changed with an empty journal; nil when the engine holds nothing that
    /// bears this controller's label, so that there is nothing to have forgotten.
    ///
    /// Of one that other machines wrote nobody here knows whether something had been taken over,
    /// which bears no label.
    package func reasonToFreeze(lost: String?) async throws -> String? {
        let count = try await observe().reduce(0) { $0 + $1.seen.named.count }
        let reason = lost ?? "the journal is missing"
        if count == 0 {
            if let forgotten { return "\(reason), and \(forgotten)" }
            guard lost != nil, parts.journal.isOthersToo else { return nil }
            return "\(reason), and only the audit logs of the machines that led tell whether a "
                + "stack was taken over: see that its line is under adopt in gyre.yaml"
        }
        let found = count == 1 ? "one object bears" : "\(count) objects bear"
        return "\(reason), and on the " + (parts.nodes.count == 1 ? "engine " : "engines ")
            + "\(found) this controller's label"
    }

    /// What of a stack may run that bears no label, as the audit log tells, and that nothing in the
    /// configuration leads back to: it would be made a second time beside it.
    private var forgotten: String? {
        let stacks = parts.audit.state().adopted.filter { stack in
            settings.projects[stack.project]?.adoptions[stack.stack] == nil
        }
        return stacks.min().map { stack in
            "\(stack) was taken over, and what ran of it bears no label: write "
                + "its line under adopt in gyre.yaml again, and restart gyre"
        }
    }

    /// Everything labelled for this controller; `names` are those of doubtful objects that a
    /// person takes for ours all the same.
    package func look(
        because reason: String,
        taking names: Set<String> = []
    ) async throws -> RecoveryFindings {
        let observed = try await observe()
        let all = observed.flatMap(\.seen.named)
        var findings = RecoveryFindings(reason: reason, objects: [], pins: [])
        findings.doubts = DoubtfulObject.among(all).filter { !names.contains($0.name) }
        try refuseWrong(names, all)
        let doubtful = Set(findings.doubts.map(\.id))
        for (node, seen) in observed {
            let found = seen.named.filter { !doubtful.contains($0.id) }.compactMap {
                OwnedObject(found: $0, on: node.name)
            }
            findings.objects += found
            let taken = Set(found.map(\.id))
            for container in seen.containers where taken.contains(container.id) {
                guard let key = PinKey(of: container) else { continue }
                findings.pins.append(.init(key: key, pin: try await pin(of: container, on: node)))
            }
        }
        let projects = Set(findings.objects.map(\.stack.project))
        findings.unknownProjects = projects.filter { settings.projects[$0] == nil }.sorted()
        return findings
    }

    /// A slip in a name must not pass for an agreement.
    private func refuseWrong(_ names: Set<String>, _ all: [NamedObject]) throws {
        let doubts = DoubtfulObject.among(all)
        for name in names.sorted() {
            guard let doubt = doubts.first(where: { $0.name == name }) else {
                throw NotPossible("nothing that is called \(name) is in doubt; see gyre recover")
            }
            guard doubt.stack != nil else {
                throw NotPossible("\(name) can't be taken: \(doubt.why)")
            }
        }
    }

    /// All nodes, side by side; one that can't be looked at may have anything.
    private func observe() async throws -> [(node: ClusterNode, seen: Observation)] {
        try await withThrowingTaskGroup(of: (node: ClusterNode, seen: Observation).self) { group in
            for node in parts.nodes.values {
                group.addTask {
                    let name = settings.controller
                    return (node, try await node.engine.observe(controller: name, volumes: [""]))
                }
            }
            var all: [(node: ClusterNode, seen: Observation)] = []
            for try await one in group { all.append(one) }
            return all.sorted { $0.node.name < $1.node.name }
        }
    }

    /// The image of a container under the name that it was created from.
    ///
    /// An image that no registry has was named by its id; ``Reconciler/resolve(_:at:)`` finds the
    /// name that the file has for it.
    private func pin(
        of container: ObservedContainer,
        on node: ClusterNode
    ) async throws -> ImagePin {
        let inspected = try await node.engine.inspect(container.id)
        let name = inspected?.details?.image ?? ""
        let reference = name.isEmpty ? container.imageID : name
        let known = try await node.engine.image(reference)
        let isSame = known?.imageID == container.imageID
        return ImagePin(
            reference: reference,
            imageID: container.imageID,
            digest: isSame ? known?.digest : nil,
            config: isSame ? known?.config ?? ImageConfig() : ImageConfig()
        )
    }

    /// Writes the findings down.
    package func confirm(_ findings: RecoveryFindings, by person: String) async throws {
        var entries = findings.objects.map(JournalEntry.owned)
        entries += findings.pins.map { .pinned($0.key, $0.pin) }
        entries += placements(of: findings.objects)
        entries.append(.recovered(objects: findings.objects.count, by: person))
        try await parts.journal.append(entries, at: parts.clock.now())
    }

    /// Where each stack is: on the node that has most of its containers.
    private func placements(of objects: [OwnedObject]) -> [JournalEntry] {
        guard parts.nodes.count > 1 || parts.nodes[NodeName.main] == nil else { return [] }
        let stacks = Dictionary(grouping: objects, by: \.stack).sorted { $0.key < $1.key }
        return stacks.compactMap { stack, objects in
            let nodes = Dictionary(grouping: objects, by: \.node).mapValues { objects in
                objects.count { $0.kind == .container }
            }
            let best = nodes.max { ($0.value, $1.key) < ($1.value, $0.key) }
            return best.map { .placed(stack, node: $0.key) }
        }
    }
}

extension OwnedObject {
    /// What labels say of something on a node; nil where they name no stack.
    fileprivate init?(found object: NamedObject, on node: String) {
        guard let stack = object.labelledStack else { return nil }
        self.init(
            kind: object.kind,
            id: object.id,
            name: object.name,
            stack: stack,
            claim: nil,
            node: node
        )
    }
}

extension PinKey {
    /// What the labels of a container say; nil where they say less.
    fileprivate init?(of container: ObservedContainer) {
        guard let stack = NamedObject(container).labelledStack,
            let service = container.labels[Labels.service],
            let spec = container.labels[Labels.spec]
        else { return nil }
        self.init(stack: stack, service: service, spec: spec)
    }
}
