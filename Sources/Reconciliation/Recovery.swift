internal import Admission
package import OperatorFile
package import Model

/// What bears our labels on the engine while the journal is lost.
package struct RecoveryFindings: Hashable, Codable, Sendable {
    /// Why the journal is not trusted.
    package var reason: String
    package var objects: [OwnedObject]
    package var pins: [RecoveredPin]

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
        let observed = try await parts.engine.observe(
            controller: settings.controller,
            volumes: [""]
        )
        let volumes = observed.volumes?.count ?? 0
        let count = observed.containers.count + observed.networks.count + volumes
        guard count > 0 else { return nil }
        let found = count == 1 ? "one object bears" : "\(count) objects bear"
        return
            "\(lost ?? "the journal is missing"), and on the engine "
            + "\(found) this controller's label"
    }

    /// Everything labelled for this controller and a project that it has.
    package func look(because reason: String) async throws -> RecoveryFindings {
        let observed = try await parts.engine.observe(
            controller: settings.controller,
            volumes: [""]
        )
        var findings = RecoveryFindings(reason: reason, objects: [], pins: [])
        for container in observed.containers {
            guard let stack = stack(of: container.labels) else { continue }
            findings.objects.append(
                OwnedObject(
                    kind: .container,
                    id: container.id,
                    name: container.name,
                    stack: stack,
                    claim: nil
                )
            )
            if let service = container.labels[Labels.service],
                let spec = container.labels[Labels.spec]
            {
                let key = PinKey(stack: stack, service: service, spec: spec)
                findings.pins.append(.init(key: key, pin: try await pin(of: container)))
            }
        }
        for network in observed.networks {
            guard let stack = stack(of: network.labels) else { continue }
            findings.objects.append(
                OwnedObject(
                    kind: .network,
                    id: network.id,
                    name: network.name,
                    stack: stack,
                    claim: nil
                )
            )
        }
        for volume in observed.volumes ?? [] {
            guard let stack = stack(of: volume.labels) else { continue }
            findings.objects.append(
                OwnedObject(
                    kind: .volume,
                    id: volume.name,
                    name: volume.name,
                    stack: stack,
                    claim: nil
                )
            )
        }
        return findings
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

    private func stack(of labels: [String: String]) -> StackID? {
        guard let project = labels[Labels.project], let stack = labels[Labels.stack],
            settings.projects[project] != nil
        else { return nil }
        return try? StackID(project: project, stack: stack)
    }
}
