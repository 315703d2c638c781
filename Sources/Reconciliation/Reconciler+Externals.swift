internal import Admission
internal import Model
internal import Planning

/// What a version needs, doesn't make itself, and doesn't find.
struct UnmetNeeds: Error {
    let findings: [Diagnostic]
}

extension Reconciler {
    /// The engine's ids of the networks that somebody else makes, by name; an error where one of
    /// them, or a volume, is not there or not for this stack.
    ///
    /// Asked for only when something is to be done, and before its first step. What another
    /// project has is refused whatever it is called (law 12), unless it is shared, and is told
    /// like what isn't there.
    func externalNetworks(of desired: Desired) async throws -> [String: String] {
        let stack = desired.admitted.stack
        let networks = stack.networks.filter(\.value.isExternal).map { key, network in
            External(.network, network.name, FieldPath("networks", key))
        }
        let volumes = stack.volumes.filter(\.value.isExternal).map { key, volume in
            External(.volume, volume.name, FieldPath("volumes", key))
        }
        var ids: [String: String] = [:]
        var findings: [Diagnostic] = []
        for wanted in (networks + volumes).sorted(by: { $0.path < $1.path }) {
            let found = try await engine.objects(named: wanted.name, [wanted.kind])
                .filter { $0.name == wanted.name }
            if let finding = finding(of: wanted, among: found, in: stack) {
                findings.append(finding)
            } else if wanted.kind == .network {
                ids[wanted.name] = found.first?.id
            }
        }
        guard findings.isEmpty else { throw UnmetNeeds(findings: findings) }
        return ids
    }

    private func finding(
        of wanted: External,
        among found: [NamedObject],
        in stack: Stack
    ) -> Diagnostic? {
        let kind = wanted.kind.rawValue
        guard let object = found.first, !found.contains(where: isForbidden) else {
            return wanted.finding(
                "external-missing",
                "\(kind) \(wanted.name) is external, and there is none that this project may use",
                fix: "docker \(kind) create \(wanted.name), or have it shared with the project",
                in: stack
            )
        }
        guard found.count == 1 else {
            return wanted.finding(
                "external-missing",
                "\(found.count) networks are called \(wanted.name), so that the name means none",
                fix: "docker network rm, with their ids, all but one of them",
                in: stack
            )
        }
        return tenant.objection(toExternal: object, for: id, at: clock.now()).map { objection in
            wanted.finding(
                "external-driver",
                "\(kind) \(wanted.name) is not for this stack: \(objection)",
                fix: "make it without driver and options, or ask the operator to share it",
                in: stack
            )
        }
    }

    /// Whether it belongs to another project, by the journal or by its labels, and isn't shared.
    private func isForbidden(_ object: NamedObject) -> Bool {
        guard !tenant.grants.shared.contains(object.name) else { return false }
        let owner = journal.state().owner(of: object.id, on: node.name)?.project
        return [owner, object.labels[Labels.project]].contains { $0 != nil && $0 != id.project }
    }
}

/// A network or volume that somebody else makes, and where the file declares it.
private struct External {
    let kind: OwnedObject.Kind
    let name: String
    let path: FieldPath

    init(_ kind: OwnedObject.Kind, _ name: String, _ path: FieldPath) {
        self.kind = kind
        self.name = name
        self.path = path
    }

    func finding(
        _ code: String,
        _ message: String,
        fix: String,
        in stack: Stack
    ) -> Diagnostic {
        let place = path / "external"
        return Diagnostic(
            code: code,
            message,
            at: stack.places.location(of: place),
            field: place,
            fix: fix
        )
    }
}
