internal import Admission
internal import Model
internal import Planning

/// What a version needs, doesn't make itself, and doesn't find.
struct UnmetNeeds: Error {
    let findings: [Diagnostic]
}

extension Reconciler {
    /// The engine's ids of what somebody else makes; an error where something of it is not there
    /// or not for this stack.
    ///
    /// Asked for only when something is to be done, and before its first step: neither an engine
    /// nor a Swarm lets go of a network, config or secret that something uses. What another
    /// project has is refused whatever it is called (law 12), unless it is shared, and is told
    /// like what isn't there.
    func externals(of desired: Desired) async throws -> ExternalIDs {
        let stack = desired.admitted.stack
        let networks = stack.networks.filter(\.value.isExternal).map { key, network in
            External(.network, network.name, FieldPath("networks", key))
        }
        let volumes = stack.volumes.filter(\.value.isExternal).map { key, volume in
            External(.volume, volume.name, FieldPath("volumes", key))
        }
        let files = node.swarm == nil ? [] : externalFiles(of: stack)
        var ids = ExternalIDs()
        var findings: [Diagnostic] = []
        for wanted in (networks + volumes + files).sorted(by: { $0.path < $1.path }) {
            let found = try await engine.objects(named: wanted.name, [wanted.kind])
                .filter { $0.name == wanted.name }
            if let finding = finding(of: wanted, among: found, in: stack) {
                findings.append(finding)
            } else if wanted.kind != .volume {
                ids[wanted.kind, wanted.name] = found.first?.id
            }
        }
        guard findings.isEmpty else { throw UnmetNeeds(findings: findings) }
        return ids
    }

    private func externalFiles(of stack: Stack) -> [External] {
        let sections: [(OwnedObject.Kind, String, [String: Stack.StoredFile])] = [
            (.config, "configs", stack.configs), (.secret, "secrets", stack.secrets),
        ]
        return sections.flatMap { kind, section, files in
            files.filter { $1.origin == .external }.map { key, file in
                External(kind, file.name, FieldPath(section, key))
            }
        }
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
                fix: "docker \(kind) create \(arguments(of: wanted)), or have it shared with the "
                    + "project",
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

    /// What the command that makes one takes.
    private func arguments(of wanted: External) -> String {
        switch wanted.kind {
        case .config, .secret: "\(wanted.name) FILE"
        case .network where node.swarm != nil: "-d overlay \(wanted.name)"
        default: wanted.name
        }
    }

    /// Whether it belongs to another project, by the journal or by its labels, and isn't shared.
    ///
    /// What Gyre itself keeps in a Swarm is nobody's to use: contents come and go with the stack
    /// that mounts them, and records are its own.
    private func isForbidden(_ object: NamedObject) -> Bool {
        let owner = journal.state().owner(of: object.id, on: node.name)?.project
        if [.config, .secret].contains(object.kind) {
            return owner != nil || object.labels.keys.contains { $0.hasPrefix(Labels.prefix) }
        }
        guard !tenant.grants.shared.contains(object.name) else { return false }
        return [owner, object.labels[Labels.project]].contains { $0 != nil && $0 != id.project }
    }
}

/// Something that somebody else makes, and where the file declares it.
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
