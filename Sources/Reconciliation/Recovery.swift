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
    package func reasonToFreeze(lost: String?) async throws -> String? {
        let observed = try await observe()
        let count = observed.named.count
        guard count > 0 else { return nil }
        let found = count == 1 ? "one object bears" : "\(count) objects bear"
        return
            "\(lost ?? "the journal is missing"), and on the engine "
            + "\(found) this controller's label"
    }

    /// Everything labelled for this controller; `names` are those of doubtful objects that a
    /// person takes for ours all the same.
    package func look(
        because reason: String,
        taking names: Set<String> = []
    ) async throws -> RecoveryFindings {
        let observed = try await observe()
        let all = observed.named
        var findings = RecoveryFindings(reason: reason, objects: [], pins: [])
        findings.doubts = DoubtfulObject.among(all).filter { !names.contains($0.name) }
        try refuseWrong(names, all)
        let doubtful = Set(findings.doubts.map(\.id))
        for object in all where !doubtful.contains(object.id) {
            guard let stack = object.labelledStack else { continue }
            findings.objects.append(
                OwnedObject(
                    kind: object.kind,
                    id: object.id,
                    name: object.name,
                    stack: stack,
                    claim: nil
                )
            )
        }
        let taken = Set(findings.objects.map(\.id))
        for container in observed.containers where taken.contains(container.id) {
            guard let stack = NamedObject(container).labelledStack,
                let service = container.labels[Labels.service],
                let spec = container.labels[Labels.spec]
            else { continue }
            let key = PinKey(stack: stack, service: service, spec: spec)
            findings.pins.append(.init(key: key, pin: try await pin(of: container)))
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

    private func observe() async throws -> Observation {
        try await parts.engine.observe(controller: settings.controller, volumes: [""])
    }

    /// The image of a container under the name that it was created from.
    ///
    /// An image that no registry has was named by its id; ``Reconciler/resolve(_:at:)`` finds the
    /// name that the file has for it.
    private func pin(of container: ObservedContainer) async throws -> ImagePin {
        let inspected = try await parts.engine.inspect(container.id)
        let name = inspected?.details?.image ?? ""
        let reference = name.isEmpty ? container.imageID : name
        let known = try await parts.engine.image(reference)
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
        entries.append(.recovered(objects: findings.objects.count, by: person))
        try await parts.journal.append(entries, at: parts.clock.now())
    }
}
